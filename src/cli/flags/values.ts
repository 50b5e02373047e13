/** Words of a command line as values. What they throw is said behind `invalid argument "x" for "--flag" flag: `. */

import { quote } from "../template/literals.ts";

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);

export function readBoolean(word: string): boolean {
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  throw new Error(`strconv.ParseBool: parsing ${quote(word)}: invalid syntax`);
}

export function readInteger(word: string, bits = 64): number {
  const value = Number(word.replaceAll("_", ""));
  if (!/^[+-]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|\d[\d_]*)$/.test(word) || !Number.isFinite(value))
    throw new Error(`strconv.ParseInt: parsing ${quote(word)}: invalid syntax`);
  if (Math.abs(value) >= 2 ** (bits - 1))
    throw new Error(`strconv.ParseInt: parsing ${quote(word)}: value out of range`);
  return value;
}

export function readUnsigned(word: string, bits = 64): number {
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(word))
    throw new Error(`strconv.ParseUint: parsing ${quote(word)}: invalid syntax`);
  const value = Number(word);
  if (value >= 2 ** bits) throw new Error(`strconv.ParseUint: parsing ${quote(word)}: value out of range`);
  return value;
}

const POWERS = "kmgtp";

/** Bytes in powers of 1024: `64m`, `1.5GiB`. */
export function readBytes(word: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(word) ?? [];
  if (digits === "" || /^\d+(?:\.\d+)? ?i/i.test(word)) throw new Error(`invalid size: '${word}'`);
  return Math.trunc(Number(digits) * 1024 ** (unit === "" ? 0 : POWERS.indexOf(unit.toLowerCase()) + 1));
}

const UNIT_NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds of a Go duration: `1h30m`, `-1.5s`. */
export function readDuration(word: string): number {
  if (/^[+-]?0$/.test(word)) return 0;
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(word))
    throw new Error(durationError(word));
  let total = 0;
  for (const [, amount = "0", unit = "s"] of word.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_NANOSECONDS[unit] ?? 0);
  }
  return word.startsWith("-") ? -total : total;
}

function durationError(word: string): string {
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)/.exec(word)?.[0];
  if (number === undefined) return `time: invalid duration ${quote(word)}`;
  if (number === word) return `time: missing unit in duration ${quote(word)}`;
  const unit = /^[^\d.]+/.exec(word.slice(number.length))?.[0] ?? "";
  return UNIT_NANOSECONDS[unit] === undefined
    ? `time: unknown unit ${quote(unit)} in duration ${quote(word)}`
    : `time: invalid duration ${quote(word)}`;
}

/** Values of one word between commas, as a line of CSV: `a,"b,c"`. */
export function readCsv(line: string): readonly string[] {
  if (line === "") return [];
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const found = /"((?:[^"]|"")*)"(?=,|$)|([^,]*)/y;
    found.lastIndex = at;
    const [all = "", quoted, plain = ""] = found.exec(line) ?? [];
    if (quoted === undefined && plain.includes('"')) {
      const column = at + plain.indexOf('"') + 1;
      throw new Error(`parse error on line 1, column ${column}: bare " in non-quoted-field`);
    }
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    at += all.length + 1;
    if (at > line.length) return fields;
  }
}
