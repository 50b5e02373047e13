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

/** Keeps the removals of rules that are there. */
export function presentOnly(batch: Batch, saved: Saved): Batch {
  const keep = (table: Table) => {
    const present = [...saved[table].rules];
    return (batch[table] ?? []).filter((line) => {
      const at = present.indexOf(line.replace(/^-D /, "-A "));
      if (at >= 0) present.splice(at, 1);
      return at >= 0;
    });
  };
  return Object.fromEntries(
    TABLES.map((table) => [table, keep(table)]).filter(([, lines]) => lines!.length > 0),
  );
}

const JUMP = /-j DOCKER(-FORWARD|-USER|-ISOLATION-STAGE-1)?$/;
const MASQUERADE =
  /^-A POSTROUTING (?:-s \S+ )?(?:! )?-o (?<bridge>\S+) .*-j MASQUERADE$|^-A POSTROUTING -s \S+ ! -o (?<out>\S+) -j MASQUERADE$/;
const ENGINE_BRIDGE = /^(docker0|br-[0-9a-f]{12})$/;

/** A rule in a built-in chain that only the engine can have written. */
function isOurs(line: string, bridges: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  if (wanted.has(line)) return true;
  if (!/^-A (PREROUTING|OUTPUT|FORWARD|POSTROUTING) /.test(line)) return false;
  if (JUMP.test(line)) return true;
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

/**
 * Whether the rules that are `ours` among those of a table are the wanted ones in their order already; those that go
 * first stand before everybody else's. A commit costs the kernel 20 ms a table, which a restart need not wait for.
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
    const rulesOfChain = wanted.filter((rule) => rule.chain === chain);
    const first = isOwn.has(chain) ? [] : rulesOfChain.filter((rule) => rule.first).reverse();
    const lines = [...first, ...rulesOfChain.filter((rule) => !first.includes(rule))].map((rule) =>
      ruleLine("-A", rule),
    );
    return (
      chains.has(chain) &&
      sameLines(inChain(ours, chain), lines) &&
      sameLines(inChain(rules, chain).slice(0, first.length), lines.slice(0, first.length))
    );
  });
}

const hasPolicies = ({ chains }: SavedTable, forward: "DROP" | undefined): boolean =>
  chains.has(USER_CHAIN) && (forward === undefined || chains.get("FORWARD") === forward);

/**
 * From what there is to exactly what is wanted, which is nothing to do where that is there already: own chains are flushed and filled, the engine's rules in built-in chains
 * are taken out and put back once, in their order. Everything else stays as it is, rules of another engine's bridges in
 * the common chains too.
 */
export function synchronization(
  saved: Saved,
  wanted: readonly Rule[],
  bridges: ReadonlySet<string>,
  forwardPolicy: "DROP" | undefined,
  others: readonly ForeignBridge[],
): Batch {
  const isForeign = foreignTo(others);
  const table = (name: Table): readonly string[] => {
    const own = new Set(OWN_CHAINS[name]);
    const rules = wanted.filter((rule) => rule.table === name);
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
    return [
      ...(name === "filter" && forwardPolicy ? [`:FORWARD ${forwardPolicy} [0:0]`] : []),
      ...OWN_CHAINS[name].map((chain) => `:${chain} - [0:0]`),
      ...(newUserChain ? [`:${USER_CHAIN} - [0:0]`, `-A ${USER_CHAIN} -j RETURN`] : []),
      ...stale.map((line) => line.replace(/^-A /, "-D ")),
      ...rules.map((rule) => ruleLine(rule.first && !own.has(rule.chain) ? "-I" : "-A", rule)),
      ...kept,
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
