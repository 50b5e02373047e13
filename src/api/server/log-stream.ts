import { HEADER_BYTES, writeFrameHeader } from "../schema/multiplex.ts";
import type { LogLine } from "./ports.ts";

export interface LogFormat {
  readonly multiplexed: boolean;
  readonly timestamps: boolean;
  /** Text before each line, behind its time. ASCII. */
  readonly before: string;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** As Go's url.QueryEscape. */
const queryText = (text: string): string => encodeURIComponent(text).replaceAll("%20", "+");

/** What `details` puts before each line, which is a blank when there is nothing to say. */
export const detailText = (details: Readonly<Record<string, string>> | undefined): string =>
  `${Object.entries(details ?? {})
    .map(([key, value]) => `${queryText(key)}=${queryText(value)}`)
    .join(",")} `;

/** Many lines in one buffer: a log is mostly short lines, and each allocation counts. */
function render(lines: readonly LogLine[], format: LogFormat): Uint8Array {
  const { multiplexed, timestamps, before } = format;
  const head = multiplexed ? HEADER_BYTES : 0;
  const prefixLength = (line: LogLine) => (timestamps ? line.time.length + 1 : 0) + before.length;
  const wanted = lines.filter(({ stream }) => format[stream]);
  const size = wanted.reduce((sum, line) => sum + head + prefixLength(line) + line.data.length, 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const line of wanted) {
    if (multiplexed) writeFrameHeader(bytes, at, line.stream, prefixLength(line) + line.data.length);
    at += head;
    if (timestamps) at += bytes.write(`${line.time} `, at, "latin1");
    if (before !== "") at += bytes.write(before, at, "latin1");
    bytes.set(line.data, at);
    at += line.data.length;
  }
  return bytes;
}

/** Log lines as the bytes of an answer: prefixes, then a frame each unless a TTY's raw output is wanted. */
export async function* renderLogs(
  batches: AsyncIterable<readonly LogLine[]>,
  format: LogFormat,
): AsyncGenerator<Uint8Array> {
  for await (const lines of batches) yield render(lines, format);
}
