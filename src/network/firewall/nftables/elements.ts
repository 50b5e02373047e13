import { isWildcard } from "../../model/names.ts";
import type { FirewallChange, FirewallNetwork, LinkedPort, PublishedPort } from "../firewall.ts";
import type { Element, Family } from "./table.ts";

const quoted = (name: string): string => `"${name}"`;

function networkElements(network: FirewallNetwork, family: Family): readonly Element[] {
  const { bridge, internal, masquerade, icc } = network;
  const subnet = family === 4 ? network.subnet4 : network.subnet6;
  if (subnet === undefined) return [];
  const mode = (family === 4 ? network.mode4 : network.mode6) ?? "nat";
  const name = quoted(bridge);
  const inside: readonly Element[] = icc ? [{ place: "inside", key: `${name} . ${name}` }] : [];
  if (internal) return [...inside, { place: "internal", key: name }];
  const source = family === 4 ? network.source4 : network.source6;
  const taken: Element =
    source === undefined
      ? { place: "masqueraded", key: subnet }
      : { place: "sources", key: subnet, to: source };
  const subnets: Element = { place: "subnets", key: `${subnet} . ${name}` };
  return [
    ...inside,
    { place: "bridges", key: name },
    ...(mode === "routed" ? [{ place: "routed", key: name } as const] : [subnets]),
    ...(mode === "nat-unprotected" ? [{ place: "unprotected", key: name } as const] : []),
    ...(masquerade && mode !== "routed" ? [taken] : []),
  ];
}

/** The lookups a packet to this port meets: where it is sent, and that it may pass. */
export function portElements(port: PublishedPort, family: Family): readonly Element[] {
  const { containerIp, binding, direct = [] } = port;
  if (containerIp.includes(":") !== (family === 6)) return [];
  const { hostIp, hostPort, containerPort, protocol } = binding;
  const key = `${containerIp} . ${protocol} . ${containerPort}`;
  const opened: Element = { place: "opened", key };
  if (hostPort === 0) return [opened];
  const to = `${containerIp} . ${containerPort}`;
  const sent: Element = isWildcard(hostIp)
    ? { place: "published_any", key: `${protocol} . ${hostPort}`, to }
    : { place: "published", key: `${hostIp} . ${protocol} . ${hostPort}`, to };
  const ways: readonly Element[] =
    direct === "everywhere"
      ? [{ place: "direct", key }]
      : direct.map((name) => ({ place: "trusted", key: `${quoted(name)} . ${key}` }));
  return [sent, opened, ...ways];
}

function linkElements({ from, to, port, protocol }: LinkedPort, family: Family): readonly Element[] {
  if (to.includes(":") !== (family === 6)) return [];
  return [{ place: "linked", key: `${from} . ${to} . ${protocol} . ${port}` }];
}

/** All that a change or a state puts into the table's sets. */
export const elementsOf = (
  { networks = [], ports = [], links = [] }: FirewallChange,
  family: Family,
): readonly Element[] => [
  ...networks.flatMap((network) => networkElements(network, family)),
  ...ports.flatMap((port) => portElements(port, family)),
  ...links.flatMap((link) => linkElements(link, family)),
];
