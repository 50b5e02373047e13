import { KeyedQueue } from "../../base/async.ts";
import type { BlobDigest } from "../distribution/digest.ts";
import { failure } from "../http/errors.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Project } from "../metadata/projects.ts";
import type { BlobReader, BlobStorage } from "../storage/storage.ts";

/** Bytes of manifests kept in memory: they are small and asked for again and again. */
const CACHE_LIMIT = 32 * 1024 * 1024;
const CACHED_SIZE_LIMIT = 256 * 1024;

/**
 * Contents, stored once for all repositories. Adding and removing the same content take turns, so that garbage
 * collection cannot take away what an upload has just brought.
 */
export class Contents {
  readonly #storage: BlobStorage;
  readonly #metadata: Metadata;
  readonly #turns = new KeyedQueue();
  readonly #cache = new Map<BlobDigest, Buffer>();
  #cached = 0;

  constructor(storage: BlobStorage, metadata: Metadata) {
    this.#storage = storage;
    this.#metadata = metadata;
  }

  open(digest: BlobDigest): Promise<BlobReader | undefined> {
    return this.#storage.open(digest);
  }

  /** As the storage has it; undefined: it is not there, whatever the metadata says. */
  storedSize(digest: BlobDigest): Promise<number | undefined> {
    return this.#storage.size(digest);
  }

  /** Takes a finished upload over as the content of the repository `name`. */
  keepUpload(
    upload: string,
    digest: BlobDigest,
    size: number,
    project: Project,
    name: string,
  ): Promise<void> {
    this.checkQuota(project, digest, size);
    return this.#turns.run(digest, async () => {
      if ((await this.#storage.size(digest)) === size) await this.#storage.abort(upload);
      else await this.#storage.commit(upload, digest);
      this.#metadata.database.transaction(() => {
        this.#metadata.blobs.add(digest, size);
        this.#metadata.blobs.link(this.#metadata.repositories.obtain(name, project.id).id, digest);
        this.#metadata.uploads.delete(upload);
      });
    });
  }

  /** Stores a manifest's bytes and runs `record`, which must refer to them, before anybody could collect them. */
  keepDocument<T>(digest: BlobDigest, content: Buffer, record: () => T): Promise<T> {
    return this.#turns.run(digest, async () => {
      if ((await this.#storage.size(digest)) !== content.length) await this.#storage.put(digest, content);
      return this.#metadata.database.transaction(() => {
        this.#metadata.blobs.add(digest, content.length);
        return record();
      });
    });
  }

  /** The bytes of a manifest. Throws where they are lost. */
  async document(digest: BlobDigest): Promise<Buffer> {
    const cached = this.#cache.get(digest);
    if (cached) {
      // last used, last given up
      this.#cache.delete(digest);
      this.#cache.set(digest, cached);
      return cached;
    }
    const content = await this.#storage.read(digest);
    if (!content) throw failure("MANIFEST_UNKNOWN", { detail: { digest } });
    this.#remember(digest, content);
    return content;
  }

  #remember(digest: BlobDigest, content: Buffer): void {
    if (content.length > CACHED_SIZE_LIMIT || this.#cache.has(digest)) return;
    this.#cache.set(digest, content);
    this.#cached += content.length;
    for (const [oldest, bytes] of this.#cache) {
      if (this.#cached <= CACHE_LIMIT) return;
      this.#cache.delete(oldest);
      this.#cached -= bytes.length;
    }
  }

  /** Passes a body on, and throws DENIED once it is more than the project has room for beside `before` bytes. */
  async *withinQuota(
    project: Project,
    before: number,
    body: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const { quota } = project;
    const room =
      quota === undefined ? Number.POSITIVE_INFINITY : quota - this.#metadata.projects.usage(project.id);
    let size = before;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > room) this.checkQuota(project, undefined, size);
      yield chunk;
    }
  }

  /** Throws DENIED where the project would have more than it may. */
  checkQuota(project: Project, digest: BlobDigest | undefined, size: number): void {
    if (project.quota === undefined) return;
    if (digest && this.#metadata.blobs.projectHas(project.id, digest)) return;
    const used = this.#metadata.projects.usage(project.id);
    if (used + size <= project.quota) return;
    throw failure("DENIED", {
      message: `project ${project.name} has used ${used} of its ${project.quota} bytes: ${size} more do not fit`,
      detail: { quota: project.quota, used, size },
    });
  }

  /**
   * Removes a content that no repository has any more; false: it is still (or again) wanted. The metadata goes first:
   * what a crash leaves behind is a file nobody knows, which the next collection finds.
   */
  removeUnused(digest: BlobDigest): Promise<boolean> {
    return this.#turns.run(digest, async () => {
      const { database } = this.#metadata;
      const { changes } = database
        .prepare(
          `DELETE FROM blobs WHERE digest = ?1
           AND NOT EXISTS (SELECT 1 FROM repository_blobs WHERE digest = ?1)
           AND NOT EXISTS (SELECT 1 FROM manifests WHERE digest = ?1)`,
        )
        .run(digest);
      if (Number(changes) === 0) return false;
      const cached = this.#cache.get(digest);
      if (cached) this.#cached -= cached.length;
      this.#cache.delete(digest);
      await this.#storage.remove(digest);
      return true;
    });
  }

  /** Removes a stored file that the metadata does not know (left by a crash). */
  removeOrphan(digest: BlobDigest): Promise<boolean> {
    return this.#turns.run(digest, async () => {
      if (this.#metadata.blobs.size(digest) !== undefined) return false;
      await this.#storage.remove(digest);
      return true;
    });
  }
}
