import { UsageError } from "../command/failure.ts";
import type { Flag, FlagTable, Parsed, Values } from "./flag.ts";

/** `--help` was asked for. */
export class HelpWanted extends Error {}

/** The command line ends where a flag's value is to come. */
export class MissingValue extends UsageError {
  /** Name of the flag. */
  readonly flag: string;

  constructor(written: string, flag: string) {
    super(`flag needs an argument: ${written}`);
    this.flag = flag;
  }
}

interface State {
  readonly flags: FlagTable;
  readonly values: Record<string, unknown>;
  readonly changed: Set<string>;
  readonly warn: (text: string) => void;
}

/**
 * Reads a command line as docker's (pflag) does: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-abc`, `--`.
 * With `interspersed` false the first word that is no flag ends them: what follows belongs to the container.
 * Throws UsageError, or HelpWanted.
 */
export function parseFlags<F extends FlagTable>(
  flags: F,
  words: readonly string[],
  interspersed: boolean,
  warn: (text: string) => void,
): Parsed<F> {
  const values = Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag.initial]));
  const state: State = { flags, values, changed: new Set(), warn };
  const args: string[] = [];
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    if (!word.startsWith("-") || word === "-") {
      args.push(word);
      if (!interspersed) break;
    } else if (word === "--") break;
    else if (word.startsWith("--")) readLong(state, word, rest);
    else readShorts(state, word, rest);
  }
  return { values: values as Values<F>, changed: state.changed, args: [...args, ...rest] };
}

function readLong(state: State, word: string, rest: string[]): void {
  const name = word.slice(2);
  if (name.startsWith("-") || name.startsWith("=")) throw new UsageError(`bad flag syntax: ${word}`);
  const at = name.indexOf("=");
  const key = at < 0 ? name : name.slice(0, at);
  const flag = Object.hasOwn(state.flags, key) ? state.flags[key] : undefined;
  if (flag === undefined) {
    if (key === "help") throw new HelpWanted();
    throw new UsageError(`unknown flag: --${key}`, nearest(key, Object.keys(state.flags)));
  }
  const value = at >= 0 ? name.slice(at + 1) : (flag.bare ?? rest.shift());
  if (value === undefined) throw new MissingValue(`--${key}`, key);
  set(state, key, flag, value);
}

function readShorts(state: State, word: string, rest: string[]): void {
  for (let letters = word.slice(1); letters !== ""; ) letters = readShort(state, letters, rest);
}

/** Reads the first of `letters`; gives those that are still to be read. */
function readShort(state: State, letters: string, rest: string[]): string {
  const letter = letters[0] ?? "";
  const [name, flag] = Object.entries(state.flags).find(([, { short }]) => short === letter) ?? [];
  if (name === undefined || flag === undefined) {
    if (letter !== "h") throw new UsageError(`unknown shorthand flag: '${letter}' in -${letters}`);
    state.warn("Flag shorthand -h has been deprecated, use --help");
    throw new HelpWanted();
  }
  const after = letters.slice(1);
  if (flag.bare !== undefined && !after.startsWith("=")) {
    set(state, name, flag, flag.bare);
    return after;
  }
  const value = after === "" ? rest.shift() : after.replace(/^=/, "");
  if (value === undefined) throw new MissingValue(`'${letter}' in -${letters}`, name);
  set(state, name, flag, value);
  return "";
}

function set(state: State, name: string, flag: Flag<unknown>, word: string): void {
  try {
    state.values[name] = flag.read(word, state.values[name]);
  } catch (error) {
    const shown = flag.short && !flag.deprecated ? `-${flag.short}, --${name}` : `--${name}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`invalid argument ${JSON.stringify(word)} for "${shown}" flag: ${reason}`);
  }
  state.changed.add(name);
  if (flag.deprecated !== undefined) state.warn(`Flag --${name} has been deprecated, ${flag.deprecated}`);
}

/** The name that was probably meant, when one is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const [best] = names
    .map((name) => ({
      name,
      distance: name.startsWith(word) && word.length > 2 ? 0.5 : distance(word, name),
    }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** Letters to add, drop, change or swap to make one word of the other. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(change, (rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, swap));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
