import type { FileHandle } from "node:fs/promises";
import type { LogPosition, StreamName } from "../runtime.ts";
import { allNumbers, type LogFiles } from "./files.ts";
import { parseLogLine } from "./line.ts";

/** Where to begin to read so that the last lines come out, and how many lines that begin before them to leave out. */
export interface TailStart extends LogPosition {
  readonly skipLines: number;
}

interface Placed extends LogPosition {
  readonly line: Buffer;
  /** Bytes from here to the end of the log. */
  readonly behind: number;
}

const BLOCK = 64 * 1024;
const LINE_FEED = 0x0a;
/** How far before the lines that were asked for their first parts are looked for. */
const LOOK_BACK = 1024 * 1024;

/** As much of a line as says what it is. */
const HEAD = 128;

/** The beginnings of a file's lines from its end to its beginning, with their offsets. Each is valid until the next. */
async function* linesBackward(
  file: FileHandle,
  size: number,
): AsyncGenerator<{ line: Buffer; offset: number }> {
  const memory = Buffer.allocUnsafeSlow(BLOCK + HEAD);
  let begun = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - BLOCK);
    // Of the line that ends behind the block: bytes long or megabytes, as in a file that was never written out.
    memory.copyWithin(end - start, 0, begun);
    await readFully(file, memory.subarray(0, end - start), start);
    let text = memory.subarray(0, end - start + begun);
    for (let cut = text.lastIndexOf(LINE_FEED); cut >= 0; cut = text.lastIndexOf(LINE_FEED)) {
      const line = text.subarray(cut + 1);
      if (line.length > 0) yield { line, offset: start + cut + 1 };
      text = text.subarray(0, cut);
    }
    begun = Math.min(text.length, HEAD);
    end = start;
  }
  if (begun > 0) yield { line: memory.subarray(0, begun), offset: 0 };
}

async function readFully(file: FileHandle, block: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < block.length) {
    const { bytesRead } = await file.read(block, done, block.length - done, position + done);
    // The file was cut while we read; zeros are no log lines.
    if (bytesRead === 0) return void block.fill(0, done);
    done += bytesRead;
  }
}

/** Lines of the whole log, the newest first. */
async function* allBackward(files: LogFiles, numbers: readonly number[]): AsyncGenerator<Placed> {
  let newer = 0;
  for (const number of numbers.toReversed()) {
    const file = await files.open(number);
    if (!file) continue;
    try {
      const { size } = await file.stat();
      for await (const { line, offset } of linesBackward(file, size))
        yield { line, file: number, offset, behind: newer + size - offset };
      newer += size;
    } finally {
      await file.close();
    }
  }
}

/** The end of the log as it is now. */
async function endOf(files: LogFiles, numbers: readonly number[]): Promise<LogPosition> {
  const last = numbers.at(-1);
  if (last === undefined) return { file: 1, offset: 0 };
  const file = await files.open(last);
  try {
    return { file: last, offset: (await file?.stat())?.size ?? 0 };
  } finally {
    await file?.close();
  }
}

/**
 * Walks from the end to the last `count` lines of the program. A line may have begun far before its end, with lines of
 * the other stream in between; so the walk goes on until both streams are at the beginning of a line.
 */
export async function findTail(files: LogFiles, count: number): Promise<TailStart> {
  const numbers = allNumbers(await files.numbers());
  const end = await endOf(files, numbers);
  if (count <= 0) return { ...end, skipLines: 0 };
  const seen = new Set<StreamName>();
  const open = new Set<StreamName>();
  let lines = 0;
  let start: LogPosition = end;
  let enough = 0;
  for await (const { line, behind, file, offset } of allBackward(files, numbers)) {
    if (lines >= count && (open.size === 0 || behind - enough > LOOK_BACK)) break;
    const parsed = parseLogLine(line);
    if (!parsed) continue;
    const { stream, complete } = parsed;
    if (lines >= count && open.has(stream) && complete) open.delete(stream);
    if (lines >= count && open.size === 0) break;
    if (complete || !seen.has(stream)) {
      lines++;
      if (lines <= count) open.add(stream);
      enough = lines <= count ? behind : enough;
    }
    seen.add(stream);
    start = { file, offset };
  }
  return { ...start, skipLines: Math.max(0, lines - count) };
}
