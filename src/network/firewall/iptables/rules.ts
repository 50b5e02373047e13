import { isWildcard } from "../../model/names.ts";
import type { FirewallNetwork, FirewallState, PublishedPort } from "../firewall.ts";

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

/** Rules that do not depend on any network. Those for built-in chains come in the order in which they must stand. */
export function baseRules(family: Family): readonly Rule[] {
  const loopback: readonly Rule[] =
    family === 4
      ? // A port published on 127.0.0.1 is rewritten before the kernel would refuse such a packet from outside.
        [{ table: "mangle", chain: "PREROUTING", match: "-d 127.0.0.0/8 ! -i lo -j DROP", first: true }]
      : [{ table: "mangle", chain: "PREROUTING", match: "-d ::1/128 ! -i lo -j DROP", first: true }];
  return [
    ...loopback,
    nat("PREROUTING", "-m addrtype --dst-type LOCAL -j DOCKER"),
    // IPv6 has no route_localnet: connections to ::1 cannot be rewritten and are passed on by the engine.
    nat("OUTPUT", `${family === 4 ? "" : "! -d ::1/128 "}-m addrtype --dst-type LOCAL -j DOCKER`),
    filter("FORWARD", "-j DOCKER-FORWARD", true),
    filter("FORWARD", `-j ${USER_CHAIN}`, true),
    filter("DOCKER-FORWARD", "-j DOCKER-CT"),
    filter("DOCKER-FORWARD", "-j DOCKER-ISOLATION-STAGE-1"),
    filter("DOCKER-FORWARD", "-j DOCKER-BRIDGE"),
  ];
}

function natRules(
  { bridge, internal, masquerade }: FirewallNetwork,
  subnet: string,
  family: Family,
): readonly Rule[] {
  if (internal) return [];
  return [
    ...(masquerade ? [nat("POSTROUTING", `-s ${subnet} ! -o ${bridge} -j MASQUERADE`)] : []),
    // No proxy stands in between: a connection to 127.0.0.1 must not reach the container with that source.
    ...(family === 4 ? [nat("POSTROUTING", `-s 127.0.0.0/8 -o ${bridge} -j MASQUERADE`)] : []),
    // A container that calls a port published by its own network: the answer has to come back through the host.
    nat("POSTROUTING", `-s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`),
  ];
}

function isolationRules({ bridge, internal }: FirewallNetwork, subnet: string): readonly Rule[] {
  if (internal) {
    return [
      filter("DOCKER-ISOLATION-STAGE-1", `! -s ${subnet} -o ${bridge} -j DROP`),
      filter("DOCKER-ISOLATION-STAGE-1", `! -d ${subnet} -i ${bridge} -j DROP`),
    ];
  }
  return [
    filter("DOCKER-ISOLATION-STAGE-1", `-i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`),
    // What came by a published port of the host is everybody's to use, also from other networks.
    filter("DOCKER-ISOLATION-STAGE-2", `-o ${bridge} -m conntrack ! --ctstate DNAT -j DROP`),
  ];
}

/** The rules of one bridge; none for a family it has no subnet of. */
export function networkRules(network: FirewallNetwork, family: Family): readonly Rule[] {
  const subnet = family === 4 ? network.subnet4 : network.subnet6;
  if (subnet === undefined) return [];
  const { bridge, icc } = network;
  return [
    ...natRules(network, subnet, family),
    ...isolationRules(network, subnet),
    filter("DOCKER-CT", `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    filter("DOCKER-BRIDGE", `-o ${bridge} -j DOCKER`),
    filter("DOCKER", `! -i ${bridge} -o ${bridge} -j DROP`),
    ...(icc
      ? [filter("DOCKER-FORWARD", `-i ${bridge} -j ACCEPT`)]
      : [
          filter("DOCKER-FORWARD", `-i ${bridge} -o ${bridge} -j DROP`),
          filter("DOCKER-FORWARD", `-i ${bridge} ! -o ${bridge} -j ACCEPT`),
        ]),
  ];
}

/** Two rules a port: where it is sent, and that it may pass. Only what came through the host's port passes. */
export function portRules({ bridge, containerIp, binding }: PublishedPort, family: Family): readonly Rule[] {
  if (containerIp.includes(":") !== (family === 6)) return [];
  const { hostIp, hostPort, containerPort, protocol } = binding;
  const length = family === 4 ? 32 : 128;
  const destination = isWildcard(hostIp) ? "" : `-d ${hostIp}/${length} `;
  const target = family === 4 ? containerIp : `[${containerIp}]`;
  const matching = `-p ${protocol} -m ${protocol} --dport`;
  return [
    nat(
      "DOCKER",
      `${destination}${matching} ${hostPort} -j DNAT --to-destination ${target}:${containerPort}`,
    ),
    filter(
      "DOCKER",
      `-d ${containerIp}/${length} -o ${bridge} ${matching} ${containerPort} -m conntrack --ctstate DNAT -j ACCEPT`,
      true,
    ),
  ];
}

/** Equal rules (one container port behind two host ports) once. */
export const distinct = (rules: readonly Rule[]): readonly Rule[] => [
  ...new Map(rules.map((rule) => [`${rule.table} ${ruleLine("-A", rule)}`, rule])).values(),
];

/** Every rule of a state, ports before the networks' own refusals. */
export function wantedRules({ networks, ports }: FirewallState, family: Family): readonly Rule[] {
  return distinct([
    ...baseRules(family),
    ...ports.flatMap((port) => portRules(port, family)),
    ...networks.flatMap((network) => networkRules(network, family)),
  ]);
}

export const ruleLine = (command: "-A" | "-I" | "-D", { chain, match }: Rule): string =>
  `${command} ${chain} ${match}`;
