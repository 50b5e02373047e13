import { constants } from "node:os";
import { invalidParameter } from "../../base/errors.ts";

/** SIGRTMIN and SIGRTMAX as glibc programs see them (signal(7)). */
const REALTIME_MIN = 34;
const REALTIME_MAX = 64;
const NUMBERS: Readonly<Record<string, number>> = constants.signals;

function realtime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (!match) return undefined;
  const offset = Number(`${match[2] ?? "+"}${match[3] ?? "0"}`);
  const number = (match[1] === "MIN" ? REALTIME_MIN : REALTIME_MAX) + offset;
  return number >= REALTIME_MIN && number <= REALTIME_MAX ? number : undefined;
}

/** "SIGTERM", "term", "15", "RTMIN+3" to its number. Throws invalidParameter "Invalid signal: x". */
export function parseSignal(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number >= 1 && number <= REALTIME_MAX) return number;
    throw invalidParameter(`Invalid signal: ${text}`);
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = realtime(name) ?? (Object.hasOwn(NUMBERS, `SIG${name}`) ? NUMBERS[`SIG${name}`] : undefined);
  if (number === undefined) throw invalidParameter(`Invalid signal: ${text}`);
  return number;
}
