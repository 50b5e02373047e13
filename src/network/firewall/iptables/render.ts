import { contains, parseCidr, parseIp } from "../../model/ip.ts";
import type { ForeignBridge } from "../firewall.ts";
import { OWN_CHAINS, type Rule, ruleLine, TABLES, type Table, USER_CHAIN } from "./rules.ts";

/** Input of iptables-restore: commands a table. */
export type Batch = Readonly<Partial<Record<Table, readonly string[]>>>;

/** The rules of a host as iptables-save prints them. */
export interface SavedTable {
  /** Each with its policy; "-" when it is not a built-in one. */
  readonly chains: ReadonlyMap<string, string>;
  /** "-A CHAIN match" */
  readonly rules: readonly string[];
}
export type Saved = Readonly<Record<Table, SavedTable>>;

export function parseSaved(text: string): Saved {
  const empty = () => ({ chains: new Map<string, string>(), rules: [] as string[] });
  const tables = { mangle: empty(), nat: empty(), filter: empty() };
  let current: ReturnType<typeof empty> | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) current = tables[line.slice(1) as Table];
    else if (line.startsWith(":")) {
      const [chain = "", policy = ""] = line.slice(1).split(" ", 2);
      current?.chains.set(chain, policy);
    } else if (line.startsWith("-A ")) current?.rules.push(line);
  }
  return tables;
}

function byTable(rules: readonly Rule[], line: (rule: Rule) => string): Batch {
  const batch: Partial<Record<Table, string[]>> = {};
  for (const rule of rules) {
    const lines = batch[rule.table] ?? [];
    batch[rule.table] = lines;
    lines.push(line(rule));
  }
  return batch;
}

export const additions = (rules: readonly Rule[]): Batch =>
  byTable(rules, (rule) => ruleLine(rule.first ? "-I" : "-A", rule));

export const removals = (rules: readonly Rule[]): Batch => byTable(rules, (rule) => ruleLine("-D", rule));

/** Rules that ought to be there and are not. */
export function missingFrom(saved: Saved, wanted: readonly Rule[]): readonly Rule[] {
  const present = Object.fromEntries(TABLES.map((table) => [table, new Set(saved[table].rules)]));
  return wanted.filter((rule) => !present[rule.table]?.has(ruleLine("-A", rule)));
}

const JUMP = /-j DOCKER(-FORWARD|-USER|-ISOLATION-STAGE-1)?$/;
const MASQUERADE =
  /^-A POSTROUTING (?:-s \S+ )?(?:! )?-o (?<bridge>\S+) .*-j MASQUERADE$|^-A POSTROUTING -s \S+ ! -o (?<out>\S+) -j (?:MASQUERADE|SNAT --to-source \S+)$/;
const GUARD = /^-A PREROUTING -d (127\.0\.0\.0\/8|::1\/128) ! -i lo -j DROP$/;
const ENGINE_BRIDGE = /^(docker0|br-[0-9a-f]{12})$/;

/** A rule in a built-in chain that only the engine can have written. */
function isOurs(line: string, bridges: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  if (wanted.has(line)) return true;
  if (!/^-A (PREROUTING|OUTPUT|FORWARD|POSTROUTING) /.test(line)) return false;
  if (JUMP.test(line) || GUARD.test(line)) return true;
  const groups = MASQUERADE.exec(line)?.groups;
  const bridge = groups?.["bridge"] ?? groups?.["out"];
  return bridge !== undefined && (bridges.has(bridge) || ENGINE_BRIDGE.test(bridge));
}

/** Tells the rules of bridges that are not ours: by the interfaces they name, else by the address they lead to. */
export function foreignTo(others: readonly ForeignBridge[]): (line: string) => boolean {
  const bridges = new Set(others.map(({ bridge }) => bridge));
  const subnets = others.flatMap((other) => other.subnets.flatMap((subnet) => parseCidr(subnet) ?? []));
  return (line) => {
    const interfaces = [...line.matchAll(/ -[io] (\S+)/g)].map(([, name]) => name ?? "");
    if (interfaces.length > 0) return interfaces.some((name) => bridges.has(name));
    const target = /--to-destination \[?([0-9a-f.:]+?)\]?:\d+$/.exec(line)?.[1];
    const ip = target === undefined ? undefined : parseIp(target);
    return ip !== undefined && subnets.some((subnet) => contains(subnet, ip));
  };
}

const chainOf = (line: string): string => line.split(" ", 2)[1] ?? "";
const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, i) => line === b[i]);
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  sameLines(a.toSorted(), b.toSorted());

export interface Wanted {
  readonly rules: readonly Rule[];
  /** Bridges whose rules in the built-in chains are the engine's. */
  readonly bridges: ReadonlySet<string>;
  readonly forwardPolicy: "DROP" | undefined;
  readonly others: readonly ForeignBridge[];
}

/** Rules of a chain in the order in which they have to stand: those that go first, then the rest. */
function inOrder(
  rules: readonly Rule[],
  own: boolean,
): readonly [first: readonly string[], rest: readonly string[]] {
  const first = rules.filter((rule) => rule.first);
  const lines = (list: readonly Rule[]) => list.map((rule) => ruleLine("-A", rule));
  return [lines(own ? first : first.toReversed()), lines(rules.filter((rule) => !rule.first))];
}

/**
 * Whether the rules that are `ours` among those of a table are the wanted ones already; those that go first stand before
 * everybody else's. In the engine's own chains ports and networks may have come in another order. A commit costs the
 * kernel 20 ms a table, which a restart need not wait for.
 */
function isInPlace(
  { chains, rules }: SavedTable,
  ours: readonly string[],
  wanted: readonly Rule[],
  own: readonly string[],
): boolean {
  const isOwn = new Set(own);
  const inChain = (lines: readonly string[], chain: string) =>
    lines.filter((line) => chainOf(line) === chain);
  return [...new Set([...own, ...wanted.map(({ chain }) => chain), ...ours.map(chainOf)])].every((chain) => {
    if (!chains.has(chain)) return false;
    const ordered = !isOwn.has(chain) || chain === "DOCKER-FORWARD";
    const [first, rest] = inOrder(
      wanted.filter((rule) => rule.chain === chain),
      isOwn.has(chain),
    );
    const same = ordered ? sameLines : sameSet;
    const present = inChain(ours, chain);
    return (
      same(present.slice(0, first.length), first) &&
      same(present.slice(first.length), rest) &&
      (isOwn.has(chain) || sameLines(inChain(rules, chain).slice(0, first.length), first))
    );
  });
}

const hasPolicies = ({ chains }: SavedTable, forward: "DROP" | undefined): boolean =>
  chains.has(USER_CHAIN) && (forward === undefined || chains.get("FORWARD") === forward);

/**
 * From what there is to exactly what is wanted, which is nothing to do where that is there already: own chains are
 * flushed and filled, the engine's rules in built-in chains are taken out and put back once, in their order. Everything
 * else stays as it is, rules of another engine's bridges in the common chains too.
 */
export function synchronization(saved: Saved, { rules: all, bridges, forwardPolicy, others }: Wanted): Batch {
  const isForeign = foreignTo(others);
  const table = (name: Table): readonly string[] => {
    const own = new Set(OWN_CHAINS[name]);
    const rules = all.filter((rule) => rule.table === name);
    const lines = new Set(rules.map((rule) => ruleLine("-A", rule)));
    const stale = saved[name].rules.filter(
      (line) => !own.has(chainOf(line)) && !isForeign(line) && isOurs(line, bridges, lines),
    );
    const inOwn = saved[name].rules.filter((line) => own.has(chainOf(line)));
    const kept = inOwn.filter(isForeign);
    const ours = [...inOwn.filter((line) => !isForeign(line)), ...stale];
    const settled = name !== "filter" || hasPolicies(saved.filter, forwardPolicy);
    if (settled && isInPlace(saved[name], ours, rules, OWN_CHAINS[name])) return [];
    const newUserChain = name === "filter" && !saved.filter.chains.has(USER_CHAIN);
    // What an own chain begins with comes first, whenever it was asked for.
    const isEarly = ({ first, chain }: Rule) => first === true && own.has(chain);
    return [
      ...(name === "filter" && forwardPolicy ? [`:FORWARD ${forwardPolicy} [0:0]`] : []),
      ...OWN_CHAINS[name].map((chain) => `:${chain} - [0:0]`),
      ...(newUserChain ? [`:${USER_CHAIN} - [0:0]`, `-A ${USER_CHAIN} -j RETURN`] : []),
      ...stale.map((line) => line.replace(/^-A /, "-D ")),
      ...rules.filter(isEarly).map((rule) => ruleLine("-A", rule)),
      ...rules.filter((rule) => !isEarly(rule)).map((rule) => ruleLine(rule.first ? "-I" : "-A", rule)),
      ...kept,
    ];
  };
  return Object.fromEntries(TABLES.map((name) => [name, table(name)]));
}

/**
 * From what there is to nothing of the engine's. Chains and jumps stay where another engine has rules in them; so does
 * the administrator's chain.
 */
export function clearance(
  saved: Saved,
  { bridges, others, closed }: Pick<Wanted, "bridges" | "others"> & { readonly closed: boolean },
): Batch {
  const isForeign = foreignTo(others);
  const shared = TABLES.some((name) =>
    saved[name].rules.some((line) => OWN_CHAINS[name].includes(chainOf(line)) && isForeign(line)),
  );
  const table = (name: Table): readonly string[] => {
    const { chains, rules } = saved[name];
    const own = OWN_CHAINS[name].filter((chain) => chains.has(chain));
    const ours = rules.filter(
      (line) =>
        !isForeign(line) &&
        (own.includes(chainOf(line)) || isOurs(line, bridges, new Set())) &&
        !(shared && /-j DOCKER/.test(line)),
    );
    const opens = closed && !shared && name === "filter";
    return [
      ...(opens ? [":FORWARD ACCEPT [0:0]"] : []),
      ...ours.map((line) => line.replace(/^-A /, "-D ")),
      ...(shared ? [] : own.map((chain) => `-X ${chain}`)),
    ];
  };
  return Object.fromEntries(TABLES.map((name) => [name, table(name)]));
}

/** Several batches as one, each table's commands in order. */
export const joined = (batches: readonly Batch[]): Batch =>
  Object.fromEntries(
    TABLES.map((table) => [table, batches.flatMap((batch) => batch[table] ?? [])] as const).filter(
      ([, lines]) => lines.length > 0,
    ),
  );

/** The text iptables-restore reads; empty when there is nothing to do. */
export const renderBatch = (batch: Batch): string =>
  TABLES.flatMap((table) => {
    const lines = batch[table] ?? [];
    return lines.length === 0 ? [] : [`*${table}`, ...lines, "COMMIT"];
  })
    .map((line) => `${line}\n`)
    .join("");
