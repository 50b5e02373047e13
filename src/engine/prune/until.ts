import { invalidParameter } from "../../base/errors.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "1h30m" in milliseconds, as Go's durations are written. */
function duration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((sum, [, number, unit = "s"]) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
}

/** The moment in `until`, in milliseconds since the epoch: a duration ago, a Unix time or a date. */
export function parseMoment(text: string): number {
  const ago = duration(text);
  if (ago !== undefined) return Date.now() - ago;
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Number.NaN;
  const moment = Number.isNaN(seconds) ? Date.parse(text) : seconds;
  if (Number.isNaN(moment))
    throw invalidParameter(`invalid time: "${text}": give a duration (10m, 1h30m), a date or a Unix time`);
  return moment;
}

/** Undefined without the filter. */
export function untilFilter(values: readonly string[]): number | undefined {
  if (values.length > 1) throw invalidParameter("more than one until filter specified");
  return values[0] === undefined ? undefined : parseMoment(values[0]);
}
