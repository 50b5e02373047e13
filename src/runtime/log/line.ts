import type { StreamName } from "../runtime.ts";

/** One line of the file, as conmon's `k8s-file` driver writes it: `<time> <stdout|stderr> <F|P> <data>`. */
export interface LogLine {
  readonly time: string;
  readonly stream: StreamName;
  /** False ("P") when the program's line goes on in the next one of its stream. */
  readonly complete: boolean;
  /** Without line feed; a view into the buffer that was parsed. */
  readonly data: Uint8Array;
}

const SPACE = 0x20;
const FULL = 0x46;
const PARTIAL = 0x50;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

const isStream = (name: string): name is StreamName => name === "stdout" || name === "stderr";

/** Undefined for what is no log line, such as the rest of one after a full disk. Takes the line without line feed. */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const afterTime = line.indexOf(SPACE);
  const afterStream = line.indexOf(SPACE, afterTime + 1);
  if (afterTime < 0 || afterStream < 0 || line[afterStream + 2] !== SPACE) return undefined;
  const tag = line[afterStream + 1];
  const time = line.toString("latin1", 0, afterTime);
  const stream = line.toString("latin1", afterTime + 1, afterStream);
  if ((tag !== FULL && tag !== PARTIAL) || !isStream(stream) || !TIME.test(time)) return undefined;
  return { time: inUtc(time), stream, complete: tag === FULL, data: line.subarray(afterStream + 3) };
}

function inUtc(time: string): string {
  if (time.endsWith("Z")) return time;
  if (time.endsWith("+00:00")) return `${time.slice(0, -6)}Z`;
  const fraction = /\.\d+/.exec(time)?.[0] ?? "";
  return `${new Date(time.replace(fraction, "")).toISOString().slice(0, 19)}${fraction}Z`;
}

/**
 * A time of RFC 3339 as text that sorts: UTC, nine digits of nanoseconds. Undefined when it is no time.
 */
export function sortableTime(time: string): string | undefined {
  if (!TIME.test(time) || Number.isNaN(Date.parse(time.replace(/\.\d+/, "")))) return undefined;
  const utc = inUtc(time);
  const fraction = /\.(\d+)/.exec(utc)?.[1] ?? "";
  return `${utc.slice(0, 19)}.${fraction.padEnd(9, "0")}Z`;
}
