import type { LogEntry } from "../../../runtime/index.ts";

/** The line without its line feed. */
export function textOf({ data }: LogEntry): string {
  const end = data.at(-1) === 0x0a ? data.length - 1 : data.length;
  return Buffer.from(data.buffer, data.byteOffset, end).toString("utf8");
}

/** Seconds since the epoch with six digits of their fraction, as text: a number would lose them. */
export const secondsOf = (time: string): string => {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "0";
  return `${Math.floor(Date.parse(time.replace(/\.\d+/, "")) / 1000)}.${fraction.slice(0, 6)}`;
};
