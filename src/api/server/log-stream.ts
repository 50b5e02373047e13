import { frameHeader } from "../schema/multiplex.ts";
import type { LogLine } from "./ports.ts";

export interface LogFormat {
  readonly multiplexed: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

const detailText = (attributes: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(attributes ?? {})
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join(",");

function prefix(line: LogLine, { timestamps, details }: LogFormat): string {
  return `${timestamps ? `${line.time} ` : ""}${details ? `${detailText(line.attributes)} ` : ""}`;
}

/** Log lines as the bytes of an answer: prefixes, then frames unless a TTY's raw output is wanted. */
export async function* renderLogs(lines: AsyncIterable<LogLine>, format: LogFormat): AsyncGenerator<Uint8Array> {
  for await (const line of lines) {
    if (!format[line.stream]) continue;
    const head = Buffer.from(prefix(line, format));
    const length = head.length + line.data.length;
    const parts = format.multiplexed ? [frameHeader(line.stream, length), head, line.data] : [head, line.data];
    yield Buffer.concat(parts);
  }
}
