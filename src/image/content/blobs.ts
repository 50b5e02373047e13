import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { errnoOf, invalidParameter, systemError } from "../../base/errors.ts";
import { type Digest, digestFromHex, hexOf } from "../../oci/index.ts";
import { diskFull, isDiskFull } from "../disk-full.ts";

export interface StoredBlob {
  readonly digest: Digest;
  /** Bytes as stored. */
  readonly size: number;
}

export interface Expected {
  readonly digest?: Digest;
  readonly size?: number;
}

/** Keeps blobs of an operation in flight from being collected. Disposing it drops those that nothing else needs. */
export interface BlobLease extends AsyncDisposable {
  hold(digest: Digest): void;
}

/**
 * Content by digest: `<root>/blobs/sha256/<hex>`. What is being written lies in `<root>/ingest` and becomes visible by
 * one rename, when its digest is known, right, and its bytes are on the disk.
 */
export class Blobs {
  readonly #root: string;
  readonly #held = new Map<Digest, number>();
  readonly #isNeeded: (digest: Digest) => boolean;
  #areFoldersMade = false;

  /** `isNeeded`: whether the catalog points to a blob. */
  constructor(root: string, isNeeded: (digest: Digest) => boolean) {
    this.#root = root;
    this.#isNeeded = isNeeded;
  }

  path(digest: Digest): string {
    return join(this.#root, "blobs", "sha256", hexOf(digest));
  }

  has(digest: Digest): boolean {
    return existsSync(this.path(digest));
  }

  /** Bytes as stored; undefined when there is no such blob. */
  size(digest: Digest): number | undefined {
    return statSync(this.path(digest), { throwIfNoEntry: false })?.size;
  }

  open(digest: Digest): Readable {
    return createReadStream(this.path(digest), { highWaterMark: 256 * 1024 });
  }

  /** A small blob whole. Throws invalidParameter when it is larger than `limit` bytes. */
  async read(digest: Digest, limit: number): Promise<Uint8Array> {
    const size = this.size(digest);
    if (size !== undefined && size > limit)
      throw invalidParameter(`${digest} has ${size} bytes, at most ${limit} are read`);
    return readFile(this.path(digest));
  }

  /** A new path for a blob that something else writes; `adopt` makes it visible, `recover` deletes it otherwise. */
  ingestPath(): string {
    this.#makeFolders();
    return join(this.#root, "ingest", randomBytes(12).toString("hex"));
  }

  /** Takes a finished and synced file from `ingestPath` under its digest. */
  async adopt(path: string, digest: Digest): Promise<void> {
    const target = this.path(digest);
    await rename(path, target);
    const folder = await open(dirname(target), "r");
    await folder.sync().finally(() => folder.close());
  }

  /** Stores a stream. Throws invalidParameter when it is not what was expected; nothing stays behind then. */
  async ingest(
    source: AsyncIterable<Uint8Array>,
    lease: BlobLease,
    expected: Expected = {},
  ): Promise<StoredBlob> {
    const { digest, size, stored } = await this.receive(source, lease, expected);
    await stored;
    return { digest, size };
  }

  /** As `ingest`, but does not wait for the disk: the blob is there when `stored` settles. */
  async receive(
    source: AsyncIterable<Uint8Array>,
    lease: BlobLease,
    expected: Expected = {},
  ): Promise<StoredBlob & { readonly stored: Promise<void> }> {
    const path = this.ingestPath();
    const file = await open(path, "wx", 0o640);
    try {
      const blob = await writeHashed(file, source, expected);
      lease.hold(blob.digest);
      const stored = this.#settle(path, file, blob.digest);
      stored.catch(() => undefined); // thrown to whoever waits for it
      return { ...blob, stored };
    } catch (error) {
      await file.close();
      throw await this.#givenUp(path, error);
    }
  }

  async #settle(path: string, file: FileHandle, digest: Digest): Promise<void> {
    try {
      await file.datasync().finally(() => file.close());
      await this.adopt(path, digest);
    } catch (error) {
      throw await this.#givenUp(path, error);
    }
  }

  /** Takes away what there is of a blob, and says why as people understand it. */
  async #givenUp(path: string, error: unknown): Promise<unknown> {
    await rm(path, { force: true });
    return isDiskFull(error) ? diskFull(`cannot store image content in ${this.#root}`, error) : error;
  }

  lease(): BlobLease {
    const mine: Digest[] = [];
    return {
      hold: (digest) => {
        mine.push(digest);
        this.#held.set(digest, (this.#held.get(digest) ?? 0) + 1);
      },
      [Symbol.asyncDispose]: async () => {
        for (const digest of mine) this.#release(digest);
        for (const digest of new Set(mine)) await this.drop(digest);
      },
    };
  }

  /**
   * Deletes a blob unless the catalog or an operation needs it. Looking and taking it away are one step, so that nobody
   * can come to need it in between.
   */
  async drop(digest: Digest): Promise<void> {
    if (this.#held.has(digest) || this.#isNeeded(digest) || !this.has(digest)) return;
    const away = this.ingestPath();
    renameSync(this.path(digest), away);
    await rm(away, { force: true });
  }

  /**
   * Takes away a blob whose content was found to be wrong, whoever needs it: what is missing is fetched again, what is
   * damaged would be trusted.
   */
  async discard(digest: Digest): Promise<void> {
    const away = this.ingestPath();
    try {
      renameSync(this.path(digest), away);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
      throw error;
    }
    await rm(away, { force: true });
  }

  /** The bytes of a blob, hashed as they go by. Throws systemError at their end when they are not what they should be. */
  async *verified(digest: Digest): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    for await (const chunk of this.open(digest)) {
      hash.update(chunk);
      yield chunk;
    }
    const found = digestFromHex(hash.digest("hex"));
    if (found === digest) return;
    await this.discard(digest);
    throw systemError(
      `content ${digest} is damaged on disk (found ${found}) and was taken away: load or pull its image again`,
    );
  }

  /** At start, before anything writes: deletes half-written blobs and those that nothing points to. */
  async recover(): Promise<void> {
    await rm(join(this.#root, "ingest"), { recursive: true, force: true });
    this.#areFoldersMade = false;
    this.#makeFolders();
    for (const hex of readdirSync(join(this.#root, "blobs", "sha256"))) await this.drop(digestFromHex(hex));
  }

  #release(digest: Digest): void {
    const count = (this.#held.get(digest) ?? 1) - 1;
    if (count > 0) this.#held.set(digest, count);
    else this.#held.delete(digest);
  }

  #makeFolders(): void {
    if (this.#areFoldersMade) return;
    mkdirSync(join(this.#root, "blobs", "sha256"), { recursive: true, mode: 0o710 });
    mkdirSync(join(this.#root, "ingest"), { recursive: true, mode: 0o710 });
    this.#areFoldersMade = true;
  }
}

/** Bytes gathered before they are written: each write is a trip to another thread and back. */
const WRITE_SIZE = 1024 * 1024;

async function writeHashed(
  file: FileHandle,
  source: AsyncIterable<Uint8Array>,
  expected: Expected,
): Promise<StoredBlob> {
  const hash = createHash("sha256");
  let size = 0;
  let waiting: Uint8Array[] = [];
  let waitingSize = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (expected.size !== undefined && size > expected.size) {
      throw invalidParameter(`content is longer than the ${expected.size} bytes it was announced with`);
    }
    hash.update(chunk);
    waiting.push(chunk);
    waitingSize += chunk.length;
    if (waitingSize < WRITE_SIZE) continue;
    await writeAll(file, waiting);
    waiting = [];
    waitingSize = 0;
  }
  await writeAll(file, waiting);
  const digest = digestFromHex(hash.digest("hex"));
  checkExpected({ digest, size }, expected);
  return { digest, size };
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let left = chunks.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left);
    left = left.flatMap((chunk) => {
      const written = Math.min(bytesWritten, chunk.length);
      bytesWritten -= written;
      return written < chunk.length ? [chunk.subarray(written)] : [];
    });
  }
}

function checkExpected(blob: StoredBlob, expected: Expected): void {
  if (expected.digest !== undefined && expected.digest !== blob.digest) {
    throw invalidParameter(
      `content does not match its digest: expected ${expected.digest}, found ${blob.digest}`,
    );
  }
  if (expected.size !== undefined && expected.size !== blob.size) {
    throw invalidParameter(`content is cut off: expected ${expected.size} bytes, found ${blob.size}`);
  }
}
