import { invalidParameter } from "../../base/errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy;

/** Nanoseconds of a duration in Go's notation ("1m30s", "500ms", "0"). Throws invalidParameter. */
export function parseDuration(text: string): number {
  if (text === "0") return 0;
  PART.lastIndex = 0;
  let [total, end] = [0, 0];
  for (const match of text.matchAll(PART)) {
    total += Number(match[1]) * (UNITS[match[2]!] ?? 0);
    end = match.index + match[0].length;
  }
  if (end === 0 || end !== text.length) {
    throw invalidParameter(
      `invalid duration ${JSON.stringify(text)}: expected a number with a unit, e.g. 30s or 1m30s`,
    );
  }
  return Math.round(total);
}
