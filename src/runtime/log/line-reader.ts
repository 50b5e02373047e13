import type { FileHandle } from "node:fs/promises";

/** Bytes that are read at once; conmon's lines have half as many at the most. */
const CHUNK = 128 * 1024;
const LINE_FEED = 0x0a;
/** What is longer is no log. */
const LONGEST_LINE = 1024 * 1024;

/** Complete lines, each with its line feed. */
export interface Lines {
  /** Until the next ones are asked for. */
  readonly text: Buffer;
  /** Where they begin in the file. */
  readonly offset: number;
}

/**
 * Reads complete lines from where it stands to the present end of its file, always into the same memory: memory outside
 * the heap that is given up again and again makes the collector go through the whole heap each time.
 */
export class LineReader {
  readonly #file: FileHandle;
  #position: number;
  #buffer = Buffer.allocUnsafeSlow(CHUNK);
  /** The line that has begun: what of the buffer was read and not given yet. */
  #rest: Buffer = this.#buffer.subarray(0, 0);

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /** The lines that end in the next chunk; undefined at the end of the file. */
  async next(): Promise<Lines | undefined> {
    const begun = this.#rest.length;
    if (begun > this.#buffer.length / 2) this.#buffer = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.#rest.copy(this.#buffer);
    this.#rest = this.#buffer.subarray(0, begun);
    const { bytesRead } = await this.#file.read(this.#buffer, begun, undefined, this.#position);
    if (bytesRead === 0) return undefined;
    const offset = this.#position - begun;
    this.#position += bytesRead;
    const text = this.#buffer.subarray(0, begun + bytesRead);
    const end = text.lastIndexOf(LINE_FEED) + 1;
    this.#rest = text.subarray(text.length - end > LONGEST_LINE ? text.length : end);
    return { text: text.subarray(0, end), offset };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
