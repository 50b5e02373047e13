import { isWildcard } from "../../model/names.ts";
import type { FirewallChange, FirewallNetwork, LinkedPort, PublishedPort } from "../firewall.ts";

export type Family = 4 | 6;
export type Table = "mangle" | "nat" | "filter";
export const TABLES: readonly Table[] = ["mangle", "nat", "filter"];

/**
 * One rule, its text in the very form in which iptables-save prints it, so that rules can be compared as text.
 * `first`: it goes to the top of its chain when added alone.
 */
export interface Rule {
  readonly table: Table;
  readonly chain: string;
  readonly match: string;
  readonly first?: boolean;
}

/** Chains of the engine's own: flushed and filled by `synchronize`. */
export const OWN_CHAINS: Readonly<Record<Table, readonly string[]>> = {
  mangle: [],
  nat: ["DOCKER"],
  filter: [
    "DOCKER",
    "DOCKER-BRIDGE",
    "DOCKER-CT",
    "DOCKER-FORWARD",
    "DOCKER-ISOLATION-STAGE-1",
    "DOCKER-ISOLATION-STAGE-2",
  ],
};

/** The administrator's chain: made when missing, never flushed. */
export const USER_CHAIN = "DOCKER-USER";

const filter = (chain: string, match: string, first = false): Rule => ({
  table: "filter",
  chain,
  match,
  first,
});
const nat = (chain: string, match: string): Rule => ({ table: "nat", chain, match });

/** A port published on 127.0.0.1 is rewritten before the kernel would refuse such a packet from outside. */
function guard(family: Family): Rule {
  const destination = family === 4 ? "127.0.0.0/8" : "::1/128";
  return { table: "mangle", chain: "PREROUTING", match: `-d ${destination} ! -i lo -j DROP`, first: true };
}

/** Rules that do not depend on any network. Those for built-in chains come in the order in which they must stand. */
export function baseRules(family: Family, loopback: boolean): readonly Rule[] {
  // IPv6 has no route_localnet: connections to ::1 cannot be rewritten and are passed on by the engine.
  const spared = family === 6 ? "! -d ::1/128 " : loopback ? "" : "! -d 127.0.0.0/8 ";
  // Nor can a container answer a link-local address of another link.
  const near = family === 6 ? "! -s fe80::/10 " : "";
  return [
    guard(family),
    nat("PREROUTING", `${near}-m addrtype --dst-type LOCAL -j DOCKER`),
    nat("OUTPUT", `${near}${spared}-m addrtype --dst-type LOCAL -j DOCKER`),
    filter("FORWARD", "-j DOCKER-FORWARD", true),
    filter("FORWARD", `-j ${USER_CHAIN}`, true),
    filter("DOCKER-FORWARD", "-j DOCKER-CT"),
    filter("DOCKER-FORWARD", "-j DOCKER-ISOLATION-STAGE-1"),
    filter("DOCKER-FORWARD", "-j DOCKER-BRIDGE"),
  ];
}

const modeOf = ({ mode4, mode6 }: FirewallNetwork, family: Family) => (family === 4 ? mode4 : mode6) ?? "nat";

function natRules(network: FirewallNetwork, subnet: string, family: Family): readonly Rule[] {
  const { bridge, masquerade } = network;
  if (modeOf(network, family) === "routed") return [];
  const source = family === 4 ? network.source4 : network.source6;
  const target = source === undefined ? "MASQUERADE" : `SNAT --to-source ${source}`;
  return [
    ...(masquerade ? [nat("POSTROUTING", `-s ${subnet} ! -o ${bridge} -j ${target}`)] : []),
    // No proxy stands in between: a connection to 127.0.0.1 must not reach the container with that source.
    ...(family === 4 ? [nat("POSTROUTING", `-s 127.0.0.0/8 -o ${bridge} -j MASQUERADE`)] : []),
    // A container that calls a port published by its own network: the answer has to come back through the host.
    nat("POSTROUTING", `-s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`),
  ];
}

function isolationRules(network: FirewallNetwork, subnet: string, family: Family): readonly Rule[] {
  const { bridge, internal } = network;
  if (internal) {
    // Neighbours are found by multicast and link-local addresses, which br_netfilter shows to these rules too.
    const [from, to] = family === 4 ? ["", ""] : [`! -i ${bridge} `, `! -o ${bridge} `];
    return [
      filter("DOCKER-ISOLATION-STAGE-1", `! -s ${subnet} ${from}-o ${bridge} -j DROP`),
      filter("DOCKER-ISOLATION-STAGE-1", `! -d ${subnet} -i ${bridge} ${to}-j DROP`),
    ];
  }
  return [
    filter("DOCKER-ISOLATION-STAGE-1", `-i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`),
    // What came by a published port of the host is everybody's to use, also from other networks; so are the open ports of
    // a network that is routed to.
    ...(modeOf(network, family) === "routed"
      ? []
      : [filter("DOCKER-ISOLATION-STAGE-2", `-o ${bridge} -m conntrack ! --ctstate DNAT -j DROP`)]),
  ];
}

/** What is neither an answer nor for a published port. */
function outsideRules(network: FirewallNetwork, family: Family): readonly Rule[] {
  const { bridge } = network;
  const mode = modeOf(network, family);
  const ping = family === 4 ? "icmp" : "ipv6-icmp";
  return [
    ...(mode === "routed" ? [filter("DOCKER", `! -i ${bridge} -o ${bridge} -p ${ping} -j ACCEPT`)] : []),
    filter("DOCKER", `! -i ${bridge} -o ${bridge} -j ${mode === "nat-unprotected" ? "ACCEPT" : "DROP"}`),
  ];
}

/** The rules of one bridge; none for a family it has no subnet of. */
export function networkRules(network: FirewallNetwork, family: Family): readonly Rule[] {
  const subnet = family === 4 ? network.subnet4 : network.subnet6;
  if (subnet === undefined) return [];
  const { bridge, icc, internal } = network;
  if (internal) {
    return [
      ...isolationRules(network, subnet, family),
      filter("DOCKER-FORWARD", `-i ${bridge} -o ${bridge} -j ${icc ? "ACCEPT" : "DROP"}`),
    ];
  }
  return [
    ...natRules(network, subnet, family),
    ...isolationRules(network, subnet, family),
    filter("DOCKER-CT", `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    filter("DOCKER-BRIDGE", `-o ${bridge} -j DOCKER`),
    ...outsideRules(network, family),
    ...(icc
      ? [filter("DOCKER-FORWARD", `-i ${bridge} -j ACCEPT`)]
      : [
          filter("DOCKER-FORWARD", `-i ${bridge} -o ${bridge} -j DROP`),
          filter("DOCKER-FORWARD", `-i ${bridge} ! -o ${bridge} -j ACCEPT`),
        ]),
  ];
}

/**
 * Two rules a port: where it is sent, and that it may pass. Only what came through the host's port passes, and what may be
 * routed to the container directly.
 */
export function portRules(port: PublishedPort, family: Family): readonly Rule[] {
  const { bridge, containerIp, binding, direct = [] } = port;
  if (containerIp.includes(":") !== (family === 6)) return [];
  const { hostIp, hostPort, containerPort, protocol } = binding;
  const length = family === 4 ? 32 : 128;
  const destination = isWildcard(hostIp) ? "" : `-d ${hostIp}/${length} `;
  const target = family === 4 ? containerIp : `[${containerIp}]`;
  const matching = `-p ${protocol} -m ${protocol} --dport`;
  const passing = `-d ${containerIp}/${length} -o ${bridge} ${matching} ${containerPort}`;
  const ways = direct === "everywhere" ? [`! -i ${bridge}`] : direct.map((name) => `-i ${name}`);
  if (hostPort === 0) return [filter("DOCKER", `${passing} -j ACCEPT`, true)];
  return [
    nat(
      "DOCKER",
      `${destination}${matching} ${hostPort} -j DNAT --to-destination ${target}:${containerPort}`,
    ),
    filter("DOCKER", `${passing} -m conntrack --ctstate DNAT -j ACCEPT`, true),
    ...ways.map((way) =>
      filter(
        "DOCKER",
        `-d ${containerIp}/${length} ${way} -o ${bridge} ${matching} ${containerPort} -j ACCEPT`,
        true,
      ),
    ),
  ];
}

/** A link opens one direction; answers pass as those of every connection. */
function linkRules({ bridge, from, to, port, protocol }: LinkedPort, family: Family): readonly Rule[] {
  if (to.includes(":") !== (family === 6)) return [];
  const length = family === 4 ? 32 : 128;
  const match = `-s ${from}/${length} -d ${to}/${length} -i ${bridge} -o ${bridge}`;
  return [filter("DOCKER", `${match} -p ${protocol} -m ${protocol} --dport ${port} -j ACCEPT`, true)];
}

/** Every rule of a change or a state, ports before the networks' own refusals; equal ones as often as they are needed. */
export const stateRules = (
  { networks = [], ports = [], links = [] }: FirewallChange,
  family: Family,
): readonly Rule[] => [
  ...ports.flatMap((port) => portRules(port, family)),
  ...links.flatMap((link) => linkRules(link, family)),
  ...networks.flatMap((network) => networkRules(network, family)),
];

export const ruleLine = (command: "-A" | "-I" | "-D", { chain, match }: Rule): string =>
  `${command} ${chain} ${match}`;
