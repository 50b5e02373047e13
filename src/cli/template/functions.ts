import { show, sprint, sprintf } from "./print.ts";
import { isMap, Struct, TypedNil, truth, typeName, type Value } from "./values.ts";

/** A function of a template; what it throws becomes "error calling NAME: …". */
export type Call = (...args: readonly Value[]) => Value;

type Basic = "string" | "number" | "bool" | "other";
const kindOf = (value: Value): Basic =>
  typeof value === "string"
    ? "string"
    : typeof value === "number"
      ? "number"
      : typeof value === "boolean"
        ? "bool"
        : "other";

function isEqual(a: Value, b: Value): boolean {
  const nil = (value: Value) => value === null || value === undefined || value instanceof TypedNil;
  if (nil(a) || nil(b)) return nil(a) && nil(b);
  if (kindOf(a) === "other" || kindOf(b) === "other") throw new Error("non-comparable type");
  if (kindOf(a) !== kindOf(b)) throw new Error("incompatible types for comparison");
  return a === b;
}

function isLess(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string")
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (kindOf(a) !== kindOf(b)) throw new Error("incompatible types for comparison");
  throw new Error("invalid type for comparison");
}

function indexOf(item: Value, ...keys: readonly Value[]): Value {
  let value = item;
  for (const key of keys) value = oneIndex(value, key);
  return value;
}

function oneIndex(value: Value, key: Value): Value {
  if (value === null || value === undefined) throw new Error("index of untyped nil");
  if (value instanceof TypedNil) {
    if (value.of === "map") return "";
    if (value.of === "list" && typeof key === "number") throw new Error(`index out of range: ${key}`);
    throw new Error("index of nil pointer");
  }
  if (Array.isArray(value)) return value[position(key, value.length)];
  if (typeof value === "string") return Buffer.from(value)[position(key, Buffer.byteLength(value))];
  if (!isMap(value)) throw new Error(`can't index item of type ${typeName(value)}`);
  if (typeof key !== "string") throw new Error(`value has type ${typeName(key)}; should be string`);
  if (Object.hasOwn(value, key)) return value[key];
  return zeroLike(value);
}

/** A map of texts gives the empty text for what it has not, any other map no value. */
function zeroLike(map: Readonly<Record<string, Value>>): Value {
  const values = Object.values(map);
  return values.length > 0 && values.every((value) => typeof value === "string") ? "" : undefined;
}

function position(key: Value, length: number): number {
  if (typeof key !== "number" || !Number.isInteger(key))
    throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  if (key < 0 || key >= length) throw new Error(`index out of range: ${key}`);
  return key;
}

function sliceOf(value: Value, ...bounds: readonly Value[]): Value {
  if (value === null || value === undefined) throw new Error("slice of untyped nil");
  if (typeof value !== "string" && !Array.isArray(value))
    throw new Error(`can't slice item of type ${typeName(value)}`);
  const whole = typeof value === "string" ? Buffer.from(value) : value;
  const [from = 0, to = whole.length] = bounds.map((bound) => position(bound, whole.length + 1));
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  const part = whole.slice(from, to);
  return Array.isArray(part) ? part : part.toString();
}

function lengthOf(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof TypedNil && value.of !== "pointer") return 0;
  if (isMap(value)) return Object.keys(value).length;
  throw new Error(
    value === null || value === undefined ? "len of nil pointer" : `len of type ${typeName(value)}`,
  );
}

const HTML: Readonly<Record<string, string>> = {
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\0": "\uFFFD",
};
const JS: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "<": "\\u003C",
  ">": "\\u003E",
  "&": "\\u0026",
  "=": "\\u003D",
};

const plain = (args: readonly Value[]): string => (args.length === 1 ? show(args[0]) : sprint(args));
const escapeJs = (text: string): string =>
  text
    .replace(/[\\'"<>&=]/g, (character) => JS[character] ?? character)
    .replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped
      /[\0-\x1f\x7f]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
    );
const escapeQuery = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");

/** How many arguments a function takes: fewer or more are an error before it is called. */
const ARITY: Readonly<Record<string, number>> = { not: 1, len: 1, ne: 2, lt: 2, le: 2, gt: 2, ge: 2 };
export const arityOf = (name: string): number | undefined => ARITY[name];

/** The functions every template has; `and` and `or` are carried out where arguments are evaluated. */
export const BUILTINS: Readonly<Record<string, Call>> = {
  and: (...args) => args.at(-1),
  or: (...args) => args.at(-1),
  not: (value) => !truth(value),
  eq: (first, ...rest) => {
    if (rest.length === 0) throw new Error("missing argument for comparison");
    return rest.some((value) => isEqual(first, value));
  },
  ne: (a, b) => !isEqual(a, b),
  lt: (a, b) => isLess(a, b),
  le: (a, b) => isLess(a, b) || isEqual(a, b),
  gt: (a, b) => !isLess(a, b) && !isEqual(a, b),
  ge: (a, b) => !isLess(a, b),
  len: lengthOf,
  index: indexOf,
  slice: sliceOf,
  print: (...args) => sprint(args),
  printf: (format, ...args) => sprintf(String(format), args),
  println: (...args) => `${args.map(show).join(" ")}\n`,
  html: (...args) => plain(args).replace(/["'&<>\0]/g, (character) => HTML[character] ?? character),
  js: (...args) => escapeJs(plain(args)),
  urlquery: (...args) => escapeQuery(plain(args)),
  call: () => {
    throw new Error("non-function of type string");
  },
};

const lines = /[\u2028\u2029]/g;
/** A value as Go's encoder writes it on one line; maps come with sorted keys, structs in the order of their fields. */
export const toJson = (value: Value): string =>
  (value instanceof Struct ? value.json : undefined) ??
  (JSON.stringify(value ?? null) ?? "null").replace(
    lines,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );

const titled = (text: string): string =>
  text.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_all, before, letter) => before + letter.toUpperCase());

function joined(list: Value, separator: Value): string {
  if (list instanceof TypedNil) return "";
  if (!Array.isArray(list)) throw new Error(`wrong type for value; expected []string; got ${typeName(list)}`);
  return list.map(show).join(String(separator));
}

function padded(source: Value, before: Value, after: Value): string {
  if (source === "") return "";
  return " ".repeat(Number(before)) + String(source) + " ".repeat(Number(after));
}

/** What docker adds. */
export const DOCKER_FUNCTIONS: Readonly<Record<string, Call>> = {
  json: (value) => toJson(value),
  split: (text, separator) => String(text).split(String(separator)),
  join: joined,
  title: (text) => titled(String(text)),
  lower: (text) => String(text).toLowerCase(),
  upper: (text) => String(text).toUpperCase(),
  pad: padded,
  truncate: (text, length) => String(text).slice(0, Number(length)),
};

/** The same for the line of headers, where each value is a title. */
export const HEADER_FUNCTIONS: Readonly<Record<string, Call>> = {
  ...DOCKER_FUNCTIONS,
  json: (title) => title,
  title: (title) => title,
  lower: (title) => title,
  upper: (title) => title,
  truncate: (title) => title,
  join: (title) => title,
  split: (title) => title,
};
