export type Family = 4 | 6;

/** The sets and maps whose elements are the engine's state; the chains never change. */
export type Place =
  | "published"
  | "published_any"
  | "opened"
  | "direct"
  | "trusted"
  | "linked"
  | "bridges"
  | "unprotected"
  | "routed"
  | "internal"
  | "inside"
  | "masqueraded"
  | "sources"
  | "subnets";

/** One element of a set or, with `to`, of a map. */
export interface Element {
  readonly place: Place;
  /** In nft's own form: "tcp . 8080". */
  readonly key: string;
  readonly to?: string;
}

export interface TableSettings {
  readonly name: string;
  readonly loopback: boolean;
  /** Nothing else on this host is forwarded between interfaces that are no bridges. */
  readonly closed: boolean;
}

/** Names of nft(8) that differ between the families. */
const words = (family: Family) =>
  family === 4
    ? { table: "ip", ip: "ip", address: "ipv4_addr", loopback: "127.0.0.0/8" }
    : { table: "ip6", ip: "ip6", address: "ipv6_addr", loopback: "::1" };

const setsOf = (address: string): readonly string[] => [
  `map published { type ${address} . inet_proto . inet_service : ${address} . inet_service; counter; }`,
  `map published_any { type inet_proto . inet_service : ${address} . inet_service; counter; }`,
  `set opened { type ${address} . inet_proto . inet_service; counter; }`,
  `set direct { type ${address} . inet_proto . inet_service; counter; }`,
  `set trusted { type ifname . ${address} . inet_proto . inet_service; counter; }`,
  `set linked { type ${address} . ${address} . inet_proto . inet_service; counter; }`,
  "set bridges { type ifname; }",
  "set unprotected { type ifname; }",
  "set routed { type ifname; }",
  "set internal { type ifname; }",
  "set inside { type ifname . ifname; }",
  `set masqueraded { type ${address}; flags interval; }`,
  `map sources { type ${address} : ${address}; flags interval; }`,
  `set subnets { type ${address} . ifname; flags interval; }`,
];

/** Tells which of the two tables it is: they differ in rules, of which a listing gives the number alone. */
export const guardName = (loopback: boolean): string => (loopback ? "guard" : "guard_beside_proxy");

function natChains(family: Family, loopback: boolean): readonly string[] {
  const { ip, loopback: net } = words(family);
  // IPv6 has no route_localnet: connections to ::1 are passed on by the engine.
  const spared = loopback && family === 4 ? "" : `${ip} daddr != ${net} `;
  const hook = (type: string, name: string, priority: string) =>
    `type ${type} hook ${name} priority ${priority}; policy accept;`;
  return [
    // What is published on the loopback is rewritten before the kernel would refuse such a packet from outside.
    `chain ${guardName(loopback)} { ${hook("filter", "prerouting", "mangle")} ${ip} daddr ${net} iifname != "lo" counter drop; }`,
    "chain publish {",
    // A container cannot answer a link-local address of another link: the engine passes these on, too.
    ...(family === 6 ? ["  ip6 saddr fe80::/10 return;"] : []),
    `  dnat ${ip} to ${ip} daddr . meta l4proto . th dport map @published;`,
    `  dnat ${ip} to meta l4proto . th dport map @published_any;`,
    "}",
    `chain prerouting { ${hook("nat", "prerouting", "dstnat")} fib daddr type local counter jump publish; }`,
    `chain output { ${hook("nat", "output", "-100")} ${spared}fib daddr type local counter jump publish; }`,
    `chain postrouting { ${hook("nat", "postrouting", "srcnat")}`,
    ...(loopback && family === 4 ? [`  ${ip} saddr ${net} oifname @bridges counter masquerade;`] : []),
    `  ${ip} saddr . oifname @subnets ct status dnat counter masquerade;`,
    `  ${ip} saddr . oifname @subnets return;`,
    `  snat ${ip} to ${ip} saddr map @sources;`,
    `  ${ip} saddr @masqueraded counter masquerade;`,
    "}",
  ];
}

/**
 * A fixed number of lookups for every packet, however many networks and ports there are. The order is that of the
 * iptables backend: internal networks, answers, published ports, what stays within a bridge, links.
 */
function forwardChain(family: Family, closed: boolean): readonly string[] {
  const { ip } = words(family);
  const ping = family === 4 ? "ip protocol icmp" : "meta l4proto ipv6-icmp";
  return [
    "chain forward { type filter hook forward priority filter; policy accept;",
    "  iifname . oifname @inside counter accept;",
    "  iifname @internal counter drop;",
    "  oifname @internal counter drop;",
    "  oifname @bridges ct state established,related counter accept;",
    `  oifname @bridges ct status dnat ${ip} daddr . meta l4proto . th dport @opened accept;`,
    `  oifname @bridges ${ip} saddr . ${ip} daddr . meta l4proto . th dport @linked accept;`,
    "  iifname @bridges oifname @bridges oifname != @routed counter drop;",
    "  oifname @unprotected counter accept;",
    `  oifname @routed ${ping} accept;`,
    `  oifname @routed ${ip} daddr . meta l4proto . th dport @opened accept;`,
    `  oifname @bridges ${ip} daddr . meta l4proto . th dport @direct accept;`,
    `  oifname @bridges iifname . ${ip} daddr . meta l4proto . th dport @trusted accept;`,
    "  oifname @bridges counter drop;",
    ...(closed ? ['  meta iifkind != "bridge" meta oifkind != "bridge" counter drop;'] : []),
    "}",
  ];
}

export const tableOf = (family: Family, name: string): string => `${words(family).table} ${name}`;

/** Commands that make the table with its chains and empty sets, in place of one of that name. */
export function tableCommands(family: Family, { name, loopback, closed }: TableSettings): string {
  const table = tableOf(family, name);
  return [
    // A table that is not there cannot be deleted: it is made first.
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...setsOf(words(family).address),
    ...natChains(family, loopback),
    ...forwardChain(family, closed),
    "}",
  ].join("\n");
}

/** "add element ip wharf opened { a, b }": one command a set. */
export function elementCommands(
  verb: "add" | "delete",
  family: Family,
  name: string,
  elements: readonly Element[],
): readonly string[] {
  const byPlace = Map.groupBy(elements, ({ place }) => place);
  const table = tableOf(family, name);
  return [...byPlace].map(([place, list]) => {
    const texts = list.map(({ key, to }) => (to === undefined || verb === "delete" ? key : `${key} : ${to}`));
    return `${verb} element ${table} ${place} { ${texts.join(", ")} }`;
  });
}
