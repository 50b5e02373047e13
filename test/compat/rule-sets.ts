/** What no two engines have in common, and a word for it: bridges, subnets, addresses. */
export type Names = ReadonlyMap<string, string>;

/** Docker 28 has parts of FORWARD in chains of their own; Docker 20.10 has all of it in FORWARD. */
const PARTS_OF_FORWARD: ReadonlySet<string> = new Set(["DOCKER-FORWARD", "DOCKER-CT", "DOCKER-BRIDGE"]);

const TABLES: ReadonlySet<string> = new Set(["nat", "filter"]);

const isJoint = (match: string): boolean => {
  const target = /^-j (\S+)$/.exec(match)?.[1];
  // A chain that ends returns anyhow; a jump to a part of FORWARD is no rule of its own.
  return target === "RETURN" || (target !== undefined && PARTS_OF_FORWARD.has(target));
};

/** Whole words alone: `br-1` is no part of `br-12`, 172.18.0.2 none of 172.18.0.20. */
function renamed(match: string, names: Names): string {
  return match
    .split(" ")
    .map((word) => {
      const [, address = word, rest = ""] = /^([\da-f.]+|\[[\da-f:]+\])(:\d+)$/.exec(word) ?? [];
      return (names.get(address) ?? address) + rest;
    })
    .join(" ");
}

/**
 * The rules that iptables-save printed of nat and filter as "table CHAIN match", sorted, without counters, comments,
 * policies and chain declarations, with the parts of FORWARD joined to it and `names` in place of what differs by chance.
 */
export function normalRules(saved: string, names: Names): readonly string[] {
  const rules: string[] = [];
  let table = "";
  for (const line of saved.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1).trim();
    const [, chain, match] = /^(?:\[\d+:\d+\] )?-A (\S+) (.*?)\s*$/.exec(line) ?? [];
    if (chain === undefined || match === undefined || !TABLES.has(table) || isJoint(match)) continue;
    rules.push(`${table} ${PARTS_OF_FORWARD.has(chain) ? "FORWARD" : chain} ${renamed(match, names)}`);
  }
  return rules.sort();
}

/** A rule that only one of the engines has. */
export interface RuleDifference {
  readonly engine: "ours" | "theirs";
  readonly rule: string;
}

function without(rules: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const rule of others) left.set(rule, (left.get(rule) ?? 0) + 1);
  return rules.filter((rule) => {
    const count = left.get(rule) ?? 0;
    left.set(rule, count - 1);
    return count <= 0;
  });
}

/** What one has more of than the other; a rule that is there twice is not one that is there once. */
export const compareRules = (
  ours: readonly string[],
  theirs: readonly string[],
): readonly RuleDifference[] => [
  ...without(ours, theirs).map((rule) => ({ engine: "ours" as const, rule })),
  ...without(theirs, ours).map((rule) => ({ engine: "theirs" as const, rule })),
];
