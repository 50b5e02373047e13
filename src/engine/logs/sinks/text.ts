import type { LogEntry } from "../../../runtime/index.ts";

/** The line without its line feed. */
export function textOf({ data }: LogEntry): string {
  const end = data.at(-1) === 0x0a ? data.length - 1 : data.length;
  return Buffer.from(data.buffer, data.byteOffset, end).toString("utf8");
}
