import type { Writable } from "node:stream";
import type { BlobDigest } from "../distribution/digest.ts";

/** A stored content, open for reading. */
export interface BlobReader extends AsyncDisposable {
  /** In bytes. */
  readonly size: number;
  /** Writes the bytes from `start` to `end` (inclusive) and waits until `target` has taken them. */
  sendTo(target: Writable, start: number, end: number): Promise<void>;
  /** All bytes, from the first on; a chunk is valid until the next is asked for. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface StoredBlob {
  readonly digest: BlobDigest;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface StoredUpload {
  readonly id: string;
  readonly modified: number;
}

/**
 * Where contents are kept. Names are digests and upload ids that the caller has checked. The one driver keeps files;
 * the contract leaves room for an object store (an upload is a multipart upload, `commit` its completion), so that
 * several registries can stand behind a balancer.
 */
export interface BlobStorage {
  /** undefined: there is no such content. */
  open(digest: BlobDigest): Promise<BlobReader | undefined>;
  size(digest: BlobDigest): Promise<number | undefined>;
  read(digest: BlobDigest): Promise<Buffer | undefined>;
  /** Stores a small content whole, durably, in one step. */
  put(digest: BlobDigest, content: Uint8Array): Promise<void>;
  remove(digest: BlobDigest): Promise<void>;
  blobs(): AsyncIterable<StoredBlob>;

  startUpload(id: string): Promise<void>;
  /** Bytes received so far; undefined: there is no such upload. */
  uploadSize(id: string): Promise<number | undefined>;
  /**
   * Adds to an upload from `offset` on, which must be its size, and gives its new size. `observe` sees each chunk
   * before it is written. What arrived before a failure stays, so that the client can go on from there.
   */
  append(
    id: string,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    observe: (chunk: Uint8Array) => void,
  ): Promise<number>;
  uploadContent(id: string): AsyncIterable<Uint8Array>;
  /** Makes the upload the content of this digest: durable, in one step. The caller has compared the digest. */
  commit(id: string, digest: BlobDigest): Promise<void>;
  abort(id: string): Promise<void>;
  uploads(): AsyncIterable<StoredUpload>;
}
