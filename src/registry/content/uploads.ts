import { createHash, type Hash, randomUUID } from "node:crypto";
import { KeyedQueue } from "../../base/async.ts";
import { errnoOf } from "../../base/errors.ts";
import { type Algorithm, algorithmOf, type BlobDigest, finishDigest } from "../distribution/digest.ts";
import { failure } from "../http/errors.ts";
import type { UploadRecord, UploadRecords } from "../metadata/uploads.ts";
import type { BlobStorage } from "../storage/storage.ts";

/** The digest so far: kept between the requests of an upload, so that nothing is read again. */
interface Progress {
  readonly algorithm: Algorithm;
  readonly hash: Hash;
  size: number;
}

const UPLOAD_ID = /^[0-9a-f-]{36}$/;

/**
 * Uploads under way. Their bytes are in the storage and their names in the metadata, so a client goes on where it was
 * after a restart of the registry; only the running digest is then computed anew.
 */
export class Uploads {
  readonly #storage: BlobStorage;
  readonly #records: UploadRecords;
  readonly #progress = new Map<string, Progress>();
  /** Requests of one upload follow each other. */
  readonly #turns = new KeyedQueue();

  constructor(storage: BlobStorage, records: UploadRecords) {
    this.#storage = storage;
    this.#records = records;
  }

  async begin(name: string, owner: string, algorithm: Algorithm): Promise<UploadRecord> {
    const record: UploadRecord = { id: randomUUID(), name, owner, algorithm, started: Date.now() };
    await this.#storage.startUpload(record.id);
    this.#records.add(record);
    return record;
  }

  /** Throws BLOB_UPLOAD_UNKNOWN: there is none of this id for this repository. */
  find(name: string, id: string): UploadRecord {
    const record = UPLOAD_ID.test(id) ? this.#records.find(id) : undefined;
    if (record?.name !== name) throw failure("BLOB_UPLOAD_UNKNOWN", { detail: { id: id.slice(0, 100) } });
    return record;
  }

  async size(record: UploadRecord): Promise<number> {
    const size = await this.#storage.uploadSize(record.id);
    if (size === undefined) throw failure("BLOB_UPLOAD_UNKNOWN", { detail: { id: record.id } });
    return size;
  }

  /**
   * Adds a chunk and gives the upload's new size. `start`: where the client says it begins. Throws RANGE_INVALID where
   * that is not where the upload ends; `headers` makes that answer's headers from the size.
   */
  append(
    record: UploadRecord,
    start: number | undefined,
    body: AsyncIterable<Uint8Array>,
    headers: (size: number) => Readonly<Record<string, string>>,
    algorithm = record.algorithm,
  ): Promise<number> {
    return this.#turns.run(record.id, async () => {
      const offset = await this.size(record);
      if (start !== undefined && start !== offset)
        throw failure("RANGE_INVALID", { headers: headers(offset) });
      const progress = await this.#resume(record, offset, algorithm);
      // what is observed may never reach the disk: the digest counts again only when the size agrees
      progress.size = -1;
      try {
        const observe = (chunk: Uint8Array) => progress.hash.update(chunk);
        progress.size = await this.#storage.append(record.id, offset, body, observe);
        return progress.size;
      } catch (error) {
        // what there was no room for is not kept: it would take the room of others
        if (errnoOf(error) === "ENOSPC" || errnoOf(error) === "EDQUOT") await this.#drop(record);
        throw error;
      }
    });
  }

  async #resume(record: UploadRecord, offset: number, algorithm: Algorithm): Promise<Progress> {
    const known = this.#progress.get(record.id);
    if (known?.size === offset && known.algorithm === algorithm) return known;
    const fresh: Progress = { algorithm, hash: createHash(algorithm), size: offset };
    if (offset > 0)
      for await (const chunk of this.#storage.uploadContent(record.id)) fresh.hash.update(chunk);
    this.#progress.set(record.id, fresh);
    return fresh;
  }

  /**
   * Compares the content with its digest and hands it to `keep`, which must take it out of the uploads. After a wrong
   * digest (DIGEST_INVALID) the upload is gone.
   */
  finish(record: UploadRecord, digest: BlobDigest, keep: (size: number) => Promise<void>): Promise<number> {
    return this.#turns.run(record.id, async () => {
      const size = await this.size(record);
      const { hash, algorithm } = await this.#resume(record, size, algorithmOf(digest));
      const actual = finishDigest(algorithm, hash);
      this.#progress.delete(record.id);
      if (actual !== digest) {
        await this.#drop(record);
        throw failure("DIGEST_INVALID", { detail: { digest, actual } });
      }
      await keep(size);
      this.#records.delete(record.id);
      return size;
    });
  }

  /** Waits for the request that is writing, if there is one. */
  cancel(record: UploadRecord): Promise<void> {
    return this.#turns.run(record.id, () => this.#drop(record));
  }

  async #drop(record: UploadRecord): Promise<void> {
    this.#progress.delete(record.id);
    // the room first: on a full disk the record could not go
    await this.#storage.abort(record.id);
    this.#records.delete(record.id);
  }

  /** Gives up what nobody has added to since `before` (milliseconds since 1970); gives how many those were. */
  async expire(before: number): Promise<number> {
    let expired = 0;
    for await (const { id, modified } of this.#storage.uploads()) {
      if (modified >= before) continue;
      const record = this.#records.find(id);
      if (record) await this.cancel(record);
      else await this.#storage.abort(id);
      expired++;
    }
    return expired;
  }
}
