import { contains, parseCidr, parseIp } from "../../model/ip.ts";
import type { ForeignBridge } from "../firewall.ts";
import { OWN_CHAINS, type Rule, ruleLine, TABLES, type Table, USER_CHAIN } from "./rules.ts";

/** Input of iptables-restore: commands a table. */
export type Batch = Readonly<Partial<Record<Table, readonly string[]>>>;

/** The rules of a host as iptables-save prints them. */
export interface SavedTable {
  readonly chains: ReadonlySet<string>;
  /** "-A CHAIN match" */
  readonly rules: readonly string[];
}
export type Saved = Readonly<Record<Table, SavedTable>>;

export function parseSaved(text: string): Saved {
  const empty = () => ({ chains: new Set<string>(), rules: [] as string[] });
  const tables = { mangle: empty(), nat: empty(), filter: empty() };
  let current: ReturnType<typeof empty> | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) current = tables[line.slice(1) as Table];
    else if (line.startsWith(":")) current?.chains.add(line.slice(1).split(" ", 1)[0]!);
    else if (line.startsWith("-A ")) current?.rules.push(line);
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

/** Rules that ought to be there and are not. */
export function missingFrom(saved: Saved, wanted: readonly Rule[]): readonly Rule[] {
  const present = Object.fromEntries(TABLES.map((table) => [table, new Set(saved[table].rules)]));
  return wanted.filter((rule) => !present[rule.table]?.has(ruleLine("-A", rule)));
}

const JUMP = /-j DOCKER(-FORWARD|-USER|-ISOLATION-STAGE-1)?$/;
const MASQUERADE =
  /^-A POSTROUTING (?:-s \S+ )?(?:! )?-o (?<bridge>\S+) .*-j MASQUERADE$|^-A POSTROUTING -s \S+ ! -o (?<out>\S+) -j MASQUERADE$/;
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

export interface Wanted {
  readonly rules: readonly Rule[];
  /** Bridges whose rules in the built-in chains are the engine's. */
  readonly bridges: ReadonlySet<string>;
  readonly forwardPolicy: "DROP" | undefined;
  readonly others: readonly ForeignBridge[];
}

/** A table's part of a synchronization, taken apart. */
function compare(saved: SavedTable, name: Table, { rules, bridges, others }: Wanted) {
  const own = new Set(OWN_CHAINS[name]);
  const isForeign = foreignTo(others);
  const mine = rules.filter((rule) => rule.table === name);
  const lines = new Set(mine.map((rule) => ruleLine("-A", rule)));
  return {
    // What an own chain begins with comes first, whenever it was asked for.
    wanted: [
      ...mine.filter(({ first, chain }) => first && own.has(chain)),
      ...mine.filter(({ first, chain }) => !(first && own.has(chain))),
    ],
    own,
    /** The engine's in built-in chains, and in its own ones those of others and the rest. */
    stale: saved.rules.filter(
      (line) => !own.has(chainOf(line)) && !isForeign(line) && isOurs(line, bridges, lines),
    ),
    kept: saved.rules.filter((line) => own.has(chainOf(line)) && isForeign(line)),
    inside: saved.rules.filter((line) => own.has(chainOf(line)) && !isForeign(line)),
  };
}

/** Whether nothing has to be done: every wanted rule is there once, in its chain, and no other of the engine's. */
export function isExact(saved: Saved, wanted: Wanted): boolean {
  if (wanted.forwardPolicy !== undefined || !saved.filter.chains.has(USER_CHAIN)) return false;
  return TABLES.every((name) => {
    const { wanted: rules, stale, inside } = compare(saved[name], name, wanted);
    const lines = rules.map((rule) => ruleLine("-A", rule));
    const present = [...stale, ...inside];
    return (
      OWN_CHAINS[name].every((chain) => saved[name].chains.has(chain)) &&
      present.length === lines.length &&
      present.toSorted().join("\n") === lines.toSorted().join("\n")
    );
  });
}

/**
 * From what there is to exactly what is wanted: own chains are flushed and filled, the engine's rules in built-in chains
 * are taken out and put back once, in their order. Everything else stays as it is, rules of another engine's bridges in
 * the common chains too.
 */
export function synchronization(saved: Saved, wanted: Wanted): Batch {
  const table = (name: Table): readonly string[] => {
    const { wanted: rules, own, stale, kept } = compare(saved[name], name, wanted);
    const newUserChain = name === "filter" && !saved.filter.chains.has(USER_CHAIN);
    const policy = name === "filter" ? wanted.forwardPolicy : undefined;
    return [
      ...(policy ? [`:FORWARD ${policy} [0:0]`] : []),
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
