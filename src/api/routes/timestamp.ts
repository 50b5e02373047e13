import { invalidParameter } from "../../base/errors.ts";
import type { QueryParam } from "./query.ts";

const UNIT_NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const DURATION = /^[+-]?(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/;
const UNIX = /^([+-]?\d{1,12})(?:\.(\d{1,9})\d*)?$/;
const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)?$/;
const WITH_ZONE = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})$/;

/** Nanoseconds of a Go duration such as `1h30m` or `-1.5s`; undefined when it is none. */
export function parseDuration(word: string): bigint | undefined {
  if (!DURATION.test(word)) return undefined;
  let total = 0n;
  for (const [, amount = "0", unit = "s"] of word.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const [whole = "0", fraction = ""] = amount.split(".");
    const scale = UNIT_NANOSECONDS[unit] ?? 0n;
    total += BigInt(whole) * scale + BigInt(Math.trunc(Number(`0.${fraction || "0"}`) * Number(scale)));
  }
  return word.startsWith("-") ? -total : total;
}

/** RFC 3339 with nine digits of fraction, as Go prints it. `nanoseconds` since the epoch. */
export function formatInstant(nanoseconds: bigint): string {
  const seconds =
    nanoseconds >= 0n ? nanoseconds / 1_000_000_000n : (nanoseconds - 999_999_999n) / 1_000_000_000n;
  const rest = nanoseconds - seconds * 1_000_000_000n;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(rest).padStart(9, "0")}Z`;
}

const nanosOf = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n;

/**
 * Nanoseconds since the epoch of what Docker takes as a time: unix seconds with an optional fraction, RFC 3339, the
 * same without zone (then in the engine's own), or a Go duration before `now` (milliseconds). Undefined when none.
 */
export function parseInstant(word: string, now: number): bigint | undefined {
  const unix = UNIX.exec(word);
  if (unix) {
    const fraction = BigInt((unix[2] ?? "").padEnd(9, "0"));
    return BigInt(unix[1] ?? "0") * 1_000_000_000n + (word.startsWith("-") ? -fraction : fraction);
  }
  const duration = parseDuration(word);
  if (duration !== undefined) return nanosOf(now) - duration;
  const zoned = WITH_ZONE.exec(word);
  const plain = zoned ? `${zoned[1]}${zoned[3]}` : LOCAL_TIME.test(word) ? localForm(word) : undefined;
  const milliseconds = plain === undefined ? Number.NaN : Date.parse(plain);
  if (Number.isNaN(milliseconds)) return undefined;
  return nanosOf(milliseconds) + BigInt((zoned?.[2] ?? "").padEnd(9, "0"));
}

/** Date.parse takes a bare date for UTC, and wants minutes. */
function localForm(word: string): string {
  if (!word.includes("T")) return `${word}T00:00:00`;
  return /T\d{2}$/.test(word) ? `${word}:00` : word;
}

function parseWord(word: string | undefined, name: string): string | undefined {
  if (word === undefined || word === "") return undefined;
  const nanoseconds = parseInstant(word, Date.now());
  if (nanoseconds !== undefined) return formatInstant(nanoseconds);
  throw invalidParameter(
    `invalid value ${JSON.stringify(word)} for query parameter ${name}: expected a unix or RFC 3339 time, or a duration`,
  );
}

const format = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);

/** An instant as RFC 3339. `0` is 1970: everything since. */
export const since: QueryParam<string | undefined> = {
  parse: (raw, name) => parseWord(raw[0], name),
  format,
};

/** An instant as RFC 3339. `0` is what clients send for "no limit". */
export const until: QueryParam<string | undefined> = {
  parse: (raw, name) => (raw[0] === "0" ? undefined : parseWord(raw[0], name)),
  format,
};
