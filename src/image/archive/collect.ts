import { pipeline, Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { cancelled, EngineError, invalidParameter } from "../../base/errors.ts";
import { type Digest, hexOf, isDigest, MANIFEST_LIMIT } from "../../oci/index.ts";
import type { BlobLease, Blobs } from "../content/blobs.ts";
import { plainBytes } from "../content/peek.ts";

/** What an image archive contains, after one pass: members may come in any order, so blobs are stored first. */
export interface Collected {
  /** Small documents that say what the rest is, by path. */
  readonly documents: ReadonlyMap<string, Uint8Array>;
  /** The stored content of a path, links followed. Throws invalidParameter when the archive has no such file. */
  readonly blobAt: (path: string) => Digest;
  readonly has: (path: string) => boolean;
}

const DOCUMENTS = /^(manifest\.json|index\.json|oci-layout|repositories)$|^[^/]+\/json$/;
/** Of all documents together: they are kept in memory. */
const DOCUMENTS_LIMIT = 4 * MANIFEST_LIMIT;
/** Written by old engines beside what counts. */
const IGNORED = /(^|\/)(VERSION|json)$/;
/** Configurations and manifests begin with it; the name of a layer's first file hardly ever does. */
const JSON_START = 0x7b;
const PATH_LIMIT = 100_000;
const HOP_LIMIT = 16;

/** A member while it passes by; the parser's own types do not say that its streams can be iterated. */
interface Entry extends AsyncIterable<Uint8Array> {
  readonly header: Header;
  resume(): unknown;
}

export interface CollectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of content that may be a layer's, once it is stored; the rest of the archive may still be to come. */
  readonly onLayer?: (digest: Digest) => void;
}

/** Reads an image archive, compressed or not, storing every file under its digest. */
export async function collect(
  source: AsyncIterable<Uint8Array>,
  blobs: Blobs,
  lease: BlobLease,
  { signal, onLayer = () => undefined }: CollectOptions,
): Promise<Collected> {
  const collector = new Collector(blobs, lease, onLayer);
  const parser = extract();
  const plain = Readable.from(plainBytes(source), { objectMode: false, highWaterMark: 256 * 1024 });
  let sourceError: unknown;
  plain.once("error", (error) => {
    sourceError = error;
  });
  const abort = () => plain.destroy();
  signal?.addEventListener("abort", abort, { once: true });
  // The iteration below throws whatever goes wrong on the way.
  pipeline(plain, parser, () => undefined);
  try {
    for await (const member of parser as unknown as AsyncIterable<Entry>) {
      await collector.add(member);
      member.resume();
    }
    await collector.stored();
  } catch (error) {
    if (signal?.aborted) throw cancelled("loading the image was cancelled", error);
    // What went wrong first may reach the iteration, the source or both as a stream that was closed too early.
    throw [error, sourceError].find(isTelling) ?? damaged(error);
  } finally {
    signal?.removeEventListener("abort", abort);
    // What is on its way to the disk is dropped with the lease, which must not be before it is there.
    await Promise.allSettled([collector.stored()]);
  }
  return collector;
}

/** Failures of the disk or the connection, and our refusals; the parser's errors speak of streams and headers. */
const isTelling = (error: unknown): boolean =>
  error instanceof EngineError || (error instanceof Error && "syscall" in error);

const damaged = (error: unknown) => invalidParameter("invalid tar archive: it is damaged or cut off", error);

class Collector implements Collected {
  readonly #blobs: Blobs;
  readonly #lease: BlobLease;
  readonly documents = new Map<string, Uint8Array>();
  readonly #content = new Map<string, Digest>();
  readonly #links = new Map<string, string>();
  readonly #onLayer: (digest: Digest) => void;
  readonly #stored: Promise<void>[] = [];
  #documentBytes = 0;

  constructor(blobs: Blobs, lease: BlobLease, onLayer: (digest: Digest) => void) {
    this.#blobs = blobs;
    this.#lease = lease;
    this.#onLayer = onLayer;
  }

  /** Settles when all that came so far is on the disk. */
  async stored(): Promise<void> {
    const outcomes = await Promise.allSettled(this.#stored);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  async add(member: Entry): Promise<void> {
    const { name, type, linkname } = member.header;
    const path = cleanPath(name);
    if (this.#content.size + this.#links.size > PATH_LIMIT)
      throw invalidParameter("the image archive has too many files");
    if (type === "symlink") this.#links.set(path, cleanPath(`${folderOf(path)}/${linkname ?? ""}`));
    else if (type === "link") this.#links.set(path, cleanPath(linkname ?? ""));
    else if (type !== "file" && type !== "contiguous-file") return;
    else if (DOCUMENTS.test(path)) await this.#keep(path, member);
    else if (!IGNORED.test(path)) await this.#store(member, path);
  }

  readonly blobAt = (path: string): Digest => {
    const found = this.#follow(path);
    if (found) return found;
    throw invalidParameter(`the image archive has no file ${path}, though its manifest names it`);
  };

  readonly has = (path: string): boolean => this.#follow(path) !== undefined;

  async #keep(path: string, member: Entry): Promise<void> {
    const content = await readWhole(member, path);
    this.#documentBytes += content.length;
    if (this.#documentBytes > DOCUMENTS_LIMIT)
      throw invalidParameter(`the documents of the image archive have more than ${DOCUMENTS_LIMIT} bytes`);
    this.documents.set(path, content);
  }

  async #store(member: Entry, path: string): Promise<void> {
    let first: number | undefined;
    const looking = async function* () {
      for await (const chunk of member) {
        first ??= chunk[0];
        yield chunk;
      }
    };
    const { size } = member.header;
    const { digest, stored } = await this.#blobs.receive(looking(), this.#lease, { size });
    const named = /^blobs\/sha256\/([a-f0-9]{64})$/.exec(path)?.[1];
    if (named !== undefined && named !== hexOf(digest)) {
      throw invalidParameter(`content does not match its digest: ${path} has the digest ${digest}`);
    }
    this.#content.set(path, digest);
    const done = first === JSON_START ? stored : stored.then(() => this.#onLayer(digest));
    done.catch(() => undefined); // thrown by `stored`
    this.#stored.push(done);
  }

  #follow(path: string): Digest | undefined {
    let at: string | undefined = cleanPath(path);
    for (let hop = 0; hop < HOP_LIMIT && at !== undefined; hop++) {
      const digest = this.#content.get(at);
      if (digest) return digest;
      at = this.#links.get(at);
    }
    return undefined;
  }
}

const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

function cleanPath(text: string): string {
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined)
      throw invalidParameter(`the name "${text}" leads out of the image archive`);
  }
  return parts.join("/");
}

async function readWhole(source: AsyncIterable<Uint8Array>, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > MANIFEST_LIMIT)
      throw invalidParameter(`${path} of the image archive is larger than ${MANIFEST_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The path of a blob in an OCI layout. */
export const layoutPath = (digest: string): string => {
  if (!isDigest(digest)) throw invalidParameter(`invalid digest "${digest}"`);
  return `blobs/sha256/${hexOf(digest)}`;
};
