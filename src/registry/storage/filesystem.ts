import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, opendir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../../base/atomic-file.ts";
import { errnoOf } from "../../base/errors.ts";
import { algorithmOf, type BlobDigest, hexDigits, isBlobDigest } from "../distribution/digest.ts";
import { openFileReader } from "./file-reader.ts";
import { appendToFile } from "./file-writer.ts";
import type { BlobStorage, StoredBlob, StoredUpload } from "./storage.ts";

/** An empty file would fit on a full disk. */
const PROBE_SIZE = 64 * 1024;

/** undefined where the file is not there. */
async function ifThere<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Contents as files: `blobs/sha256/ab/abcd...` and `uploads/ID`. A content appears under its name by rename, after its
 * bytes are on the disk: what has a name is whole.
 */
export class FilesystemStorage implements BlobStorage {
  readonly #blobs: string;
  readonly #uploads: string;
  readonly #folders = new Set<string>();

  private constructor(folder: string) {
    this.#blobs = join(folder, "blobs");
    this.#uploads = join(folder, "uploads");
  }

  static async open(folder: string): Promise<FilesystemStorage> {
    const storage = new FilesystemStorage(folder);
    await mkdir(storage.#uploads, { recursive: true, mode: 0o700 });
    await mkdir(storage.#blobs, { recursive: true, mode: 0o700 });
    return storage;
  }

  #path(digest: BlobDigest): string {
    const hex = hexDigits(digest);
    return join(this.#blobs, algorithmOf(digest), hex.slice(0, 2), hex);
  }

  #upload(id: string): string {
    return join(this.#uploads, id);
  }

  async open(digest: BlobDigest) {
    return ifThere(openFileReader(this.#path(digest)));
  }

  async size(digest: BlobDigest): Promise<number | undefined> {
    return (await ifThere(stat(this.#path(digest))))?.size;
  }

  async read(digest: BlobDigest): Promise<Buffer | undefined> {
    return ifThere(readFile(this.#path(digest)));
  }

  async put(digest: BlobDigest, content: Uint8Array): Promise<void> {
    const path = this.#path(digest);
    await this.#makeFolder(dirname(path));
    await writeFileAtomic(path, content);
  }

  async remove(digest: BlobDigest): Promise<void> {
    await rm(this.#path(digest), { force: true });
  }

  /** Folders of contents are made once and then stay; their own entries are made durable too. */
  async #makeFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(path));
    await syncFolder(this.#blobs);
    this.#folders.add(path);
  }

  async *blobs(): AsyncGenerator<StoredBlob> {
    for (const algorithm of ["sha256", "sha512"]) {
      for await (const [path, name] of filesBelow(join(this.#blobs, algorithm))) {
        const digest = `${algorithm}:${name}`;
        if (!isBlobDigest(digest)) continue;
        const found = await ifThere(stat(path));
        if (found) yield { digest, size: found.size, modified: found.mtimeMs };
      }
    }
  }

  async startUpload(id: string): Promise<void> {
    const file = await open(this.#upload(id), "wx", 0o600);
    await file.close();
  }

  async uploadSize(id: string): Promise<number | undefined> {
    return (await ifThere(stat(this.#upload(id))))?.size;
  }

  append(
    id: string,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    observe: (chunk: Uint8Array) => void,
  ): Promise<number> {
    return appendToFile(this.#upload(id), offset, source, observe);
  }

  uploadContent(id: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.#upload(id), { highWaterMark: 1024 * 1024 });
  }

  async commit(id: string, digest: BlobDigest): Promise<void> {
    const path = this.#path(digest);
    const upload = this.#upload(id);
    await this.#makeFolder(dirname(path));
    const file = await open(upload, "r");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(upload, path);
    await syncFolder(dirname(path));
  }

  async abort(id: string): Promise<void> {
    await rm(this.#upload(id), { force: true });
  }

  async *uploads(): AsyncGenerator<StoredUpload> {
    for await (const [path, id] of filesBelow(this.#uploads)) {
      const found = await ifThere(stat(path));
      if (found) yield { id, modified: found.mtimeMs };
    }
  }

  /** True when a new file can be written: what readiness is about. */
  async writable(): Promise<boolean> {
    const probe = join(this.#uploads, `.probe-${randomBytes(6).toString("hex")}`);
    try {
      await writeFileAtomic(probe, new Uint8Array(PROBE_SIZE));
      return true;
    } catch {
      return false;
    } finally {
      await rm(probe, { force: true });
    }
  }
}

async function* filesBelow(folder: string): AsyncGenerator<readonly [path: string, name: string]> {
  const entries = await ifThere(opendir(folder));
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield [path, entry.name];
  }
}
