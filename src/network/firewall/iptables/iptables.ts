import { unavailable } from "../../../base/errors.ts";
import type { Firewall, FirewallChange, FirewallSettings, RuleCount } from "../firewall.ts";
import { isInstalled } from "../process.ts";
import type { Flavour } from "./flavour.ts";
import { RuleSet } from "./rule-set.ts";
import { baseRules, type Family, portRules, type Rule, ruleLine, stateRules } from "./rules.ts";

/** Throws unavailable when iptables, or one flavour of it, is not installed. */
export function requireIptables(path?: string, program = "iptables-restore"): void {
  if (isInstalled(program, path)) return;
  throw unavailable(
    `${program} was not found: install the package iptables, start with --firewall-backend=nftables, or with --iptables=false (the engine itself then passes connections on)`,
  );
}

/** "[12:720] -A DOCKER ..." of a table -> its counters by the rule's text. */
function countersOf(text: string): ReadonlyMap<string, Omit<RuleCount, "rule">> {
  const counters = new Map<string, Omit<RuleCount, "rule">>();
  let table = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    const [, packets, bytes, rule] = /^\[(\d+):(\d+)\] (-A .*)$/.exec(line) ?? [];
    if (rule) counters.set(`${table} ${rule}`, { packets: Number(packets), bytes: Number(bytes) });
  }
  return counters;
}

/** Rules through iptables-restore: one process a change. Of the flavour that the host calls so, or a certain one. */
export function iptablesFirewall(
  { ipv6, closed, loopback, others }: FirewallSettings,
  flavour: Flavour = "",
): Firewall {
  const suffix = flavour === "" ? "" : `-${flavour}`;
  requireIptables(undefined, `iptables${suffix}-restore`);
  const settings = (family: Family) => ({
    loopback,
    others,
    forwardPolicy: () => (closed(family) ? ("DROP" as const) : undefined),
  });
  const sets: readonly (readonly [RuleSet, Family])[] = [
    [new RuleSet(4, `iptables${suffix}`, settings(4)), 4],
    [new RuleSet(6, `ip6tables${suffix}`, settings(6)), 6],
  ];
  const [[v4], [v6]] = sets as readonly [readonly [RuleSet, Family], readonly [RuleSet, Family]];
  v4.readAhead();
  const wants6 = ({ networks = [] }: FirewallChange) =>
    ipv6 && networks.some(({ subnet6 }) => subnet6 !== undefined);
  const everywhere = async (change: (set: RuleSet, family: Family) => Promise<void>) => {
    await Promise.all(sets.filter(([set]) => set.opened).map(([set, family]) => change(set, family)));
  };

  return {
    name: "iptables",
    async synchronize(state) {
      await Promise.all([v4.synchronize(state), wants6(state) ? v6.synchronize(state) : undefined]);
    },
    async add(change) {
      if (wants6(change)) await v6.open();
      await everywhere((set, family) => set.apply([], stateRules(change, family)));
    },
    remove: (change) => everywhere((set, family) => set.apply(stateRules(change, family), [])),
    async clear(state, wasClosed) {
      await Promise.all(sets.map(([set, family]) => set.clear(state, wasClosed(family))));
    },
    async restore(strict = false) {
      const restored = await Promise.all(sets.map(([set]) => (set.opened ? set.restore(strict) : false)));
      return restored.includes(true);
    },
    async counters(port) {
      const family = port.containerIp.includes(":") ? 6 : 4;
      const counted = countersOf(await (family === 6 ? v6 : v4).counted());
      const jumps = baseRules(family, loopback).filter(({ table }) => table === "nat");
      const textOf = (rule: Rule) => `${rule.table} ${ruleLine("-A", rule)}`;
      return [...jumps, ...portRules(port, family)].map((rule) => ({
        rule: `-t ${textOf(rule)}`,
        ...(counted.get(textOf(rule)) ?? { packets: 0, bytes: 0 }),
      }));
    },
  };
}
