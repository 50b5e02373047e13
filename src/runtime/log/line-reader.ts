import type { FileHandle } from "node:fs/promises";

const CHUNK = 128 * 1024;
const LINE_FEED = 0x0a;
/** conmon's lines are far shorter; what is longer is no log. */
const LONGEST_LINE = 1024 * 1024;

/** Complete lines, each with its line feed. */
export interface Lines {
  /** The caller's to keep. */
  readonly text: Buffer;
  /** Where they begin in the file. */
  readonly offset: number;
}

/** Reads complete lines from where it stands to the present end of its file. */
export class LineReader {
  readonly #file: FileHandle;
  #position: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /** The lines that end in the next chunk; undefined at the end of the file. */
  async next(): Promise<Lines | undefined> {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await this.#file.read(chunk, 0, CHUNK, this.#position);
    if (bytesRead === 0) return undefined;
    const offset = this.#position - this.#rest.length;
    this.#position += bytesRead;
    const fresh = chunk.subarray(0, bytesRead);
    const text = this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh]);
    const end = text.lastIndexOf(LINE_FEED) + 1;
    this.#rest = text.length - end > LONGEST_LINE ? Buffer.alloc(0) : text.subarray(end);
    return { text: text.subarray(0, end), offset };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
