import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Digest, digestFromHex } from "../../oci/index.ts";

/** A download left alone for longer is given up. Milliseconds. */
const MAX_AGE = 24 * 60 * 60 * 1000;
const CHUNK = 1024 * 1024;

/** A blob's bytes so far, in a file that outlives the attempt, the pull and the engine. Hashed as they come. */
export class Partial implements AsyncDisposable {
  readonly path: string;
  readonly #file: FileHandle;
  #hash: Hash;
  size: number;

  private constructor(path: string, file: FileHandle, hash: Hash, size: number) {
    this.path = path;
    this.#file = file;
    this.#hash = hash;
    this.size = size;
  }

  /** Opens it, with what an earlier download left; more than `limit` bytes cannot be right and are thrown away. */
  static async open(path: string, limit: number): Promise<Partial> {
    await mkdir(dirname(path), { recursive: true, mode: 0o710 });
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o640);
    try {
      const { size } = await file.stat();
      const partial = new Partial(path, file, createHash("sha256"), 0);
      if (size > limit) await partial.restart();
      else await partial.#readBack();
      return partial;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.#file.write(chunk, done, chunk.length - done, this.size + done);
      done += bytesWritten;
    }
    this.#hash.update(chunk);
    this.size += chunk.length;
  }

  /** Throws away what is there. */
  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash("sha256");
    this.size = 0;
  }

  digest(): Digest {
    return digestFromHex(this.#hash.copy().digest("hex"));
  }

  sync(): Promise<void> {
    return this.#file.datasync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }

  async #readBack(): Promise<void> {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, CHUNK, this.size);
      if (bytesRead === 0) return;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.size += bytesRead;
    }
  }
}

/** Deletes downloads that nobody came back for. */
export async function removeStalePartials(folder: string, now: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o710 });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (now - (await stat(path)).mtimeMs > MAX_AGE) await rm(path, { force: true });
  }
}
