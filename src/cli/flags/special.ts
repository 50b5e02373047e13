import { custom, type Flag } from "./flag.ts";
import { readBytes, readCsv } from "./values.ts";

type Extra = { readonly shownDefault?: string; readonly hidden?: boolean };

/** Flags whose words are read where the command is carried out. */
const words =
  (type: string) =>
  (short: string, usage: string, extra: Extra = {}): Flag<readonly string[]> =>
    custom<readonly string[]>(type, [], (word, before) => [...before, word], short, usage, extra);
export const networks = words("network");

const GPU_KEYS = new Set(["driver", "count", "device", "capabilities", "options"]);
export const gpus = (short: string, usage: string): Flag<readonly string[]> => ({
  ...words("gpu-request")(short, usage),
  read(word, before) {
    for (const field of readCsv(word)) {
      const [key = "", value] = field.split("=");
      if (value !== undefined && !GPU_KEYS.has(key)) throw new Error(`unexpected key '${key}' in '${field}'`);
    }
    return [...before, word];
  },
});

/** `name=soft:hard`; a lone number is both, and a hard limit is needed where the soft one is not it. */
export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

const ULIMITS = new Set(
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
    " ",
  ),
);

function readUlimit(word: string): Ulimit {
  const [name = "", value, ...more] = word.split("=");
  if (value === undefined || more.length > 0) throw new Error(`invalid ulimit argument: ${word}`);
  if (!ULIMITS.has(name)) throw new Error(`invalid ulimit type: ${name}`);
  const limits = value.split(":");
  if (limits.length > 2)
    throw new Error(`too many limit value arguments - ${value}, can only have up to two, \`soft[:hard]\``);
  const numbers = limits.map((limit) => {
    if (!/^[+-]?\d+$/.test(limit))
      throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(limit)}: invalid syntax`);
    return Number(limit);
  });
  const [Soft = 0, Hard = Soft] = numbers;
  if (Hard !== -1 && (Soft === -1 || Soft > Hard))
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`);
  return { Name: name, Soft, Hard };
}

export const ulimits = (short: string, usage: string): Flag<readonly Ulimit[]> =>
  custom<readonly Ulimit[]>(
    "ulimit",
    [],
    (word, before) => {
      const limit = readUlimit(word);
      return [...before.filter(({ Name }) => Name !== limit.Name), limit];
    },
    short,
    usage,
    { shownDefault: "[]" },
  );

const NANO = 9;

/** A number of CPUs in billionths: `1.5` is 1500000000. */
export const decimal = (short: string, usage: string): Flag<number> =>
  custom("decimal", 0, readNanoCpus, short, usage);

function readNanoCpus(word: string): number {
  const [, sign = "", whole = "", fraction = ""] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(word) ?? [];
  if (whole === "" && fraction === "") throw new Error(`failed to parse ${word} as a rational number`);
  if (fraction.replace(/0+$/, "").length > NANO) throw new Error("value is too precise");
  return Number(`${sign}${whole}${fraction.padEnd(NANO, "0").slice(0, NANO)}`);
}

/** `key=value,key=value`, given several times. */
export const pairs = (short: string, usage: string): Flag<Readonly<Record<string, string>>> =>
  custom(
    "stringToString",
    {},
    (word, before) => ({ ...before, ...Object.fromEntries(readCsv(word).map((pair) => splitPair(pair))) }),
    short,
    usage,
    { shownDefault: "[]" },
  );

function splitPair(pair: string): readonly [string, string] {
  const at = pair.indexOf("=");
  if (at < 0) throw new Error(`${pair} must be formatted as key=value`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

/** Bytes, or -1 for no limit. */
export const swapBytes = (short: string, usage: string): Flag<number> =>
  custom("bytes", 0, (word) => (word === "-1" ? -1 : readBytes(word)), short, usage);
