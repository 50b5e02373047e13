import { invalidParameter } from "../../base/errors.ts";

/** One query parameter: how its raw values (none, one, several) become a value, and back. */
export interface QueryParam<T> {
  parse(raw: readonly string[], name: string): T;
  /** Methods, not properties: a table holds parameters of many types. */
  format(value: T): readonly string[];
}

const first = (raw: readonly string[]): string | undefined => raw[0];
const one = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

/** Docker takes everything for true but these. */
const FALSE_WORDS = new Set(["", "0", "no", "false", "none"]);
const isTrue = (word: string): boolean => !FALSE_WORDS.has(word.trim().toLowerCase());

export const text: QueryParam<string | undefined> = {
  parse: (raw) => first(raw) || undefined,
  format: one,
};

/** Given several times, or not at all. */
export const texts: QueryParam<readonly string[]> = {
  parse: (raw) => raw,
  format: (values) => values ?? [],
};

const booleanOr = (absent: boolean): QueryParam<boolean> => ({
  parse(raw) {
    const word = first(raw);
    return word === undefined || word === "" ? absent : isTrue(word);
  },
  format: (value) => (value === undefined ? [] : [value ? "1" : "0"]),
});
export const boolean = booleanOr(false);
export const booleanOrTrue = booleanOr(true);

export const integer: QueryParam<number | undefined> = {
  parse(raw, name) {
    const word = first(raw);
    if (word === undefined || word === "") return undefined;
    if (!/^[+-]?\d{1,15}$/.test(word)) {
      throw invalidParameter(
        `invalid value ${JSON.stringify(word)} for query parameter ${name}: expected an integer`,
      );
    }
    return Number(word);
  },
  format: (value) => one(value === undefined ? undefined : String(value)),
};

const UINT32_MAX = 2 ** 32 - 1;

/** One side of a terminal; it has to be given. `what` is how the refusal calls it. */
export const extent = (what: string): QueryParam<number> => ({
  parse(raw) {
    const word = first(raw) ?? "";
    const refusal = (why: string) => invalidParameter(`invalid ${what} ${JSON.stringify(word)}: ${why}`);
    if (!/^[+-]?\d+$/.test(word)) throw refusal("invalid syntax");
    const value = Number(word);
    if (value < 0 || value > UINT32_MAX) throw refusal("value out of range");
    return value;
  },
  format: (value) => [String(value)],
});

/** A number of lines, or `all`, which is the same as nothing. Docker reads what is no number as `all`. */
export const tail: QueryParam<number | undefined> = {
  parse(raw) {
    const word = first(raw);
    return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
  },
  format: (value) => one(value === undefined ? undefined : String(value)),
};

function parseJson(word: string, name: string): unknown {
  try {
    return JSON.parse(word);
  } catch (cause) {
    throw invalidParameter(`invalid value for query parameter ${name}: it is not JSON`, cause);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === "string";

/** The wanted values of one filter: a list, or the older form, an object of booleans. */
function filterValues(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every(isText)) return value;
  if (isRecord(value)) return Object.keys(value).filter((key) => value[key] === true);
  throw invalidParameter(`invalid filter '${name}': expected a list of strings`);
}

/** Filter name -> wanted values. */
export type FilterValues = ReadonlyMap<string, readonly string[]>;

export const filters: QueryParam<FilterValues> = {
  parse(raw, name) {
    const word = first(raw);
    if (word === undefined || word === "") return new Map();
    const value = parseJson(word, name);
    if (value === null) return new Map();
    if (!isRecord(value)) throw invalidParameter("invalid filter: expected an object of lists");
    return new Map(Object.entries(value).map(([key, wanted]) => [key, filterValues(key, wanted)]));
  },
  format: (value) =>
    value === undefined || value.size === 0 ? [] : [JSON.stringify(Object.fromEntries(value))],
};

/** A platform as API 1.48 and later name it: an OCI platform in JSON. `os` and `architecture` are always there. */
export interface PlatformValue {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

function readPlatform(word: string, name: string): PlatformValue {
  let value: unknown;
  try {
    value = JSON.parse(word);
  } catch (cause) {
    throw invalidParameter(`failed to parse platform: ${name} is not JSON`, cause);
  }
  if (!isRecord(value)) throw invalidParameter(`failed to parse platform: ${name} is not a JSON object`);
  const field = (key: string): string => {
    const text = value[key] ?? "";
    if (!isText(text)) throw invalidParameter(`failed to parse platform: ${key} is not a string`);
    return text;
  };
  const [os, architecture, variant, version] = ["os", "architecture", "variant", "os.version"].map(field) as [
    string,
    string,
    string,
    string,
  ];
  if (os === "" && architecture === "" && (variant !== "" || version !== ""))
    throw invalidParameter("optional platform components provided, but OS and Architecture are missing");
  if (os === "" || architecture === "") throw invalidParameter("both OS and Architecture must be provided");
  return {
    os,
    architecture,
    ...(variant ? { variant } : {}),
    ...(version ? { "os.version": version } : {}),
  };
}

export const platform: QueryParam<PlatformValue | undefined> = {
  parse(raw, name) {
    if (raw.length > 1) throw invalidParameter("multiple platform parameters not supported");
    const word = first(raw);
    return word === undefined || word === "" ? undefined : readPlatform(word, name);
  },
  format: (value) => one(value === undefined ? undefined : JSON.stringify(value)),
};

/** Given several times, each a platform in JSON. */
export const platforms: QueryParam<readonly PlatformValue[]> = {
  parse: (raw, name) => raw.map((word) => readPlatform(word, name)),
  format: (values) => (values ?? []).map((value) => JSON.stringify(value)),
};

/** A JSON object of strings, as `build` takes its arguments and labels. */
export const jsonMap: QueryParam<Readonly<Record<string, string | null>>> = {
  parse(raw, name) {
    const word = first(raw);
    if (word === undefined || word === "") return {};
    const value = parseJson(word, name);
    if (value === null) return {};
    if (!isRecord(value) || !Object.values(value).every((item) => isText(item) || item === null)) {
      throw invalidParameter(`invalid value for query parameter ${name}: expected an object of strings`);
    }
    return value as Readonly<Record<string, string | null>>;
  },
  format: (value) => (value === undefined || Object.keys(value).length === 0 ? [] : [JSON.stringify(value)]),
};

/** A JSON list whose items are checked by the route's handler. */
export const jsonList: QueryParam<readonly unknown[]> = {
  parse(raw, name) {
    const word = first(raw);
    if (word === undefined || word === "") return [];
    const value = parseJson(word, name);
    if (value === null) return [];
    if (!Array.isArray(value))
      throw invalidParameter(`invalid value for query parameter ${name}: expected a list`);
    return value;
  },
  format: (value) => (value === undefined || value.length === 0 ? [] : [JSON.stringify(value)]),
};
