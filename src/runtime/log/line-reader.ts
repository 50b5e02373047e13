import { type FileHandle, open, stat } from "node:fs/promises";
import { errnoOf } from "../../base/errors.ts";

const CHUNK = 128 * 1024;
const LINE_FEED = 0x0a;
/** conmon's lines are far shorter; what is longer is no log. */
const LONGEST_LINE = 1024 * 1024;

/** Reads complete lines from where it stands to the present end of its file. */
export class LineReader {
  readonly #file: FileHandle;
  #position: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /** The lines of one chunk, without line feeds; undefined at the end of the file. The buffers are the caller's. */
  async next(): Promise<readonly Buffer[] | undefined> {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await this.#file.read(chunk, 0, CHUNK, this.#position);
    if (bytesRead === 0) return undefined;
    this.#position += bytesRead;
    const text = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = text.indexOf(LINE_FEED); end >= 0; end = text.indexOf(LINE_FEED, start)) {
      lines.push(text.subarray(start, end));
      start = end + 1;
    }
    this.#rest = text.length - start > LONGEST_LINE ? Buffer.alloc(0) : text.subarray(start);
    return lines;
  }

  /** Whether `path` names another file by now: the log was rotated. */
  async isReplaced(path: string): Promise<boolean> {
    const [mine, named] = await Promise.all([this.#file.stat(), ifAny(stat(path))]);
    return named !== undefined && (named.ino !== mine.ino || named.dev !== mine.dev);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function ifAny<T>(attempt: Promise<T>): Promise<T | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Undefined when there is no such file (yet). */
export const openIfAny = (path: string): Promise<FileHandle | undefined> => ifAny(open(path, "r"));
