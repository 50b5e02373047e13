import { invalidParameter, systemError } from "../base/errors.ts";
import {
  type Digest,
  digestOf,
  isDigest,
  isIndexType,
  isManifestType,
  isTag,
  MANIFEST_LIMIT,
  MEDIA_TYPES,
  parseObject,
} from "../oci/index.ts";
import type { Session, SessionRequest } from "./session.ts";
import { repositoryScope } from "./tokens.ts";
import { drain, readWhole, type WireAnswer } from "./transport.ts";

const MANIFEST_TYPES = [
  MEDIA_TYPES.dockerManifest,
  MEDIA_TYPES.dockerList,
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.ociManifest,
].join(", ");

export interface RemoteManifest {
  readonly content: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string | undefined;
}

/** Bytes of a blob from some offset on. */
export interface BlobBody {
  /** Where they start: 0 when the registry cannot start anywhere else. */
  readonly from: number;
  readonly body: AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown };
}

const TAG_LIMIT = 100_000;

/** One repository of a registry: the calls of the OCI distribution-spec 1.1. Failures are RegistryError or ConnectionError. */
export class Repository {
  readonly #session: Session;
  readonly #path: string;
  readonly #scopes: readonly string[];
  readonly #signal: AbortSignal;

  constructor(session: Session, path: string, actions: "pull" | "pull,push", signal: AbortSignal) {
    this.#session = session;
    this.#path = path;
    this.#scopes = [repositoryScope(path, actions)];
    this.#signal = signal;
  }

  /** A request with this repository's scope and signal, where none of its own are given. */
  send(request: Omit<SessionRequest, "scopes" | "signal"> & Partial<SessionRequest>): Promise<WireAnswer> {
    return this.#session.send({ scopes: this.#scopes, signal: this.#signal, ...request });
  }

  /** The address of an answer's `Location`. */
  location(answer: WireAnswer): URL {
    const { location } = answer.headers;
    if (!location) throw systemError("the registry gave no address to upload to");
    return this.#session.address(location, answer.url);
  }

  /** The manifest a tag or a digest names; its content is checked against the digest. */
  async manifest(reference: string): Promise<RemoteManifest> {
    const answer = await this.send({
      method: "GET",
      url: `/v2/${this.#path}/manifests/${reference}`,
      headers: { Accept: MANIFEST_TYPES },
    });
    const content = await readWhole(answer, MANIFEST_LIMIT, `manifest ${reference}`);
    const digest = digestOf(content);
    if (isDigest(reference) && digest !== reference) {
      throw invalidParameter(`manifest verification failed for digest ${reference}`);
    }
    return { content, digest, mediaType: manifestType(answer.headers["content-type"], digest) };
  }

  /** All tags, over as many pages as the registry makes of them. */
  async tags(): Promise<readonly string[]> {
    const found: string[] = [];
    let next: string | URL | undefined = `/v2/${this.#path}/tags/list`;
    while (next !== undefined) {
      const answer: WireAnswer = await this.send({ method: "GET", url: next });
      const content = await readWhole(answer, MANIFEST_LIMIT, "the list of tags");
      const { tags } = parseObject("the list of tags", content, MANIFEST_LIMIT);
      const page = Array.isArray(tags) ? tags : [];
      found.push(...page.filter((tag): tag is string => typeof tag === "string" && isTag(tag)));
      if (found.length > TAG_LIMIT) throw systemError(`the repository has more than ${TAG_LIMIT} tags`);
      const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(String(answer.headers["link"] ?? ""))?.[1];
      // A page that brings nothing but another page would go on for ever.
      next = link === undefined || page.length === 0 ? undefined : this.#session.address(link, answer.url);
    }
    return found;
  }

  /** A blob from `from` on where the registry can do that, else from its start. */
  async blob(digest: Digest, from: number, signal: AbortSignal): Promise<BlobBody> {
    const range: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
    // Identity: a proxy that compresses on the way would change what the digest is of.
    const headers = { "Accept-Encoding": "identity", ...range };
    const url = `/v2/${this.#path}/blobs/${digest}`;
    const answer = await this.send({ method: "GET", url, headers, accept: [200, 206, 416], signal });
    if (answer.status === 416) {
      await drain(answer);
      return this.blob(digest, 0, signal);
    }
    if (answer.status === 200) return { from: 0, body: answer.body };
    const start = Number(/^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1]);
    if (start === from) return { from, body: answer.body };
    answer.body.destroy();
    throw systemError(`the registry sent another part of ${digest} than it was asked for`);
  }

  /** A small blob, whole and checked against its digest. Throws invalidParameter when it is larger than `limit` bytes. */
  async wholeBlob(what: string, digest: Digest, limit: number): Promise<Buffer> {
    const { body } = await this.blob(digest, 0, this.#signal);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) throw invalidParameter(`${what} is too large`);
      chunks.push(chunk);
    }
    const content = Buffer.concat(chunks);
    if (digestOf(content) !== digest) throw invalidParameter(`${what} does not match its digest ${digest}`);
    return content;
  }

  /** Bytes of a blob that is there; undefined when it is not. */
  async hasBlob(digest: Digest): Promise<number | undefined> {
    const url = `/v2/${this.#path}/blobs/${digest}`;
    const answer = await this.send({ method: "HEAD", url, accept: [200, 404] });
    await drain(answer);
    return answer.status === 200 ? Number(answer.headers["content-length"] ?? 0) : undefined;
  }

  /** Starts an upload; with `mount` a blob of another repository may be taken over instead, and then nothing is left to do. */
  async startUpload(mount?: { readonly digest: Digest; readonly from: string }): Promise<URL | "mounted"> {
    const query = mount ? `?mount=${mount.digest}&from=${encodeURIComponent(mount.from)}` : "";
    const answer = await this.send({
      method: "POST",
      url: `/v2/${this.#path}/blobs/uploads/${query}`,
      headers: { "Content-Length": "0" },
      accept: [201, 202],
      scopes: mount ? [...this.#scopes, repositoryScope(mount.from, "pull")] : this.#scopes,
    });
    await drain(answer);
    return answer.status === 201 ? "mounted" : this.location(answer);
  }

  /** Gives up an upload that was started. */
  async cancelUpload(url: URL): Promise<void> {
    await drain(await this.send({ method: "DELETE", url, accept: [200, 202, 204, 404, 405] }));
  }

  async putManifest(reference: string, content: Uint8Array, mediaType: string): Promise<void> {
    const answer = await this.send({
      method: "PUT",
      url: `/v2/${this.#path}/manifests/${reference}`,
      headers: { "Content-Type": mediaType, "Content-Length": String(content.length) },
      body: content,
    });
    await drain(answer);
  }
}

/** Announced types other than a manifest's are refused, apart from the generic ones of simple file servers. */
function manifestType(header: string | undefined, digest: Digest): string | undefined {
  const type = header?.split(";", 1)[0]?.trim() ?? "";
  if (isIndexType(type) || isManifestType(type)) return type;
  if (type === "" || type === "application/json" || type === "application/octet-stream") return undefined;
  throw invalidParameter(`unsupported manifest media type and digest: ${type.slice(0, 200)} ${digest}`);
}
