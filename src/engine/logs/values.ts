import { invalidParameter } from "../../base/errors.ts";
import type { Labels } from "../views.ts";

const UNITS = "bkmgtp";

/** "10m" to bytes; Docker counts log sizes in thousands and buffers in 1024s. */
export function parseBytes(option: string, text: string, base: 1000 | 1024): number {
  const match = /^(\d+(?:\.\d+)?)\s?([bkmgtp])?(?:i?b)?$/i.exec(text.trim());
  if (!match) throw invalidParameter(`invalid size in log opt ${option}: '${text}'`);
  const power = UNITS.indexOf((match[2] ?? "b").toLowerCase());
  const bytes = Math.floor(Number(match[1]) * base ** power);
  if (bytes <= 0) throw invalidParameter(`${option} must be a positive number`);
  return bytes;
}

/** What Go's strconv.ParseBool takes. */
export function parseSwitch(option: string, text: string): boolean {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw invalidParameter(`log opt ${option} is neither true nor false: '${text}'`);
}

export function parseCount(option: string, text: string, least: number, most = 1_000_000): number {
  const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw invalidParameter(`log opt ${option} is no number: '${text}'`);
  if (value < least) throw invalidParameter(`${option} cannot be less than ${least}`);
  if (value > most) throw invalidParameter(`${option} cannot be more than ${most}`);
  return value;
}

/** Reads an option through `parse`, if it is there. */
export function optional<T>(
  options: Labels,
  name: string,
  parse: (option: string, text: string) => T,
): T | undefined {
  const text = options[name];
  return text === undefined || text === "" ? undefined : parse(name, text);
}
