import type { FileHandle } from "node:fs/promises";

const CHUNK = 128 * 1024;
const LINE_FEED = 0x0a;
/** conmon's lines are far shorter; what is longer is no log. */
const LONGEST_LINE = 1024 * 1024;

/** Lines of one chunk, without line feeds. The buffers are the reader's to keep. */
export interface Lines {
  readonly lines: readonly Buffer[];
  /** Where the first of them begins in the file. */
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

  /** The lines of one chunk; undefined at the end of the file. */
  async next(): Promise<Lines | undefined> {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await this.#file.read(chunk, 0, CHUNK, this.#position);
    if (bytesRead === 0) return undefined;
    const offset = this.#position - this.#rest.length;
    this.#position += bytesRead;
    const fresh = chunk.subarray(0, bytesRead);
    const text = this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh]);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = text.indexOf(LINE_FEED); end >= 0; end = text.indexOf(LINE_FEED, start)) {
      lines.push(text.subarray(start, end));
      start = end + 1;
    }
    this.#rest = text.length - start > LONGEST_LINE ? Buffer.alloc(0) : text.subarray(start);
    return { lines, offset };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
