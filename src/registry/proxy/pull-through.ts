import type { ServerResponse } from "node:http";
import type { Logger } from "../../base/log.ts";
import { MEDIA_TYPES } from "../../oci/index.ts";
import type { Contents } from "../content/contents.ts";
import type { Uploads } from "../content/uploads.ts";
import { blobHeaders } from "../distribution/blobs.ts";
import { algorithmOf, type BlobDigest, computeDigest, isBlobDigest } from "../distribution/digest.ts";
import { parseManifestDocument } from "../distribution/manifest-document.ts";
import type { PullThrough } from "../distribution/services.ts";
import { failure, RegistryError } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Project } from "../metadata/projects.ts";
import { Relay, readLimited } from "./relay.ts";
import { Upstream } from "./upstream.ts";

export interface PullThroughParts {
  readonly metadata: Metadata;
  readonly contents: Contents;
  readonly uploads: Uploads;
  readonly log: Logger;
}

const ACCEPT = [
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerList,
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
].join(", ");
const FRESH_SECONDS = 300;
/** As the trail and the page name who brought it. */
const OWNER = "upstream";

/** A project as a cache of another registry: what is asked for is fetched, kept, and served from here the next time. */
export class RegistryCache implements PullThrough {
  readonly #parts: PullThroughParts;
  readonly #upstreams = new Map<number, { readonly settings: string; readonly upstream: Upstream }>();
  /** What is being fetched: whoever asks for the same waits for it. */
  readonly #fetches = new Map<string, Promise<unknown>>();

  constructor(parts: PullThroughParts) {
    this.#parts = parts;
  }

  #upstream(project: Project): Upstream {
    const settings = JSON.stringify(project.settings.proxy);
    const known = this.#upstreams.get(project.id);
    if (known?.settings === settings) return known.upstream;
    const upstream = new Upstream(project.settings.proxy!);
    this.#upstreams.set(project.id, { settings, upstream });
    return upstream;
  }

  #nameThere(project: Project, name: string): string {
    return Upstream.nameOf(project.settings.proxy!.upstream, project.name, name);
  }

  async manifest(project: Project, name: string, reference: string): Promise<string | undefined> {
    if (this.#isFresh(project, name, reference)) return undefined;
    try {
      await this.#once(`${name}:${reference}`, () => this.#refresh(project, name, reference));
      return undefined;
    } catch (error) {
      if (!(error instanceof RegistryError) || error.status < 500 || !this.#known(name, reference))
        throw error;
      this.#parts.log.warn("upstream did not answer: an older copy is served", { name, reference, error });
      return "the upstream registry did not answer: this is the copy of an earlier time";
    }
  }

  #known(
    name: string,
    reference: string,
  ): { readonly digest: BlobDigest; readonly checked?: number } | undefined {
    const { metadata } = this.#parts;
    const repository = metadata.repositories.find(name);
    if (!repository) return undefined;
    if (isBlobDigest(reference)) return metadata.manifests.find(repository.id, reference);
    return metadata.tags.find(repository.id, reference);
  }

  #isFresh(project: Project, name: string, reference: string): boolean {
    const known = this.#known(name, reference);
    if (!known || isBlobDigest(reference)) return known !== undefined;
    const fresh = (project.settings.proxy?.freshSeconds ?? FRESH_SECONDS) * 1000;
    return known.checked !== undefined && known.checked > Date.now() - fresh;
  }

  #once<T>(key: string, fetch: () => Promise<T>): Promise<T> {
    const running = this.#fetches.get(key) as Promise<T> | undefined;
    if (running) return running;
    const started = fetch().finally(() => this.#fetches.delete(key));
    this.#fetches.set(key, started);
    return started;
  }

  async #refresh(project: Project, name: string, reference: string): Promise<void> {
    const upstream = this.#upstream(project);
    const there = this.#nameThere(project, name);
    const known = this.#known(name, reference);
    if (known) {
      const head = await upstream.ask("HEAD", there, `manifests/${reference}`, ACCEPT);
      if (head.ok && head.headers.get("docker-content-digest") === known.digest) {
        this.#touch(name, reference);
        return;
      }
    }
    const answer = await upstream.ask("GET", there, `manifests/${reference}`, ACCEPT);
    if (!answer.ok) {
      await answer.body?.cancel();
      this.#refused(name, reference, answer.status);
    }
    const content = await readLimited(answer);
    await this.#keep(project, name, reference, content, answer.headers.get("content-type") ?? undefined);
  }

  #touch(name: string, tag: string): void {
    const repository = this.#parts.metadata.repositories.find(name);
    if (repository) this.#parts.metadata.tags.touchChecked(repository.id, tag, Date.now());
  }

  /** Throws what the client is told; a tag that upstream no longer has goes here too. */
  #refused(name: string, reference: string, status: number): never {
    const { metadata } = this.#parts;
    if (status === 404) {
      const repository = metadata.repositories.find(name);
      if (repository && !isBlobDigest(reference)) metadata.tags.delete(repository.id, reference);
    }
    // to others it looks the same whether upstream has none or does not let us
    if (status === 404 || status === 401 || status === 403)
      throw failure("MANIFEST_UNKNOWN", { detail: { name, reference } });
    throw failure("UNAVAILABLE", {
      status: status === 429 ? 429 : 502,
      message: `the upstream registry answered ${status}`,
    });
  }

  async #keep(project: Project, name: string, reference: string, content: Buffer, type: string | undefined) {
    const { metadata, contents } = this.#parts;
    const wanted = isBlobDigest(reference) ? reference : undefined;
    const digest = computeDigest(content, wanted ? algorithmOf(wanted) : "sha256");
    if (wanted && wanted !== digest)
      throw failure("UNAVAILABLE", {
        status: 502,
        message: "the upstream registry sent a manifest of another digest",
      });
    const document = parseManifestDocument(content, type);
    contents.checkQuota(project, digest, content.length);
    await contents.keepDocument(digest, content, () => {
      const repository = metadata.repositories.obtain(name, project.id).id;
      const image = { platform: undefined, created: undefined };
      const { id } = metadata.manifests.add({
        repository,
        digest,
        size: content.length,
        document,
        by: OWNER,
        ...image,
      });
      if (wanted) return;
      metadata.tags.set(repository, reference, id, OWNER);
      metadata.tags.touchChecked(repository, reference, Date.now());
    });
  }

  async blob(
    exchange: Exchange,
    project: Project,
    name: string,
    digest: BlobDigest,
  ): Promise<"sent" | "stored" | "unknown"> {
    const key = `${name}@${digest}`;
    exchange.keepWaiting();
    if (exchange.method === "HEAD") return this.#headBlob(exchange, project, name, digest);
    const running = this.#fetches.get(key);
    // the first who asks gets it as it arrives, the others when it is here; a part is cut from what is here
    const live = !running && exchange.header("range") === undefined ? exchange.response : undefined;
    const found = await this.#once(key, () => this.#fetchBlob(project, name, digest, live));
    if (!found) return "unknown";
    return live ? "sent" : "stored";
  }

  async #headBlob(
    exchange: Exchange,
    project: Project,
    name: string,
    digest: BlobDigest,
  ): Promise<"sent" | "unknown"> {
    const answer = await this.#upstream(project).ask(
      "HEAD",
      this.#nameThere(project, name),
      `blobs/${digest}`,
    );
    const length = answer.headers.get("content-length");
    if (!answer.ok || length === null) return "unknown";
    exchange.response.writeHead(200, { ...blobHeaders(digest), "Content-Length": length });
    exchange.response.end();
    return "sent";
  }

  async #fetchBlob(
    project: Project,
    name: string,
    digest: BlobDigest,
    live: ServerResponse | undefined,
  ): Promise<boolean> {
    const answer = await this.#upstream(project).ask(
      "GET",
      this.#nameThere(project, name),
      `blobs/${digest}`,
    );
    if (!answer.ok || !answer.body) {
      await answer.body?.cancel();
      if (answer.status >= 500 || answer.status === 429)
        throw failure("UNAVAILABLE", {
          status: 502,
          message: `the upstream registry answered ${answer.status}`,
        });
      return false;
    }
    const length = answer.headers.get("content-length");
    this.#parts.contents.checkQuota(project, digest, Number(length ?? 0));
    live?.writeHead(200, {
      ...blobHeaders(digest),
      ...(length === null ? {} : { "Content-Length": length }),
    });
    await this.#keepBlob(project, name, digest, answer.body, new Relay(live));
    return true;
  }

  async #keepBlob(
    project: Project,
    name: string,
    digest: BlobDigest,
    body: AsyncIterable<Uint8Array>,
    relay: Relay,
  ): Promise<void> {
    const { uploads, contents } = this.#parts;
    const record = await uploads.begin(name, OWNER, algorithmOf(digest));
    try {
      await uploads.append(record, 0, relay.pass(body), () => ({}));
      await uploads.finish(record, digest, (size) =>
        contents.keepUpload(record.id, digest, size, project, name),
      );
    } catch (error) {
      await uploads.cancel(record).catch(() => undefined);
      if (!(error instanceof RegistryError)) throw error;
      throw failure("UNAVAILABLE", {
        status: 502,
        message: "the upstream registry sent something else",
        cause: error,
      });
    }
    // the last part only now: who has it all, has what they asked for
    relay.finish();
  }
}
