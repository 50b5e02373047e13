import { createHash, type Hash, hash } from "node:crypto";
import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { invalidParameter } from "../../base/errors.ts";
import { SLAB, Slabs, Spool } from "./spool.ts";
import type { Content } from "./tree.ts";

/** Files up to this size stay in memory, as long as all of them together stay below the total. Bytes. */
const SMALL_FILE = 128 * 1024;
const SMALL_TOTAL = 32 * 1024 * 1024;
/** Holes of sparse files are summed up without a pause, so they have a limit. Bytes. */
const HOLE = 64 * 1024 * 1024;
const ZEROS = Buffer.alloc(64 * 1024);

/** One file while its bytes come. Positions grow; what lies between them is a hole. */
export interface OpenBody {
  write(chunk: Uint8Array, position: number): void;
  end(): Content;
}

/** Keeps the contents of files: small ones in memory, middling ones in one file together, large ones in their own. */
export class Bodies {
  readonly #folder: string;
  readonly #slabs = new Slabs();
  #spool: Spool | undefined;
  #inMemory = 0;
  #count = 0;
  #hasFolder = false;
  /** The last large file, until it is written. */
  #large: { readonly stream: WriteStream; readonly written: Promise<void> } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Room for a file, whose bytes come before the next file is opened. */
  open(size: number): OpenBody {
    if (size > SLAB) return this.#openLarge(size);
    if (size <= SMALL_FILE && this.#inMemory + size <= SMALL_TOTAL) {
      this.#inMemory += size;
      const bytes = this.#slabs.take(size);
      return inMemory(bytes, (sum) => ({ bytes, sum }));
    }
    this.#spool ??= new Spool(this.#place("files"));
    const { path } = this.#spool;
    const { bytes, start } = this.#spool.take(size);
    const part = { start, length: size };
    return inMemory(bytes, (sum) => ({ path, part, close: () => undefined, sum }));
  }

  get isBehind(): boolean {
    return this.#spool?.isBehind || this.#large?.stream.writableNeedDrain || false;
  }

  /** Waits until there is room again. Throws the first failure. */
  async drained(): Promise<void> {
    const large = this.#large;
    if (large?.stream.writableNeedDrain) {
      const drain = new Promise<void>((resolve) => large.stream.once("drain", resolve));
      await Promise.race([drain, large.written]);
    }
    if (this.#spool?.isBehind) await this.#spool.drained();
  }

  /** Waits until everything is written. Throws the first failure. */
  async settle(): Promise<void> {
    await this.#large?.written;
    await this.#spool?.settle();
  }

  /** Waits until nothing is on its way any more, whether it worked or not. */
  async idle(): Promise<void> {
    const large = this.#large;
    if (large && !large.stream.writableEnded) large.stream.destroy();
    await large?.written.catch(() => undefined);
    await this.#spool?.close();
  }

  #openLarge(size: number): OpenBody {
    const path = this.#place(String(this.#count++));
    const stream = createWriteStream(path, { flags: "wx", mode: 0o600 });
    const before = this.#large?.written;
    const written = Promise.all([before, finished(stream)]).then(() => undefined);
    // Whoever waits for it hears of it; nobody does before something has to wait.
    written.catch(() => undefined);
    this.#large = { stream, written };
    const sum = createHash("sha256");
    let at = 0;
    const write = (chunk: Uint8Array) => {
      sum.update(chunk);
      stream.write(chunk);
      at += chunk.length;
    };
    return {
      write(chunk, position) {
        fillHole(position - at, write);
        write(chunk);
      },
      end() {
        fillHole(size - at, write);
        stream.end();
        return { path, close: () => undefined, sum: digestOf(sum) };
      },
    };
  }

  #place(name: string): string {
    if (!this.#hasFolder) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#hasFolder = true;
    return join(this.#folder, name);
  }
}

const digestOf = (sum: Hash): string => sum.digest("hex");

function fillHole(length: number, write: (chunk: Uint8Array) => void): void {
  if (length > HOLE)
    throw invalidParameter(
      `the archive has a sparse file with a hole of ${length} bytes: at most ${HOLE} are filled`,
    );
  for (let left = length; left > 0; left -= ZEROS.length)
    write(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
}

function inMemory(bytes: Buffer, contentOf: (sum: string) => Content): OpenBody {
  let at = 0;
  return {
    write(chunk, position) {
      bytes.fill(0, at, position);
      bytes.set(chunk, position);
      at = position + chunk.length;
    },
    end() {
      bytes.fill(0, at);
      return contentOf(hash("sha256", bytes, "hex"));
    },
  };
}
