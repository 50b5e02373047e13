import { type FileHandle, open } from "node:fs/promises";

/** Contents are gathered in pieces of memory of this size, larger ones than which there are not. Bytes. */
export const SLAB = 1024 * 1024;
/** Slabs on their way to the disk before writers are asked to wait. */
const PENDING = 4;

/** Room for one content, and where it lies in the end. */
export interface Room {
  readonly bytes: Buffer;
  readonly start: number;
}

/** Small contents in memory, many to a slab: a buffer for each would keep the garbage collector busy. */
export class Slabs {
  #slab = Buffer.alloc(0);
  #at = 0;

  take(size: number): Buffer {
    if (this.#at + size > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#at = 0;
    }
    const bytes = this.#slab.subarray(this.#at, this.#at + size);
    this.#at += size;
    return bytes;
  }
}

/** Many contents one after the other in one file. */
export class Spool {
  readonly path: string;
  #file: Promise<FileHandle> | undefined;
  #slab: Buffer | undefined;
  #at = 0;
  #written = 0;
  #pending = 0;
  /** Slabs whose bytes are in the file. */
  readonly #free: Buffer[] = [];
  readonly #writes = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  get isBehind(): boolean {
    return this.#pending >= PENDING;
  }

  /** Room for at most SLAB bytes, to be filled before the next is taken; they are in the file after `settle`. */
  take(size: number): Room {
    if (this.#slab && this.#at + size > SLAB) this.#flush();
    this.#slab ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(SLAB);
    const bytes = this.#slab.subarray(this.#at, this.#at + size);
    const start = this.#written + this.#at;
    this.#at += size;
    return { bytes, start };
  }

  /** Waits for the writes that are on their way. Throws the first failure. */
  async drained(): Promise<void> {
    await Promise.all(this.#writes);
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits until everything is written. Throws the first failure. */
  async settle(): Promise<void> {
    this.#flush();
    await this.drained();
  }

  /** Waits until nothing is on its way any more, whether it worked or not. */
  async close(): Promise<void> {
    await Promise.all(this.#writes);
    await (await this.#file?.catch(() => undefined))?.close();
  }

  #flush(): void {
    const [slab, length, position] = [this.#slab, this.#at, this.#written];
    this.#slab = undefined;
    this.#at = 0;
    if (!slab || length === 0) return;
    this.#written += length;
    this.#file ??= open(this.path, "wx", 0o600);
    this.#pending++;
    const write = this.#file
      .then((file) => writeAll(file, slab.subarray(0, length), position))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#pending--;
        this.#free.push(slab);
        this.#writes.delete(write);
      });
    this.#writes.add(write);
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}
