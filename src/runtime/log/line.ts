import type { StreamName } from "../runtime.ts";

/** One line of the file, as conmon's `k8s-file` driver writes it: `<time> <stdout|stderr> <F|P> <data>`. */
export interface LogLine {
  readonly time: string;
  readonly stream: StreamName;
  /** False ("P") when the program's line goes on in the next one of its stream. */
  readonly complete: boolean;
  /** With its line feed when complete; a view into the buffer that was parsed. */
  readonly data: Uint8Array;
}

const LINE_FEED = 0x0a;
const SPACE = 0x20;
const PLUS = 0x2b;
const COLON = 0x3a;
const FULL = 0x46;
const PARTIAL = 0x50;
const LETTER_T = 0x54;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** conmon's times have nanoseconds and, run in UTC, this offset: found by its place, for logs have millions of lines. */
const USUAL_LENGTH = "2026-01-02T03:04:05.123456789+00:00".length;
const OFFSET_LENGTH = "+00:00".length;
const STREAMS: readonly (readonly [StreamName, Buffer])[] = [
  ["stdout", Buffer.from(" stdout ")],
  ["stderr", Buffer.from(" stderr ")],
];
const STREAM_LENGTH = " stdout ".length;

/** What is not conmon's usual form goes the slow way. */
function timeAt(text: Buffer, start: number, end: number): string | undefined {
  const offset = end - OFFSET_LENGTH;
  const isUsual =
    end - start === USUAL_LENGTH &&
    text[start + 10] === LETTER_T &&
    text[start + 13] === COLON &&
    text[offset] === PLUS &&
    text[offset + 1] === 0x30 &&
    text[offset + 2] === 0x30 &&
    text[offset + 4] === 0x30 &&
    text[offset + 5] === 0x30;
  if (isUsual) return `${text.toString("latin1", start, offset)}Z`;
  const time = text.toString("latin1", start, end);
  return TIME.test(time) ? inUtc(time) : undefined;
}

function streamAt(text: Buffer, space: number): StreamName | undefined {
  for (const [name, word] of STREAMS)
    if (text.compare(word, 0, STREAM_LENGTH, space, space + STREAM_LENGTH) === 0) return name;
  return undefined;
}

/**
 * The line from `start` to the line feed at `end` (or the end of the buffer). Undefined for what is no log line, such as
 * the rest of one after a full disk.
 */
export function parseLogLine(text: Buffer, start = 0, end = text.length): LogLine | undefined {
  const space = text.indexOf(SPACE, start);
  const tagAt = space + STREAM_LENGTH;
  if (space < 0 || tagAt + 1 >= end || text[tagAt + 1] !== SPACE) return undefined;
  const tag = text[tagAt];
  const stream = streamAt(text, space);
  const time = timeAt(text, start, space);
  if ((tag !== FULL && tag !== PARTIAL) || !stream || time === undefined) return undefined;
  const complete = tag === FULL;
  return { time, stream, complete, data: text.subarray(tagAt + 2, complete ? end + 1 : end) };
}

/** Calls `found` for each line of a text that ends in a line feed, with where it begins. */
export function eachLine(text: Buffer, found: (start: number, end: number) => void): void {
  let start = 0;
  for (let end = text.indexOf(LINE_FEED); end >= 0; end = text.indexOf(LINE_FEED, start)) {
    found(start, end);
    start = end + 1;
  }
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
