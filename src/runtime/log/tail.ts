import type { FileHandle } from "node:fs/promises";
import type { StreamName } from "../runtime.ts";
import { parseLogLine } from "./line.ts";

/** Where to begin to read so that the last lines come out, and how many lines that begin before them to leave out. */
export interface TailStart {
  readonly offset: number;
  readonly skipLines: number;
}

const BLOCK = 64 * 1024;
const LINE_FEED = 0x0a;
/** How far before the lines that were asked for their first parts are looked for. */
const LOOK_BACK = 1024 * 1024;

/** Lines of the file from its end to its beginning, with their offsets. Reads one block at a time. */
async function* linesBackward(
  file: FileHandle,
  size: number,
): AsyncGenerator<{ line: Buffer; offset: number }> {
  let tail: Buffer = Buffer.alloc(0);
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - BLOCK);
    const block = Buffer.alloc(end - start);
    await readFully(file, block, start);
    let text = Buffer.concat([block, tail]);
    for (let cut = text.lastIndexOf(LINE_FEED); cut >= 0; cut = text.lastIndexOf(LINE_FEED)) {
      const line = text.subarray(cut + 1);
      if (line.length > 0) yield { line, offset: start + cut + 1 };
      text = text.subarray(0, cut);
    }
    tail = text;
    end = start;
  }
  if (tail.length > 0) yield { line: tail, offset: 0 };
}

async function readFully(file: FileHandle, block: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < block.length) {
    const { bytesRead } = await file.read(block, done, block.length - done, position + done);
    // The file was cut while we read; zeros are no log lines.
    if (bytesRead === 0) return;
    done += bytesRead;
  }
}

/**
 * Walks from the end to the last `count` lines of the program. A line may have begun far before its end, with lines of
 * the other stream in between; so the walk goes on until both streams are at the beginning of a line.
 */
export async function findTail(file: FileHandle, size: number, count: number): Promise<TailStart> {
  if (count <= 0) return { offset: size, skipLines: 0 };
  const seen = new Set<StreamName>();
  const open = new Set<StreamName>();
  let lines = 0;
  let offset = size;
  let enough = size;
  for await (const { line, offset: at } of linesBackward(file, size)) {
    if (lines >= count && (open.size === 0 || enough - at > LOOK_BACK)) break;
    const parsed = parseLogLine(line);
    if (!parsed) continue;
    const { stream, complete } = parsed;
    if (lines >= count && open.has(stream) && complete) open.delete(stream);
    if (lines >= count && open.size === 0) break;
    if (complete || !seen.has(stream)) {
      lines++;
      if (lines <= count) open.add(stream);
      enough = lines <= count ? at : enough;
    }
    seen.add(stream);
    offset = at;
  }
  return { offset, skipLines: Math.max(0, lines - count) };
}
