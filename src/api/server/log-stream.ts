import { frameHeader, HEADER_BYTES } from "../schema/multiplex.ts";
import type { LogLine } from "./ports.ts";

export interface LogFormat {
  readonly multiplexed: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** As Go's url.QueryEscape. */
const queryText = (text: string): string => encodeURIComponent(text).replaceAll("%20", "+");

const detailText = (attributes: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(attributes ?? {})
    .map(([key, value]) => `${queryText(key)}=${queryText(value)}`)
    .join(",");

function prefix(line: LogLine, { timestamps, details }: LogFormat): string {
  return `${timestamps ? `${line.time} ` : ""}${details ? `${detailText(line.attributes)} ` : ""}`;
}

/** One line in one buffer: a log is mostly short lines, and each allocation counts. The prefix is ASCII. */
function render(line: LogLine, format: LogFormat): Uint8Array {
  const head = prefix(line, format);
  const length = head.length + line.data.length;
  const start = format.multiplexed ? HEADER_BYTES : 0;
  const bytes = Buffer.allocUnsafe(start + length);
  if (format.multiplexed) bytes.set(frameHeader(line.stream, length));
  if (head !== "") bytes.write(head, start, "latin1");
  bytes.set(line.data, start + head.length);
  return bytes;
}

/** Log lines as the bytes of an answer: prefixes, then frames unless a TTY's raw output is wanted. */
export async function* renderLogs(
  lines: AsyncIterable<LogLine>,
  format: LogFormat,
): AsyncGenerator<Uint8Array> {
  for await (const line of lines) if (format[line.stream]) yield render(line, format);
}
