import { type FileHandle, open } from "node:fs/promises";

/** Bytes gathered before they are written. */
const BATCH = 1024 * 1024;
/** Batches on their way to the disk before writers are asked to wait. */
const PENDING = 4;

/** Many contents one after the other in one file. */
export class Spool {
  readonly path: string;
  #file: Promise<FileHandle> | undefined;
  #batch: Uint8Array[] = [];
  #batchSize = 0;
  #written = 0;
  readonly #writes: Promise<void>[] = [];
  #pending = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Where the bytes are going to lie; they are there after `settle`. */
  async add(bytes: Uint8Array): Promise<{ readonly start: number; readonly length: number }> {
    const start = this.#written + this.#batchSize;
    this.#batch.push(bytes);
    this.#batchSize += bytes.length;
    if (this.#batchSize >= BATCH) {
      const write = this.#flush();
      if (this.#pending >= PENDING) await write;
    }
    return { start, length: bytes.length };
  }

  /** Waits until everything is written. Throws the first failure. */
  async settle(): Promise<void> {
    if (this.#batchSize > 0) void this.#flush();
    const failed = (await Promise.allSettled(this.#writes)).find((write) => write.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** Waits until nothing is on its way any more, whether it worked or not. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await (await this.#file?.catch(() => undefined))?.close();
  }

  #flush(): Promise<void> {
    const [batch, position] = [this.#batch, this.#written];
    this.#written += this.#batchSize;
    [this.#batch, this.#batchSize] = [[], 0];
    this.#file ??= open(this.path, "wx", 0o600);
    this.#pending++;
    const write = this.#file
      .then(async (file) => {
        await file.writev(batch, position);
      })
      .finally(() => {
        this.#pending--;
      });
    write.catch(() => undefined);
    this.#writes.push(write);
    return write;
  }
}
