import { UsageError } from "../command/failure.ts";
import { nearest } from "../command/nearest.ts";
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
    const shown = Object.keys(state.flags).filter((name) => !state.flags[name]?.hidden);
    const meant = nearest(key, shown);
    throw new UsageError(`unknown flag: --${key}`, meant && `--${meant}`);
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
    const meant = Array.isArray(flag.offers) ? nearest(word, flag.offers) : undefined;
    throw new UsageError(
      `invalid argument ${JSON.stringify(word)} for "${shown}" flag: ${reason}`,
      meant && `--${name} ${meant}`,
    );
  }
  state.changed.add(name);
  if (flag.deprecated !== undefined) state.warn(`Flag --${name} has been deprecated, ${flag.deprecated}`);
}
