import type { Offer } from "../completion/kinds.ts";
import { readBoolean, readBytes, readCsv, readDuration, readInteger, readUnsigned } from "./values.ts";

/**
 * One flag of a command. Names, short forms and types are docker's, and so is the text of help, so that what people
 * know by heart and what scripts read stays as it is.
 */
export interface Flag<T> {
  /** What help writes for its value; empty for a switch. */
  readonly type: string;
  readonly short: string;
  readonly usage: string;
  readonly initial: T;
  /** As help shows it behind the usage: `(default 5)`. */
  readonly shownDefault?: string;
  /** What it means without a value; only `--flag=value` gives one then. */
  readonly bare?: string;
  /** Understood, but not shown in help. */
  readonly hidden?: boolean;
  /** Said on stderr when it is used. */
  readonly deprecated?: string;
  /** What its value may be, for completion; where these are the only words there are, also for "did you mean". */
  readonly offers?: Offer;
  /** The value after one more use of the flag. Throws an Error that says what is wrong with the word. */
  readonly read: (word: string, before: T) => T;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of flags of any types; `unknown` would refuse them all
export type FlagTable = Readonly<Record<string, Flag<any>>>;

/** Values by flag name. */
export type Values<F extends FlagTable> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

export interface Parsed<F extends FlagTable> {
  readonly values: Values<F>;
  /** Names of the flags that were written. */
  readonly changed: ReadonlySet<string>;
  readonly args: readonly string[];
}

type Extra = Pick<Flag<never>, "hidden" | "deprecated" | "shownDefault">;
type Build<T> = (short: string, usage: string, initial?: T, extra?: Extra) => Flag<T>;

const shown = (text: string): Extra => (text === "" ? {} : { shownDefault: text });

export const bool: Build<boolean> = (short, usage, initial = false, extra = {}) => ({
  type: "",
  short,
  usage,
  initial,
  bare: "true",
  ...shown(initial ? "true" : ""),
  ...extra,
  read: readBoolean,
});

export const text: Build<string> = (short, usage, initial = "", extra = {}) => ({
  type: "string",
  short,
  usage,
  initial,
  ...shown(initial === "" ? "" : JSON.stringify(initial)),
  ...extra,
  read: (word) => word,
});

const number =
  (type: string, read: (word: string) => number): Build<number> =>
  (short, usage, initial = 0, extra = {}) => ({
    type,
    short,
    usage,
    initial,
    ...shown(initial === 0 ? "" : String(initial)),
    ...extra,
    read: (word) => read(word),
  });
export const int = number("int", readInteger);
export const uint = number("uint", readUnsigned);
/** Help shows its zero. */
export const uint16: Build<number> = (short, usage) =>
  number("uint16", (word) => readUnsigned(word, 16))(short, usage, 0, { shownDefault: "0" });
export const bytes = number("bytes", readBytes);
/** Nanoseconds. */
export const duration: Build<number> = (short, usage, initial = 0) =>
  number("duration", readDuration)(short, usage, initial, { shownDefault: "0s" });

/** May be written several times; each word is one value. `check` gives the word as it is kept, or throws. */
export const listOf =
  (check: (word: string) => string, extra: Extra = {}): Build<readonly string[]> =>
  (short, usage, initial = [], more = {}) => ({
    type: "list",
    short,
    usage,
    initial,
    ...extra,
    ...more,
    read: (word, before) => [...before, check(word)],
  });
export const list = listOf((word) => word);

/** May be written several times, and each word may hold several values between commas. */
export const strings: Build<readonly string[]> = (short, usage, initial = [], extra = {}) => ({
  type: "strings",
  short,
  usage,
  initial,
  ...extra,
  read: (word, before) => [...before, ...readCsv(word)],
});

/** Pairs of name and value; a word without `=` has the empty value. */
export const map: Build<Readonly<Record<string, string>>> = (short, usage, initial = {}, extra = {}) => ({
  type: "map",
  short,
  usage,
  initial,
  shownDefault: "map[]",
  ...extra,
  read(word, before) {
    const at = word.indexOf("=");
    return at < 0 ? { ...before, [word]: "" } : { ...before, [word.slice(0, at)]: word.slice(at + 1) };
  },
});

/** The same flag, with what its value may be. */
export const offer = <T>(offers: Offer, flag: Flag<T>): Flag<T> => ({ ...flag, offers });

/** A flag whose word means something of its own. */
export const custom = <T>(
  type: string,
  initial: T,
  read: (word: string, before: T) => T,
  short: string,
  usage: string,
  extra: Extra = {},
): Flag<T> => ({ type, short, usage, initial, ...extra, read });

/** `--filter name=value`, collected under their names. `pairs`: the names there are, and what their values may be. */
export const filters = (
  short: string,
  usage: string,
  pairs: Readonly<Record<string, Offer>>,
): Flag<ReadonlyMap<string, readonly string[]>> =>
  offer({ pairs }, custom("filter", new Map(), readFilter, short, usage));

function readFilter(
  word: string,
  before: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  if (word === "") return before;
  const at = word.indexOf("=");
  if (at < 0) throw new Error("bad format of filter (expected name=value)");
  const name = word.slice(0, at).trim().toLowerCase();
  const value = word.slice(at + 1).trim();
  return new Map(before).set(name, [...(before.get(name) ?? []), value]);
}
