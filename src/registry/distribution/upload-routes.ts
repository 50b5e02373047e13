import { nameOf } from "../access/identity.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { parseContentRange } from "../http/range.ts";
import type { Project } from "../metadata/projects.ts";
import type { UploadRecord } from "../metadata/uploads.ts";
import { type Algorithm, algorithmOf, type BlobDigest, isBlobDigest, parseBlobDigest } from "./digest.ts";
import { isRepositoryName } from "./names.ts";
import type { DistributionServices } from "./services.ts";

type TextHeaders = Readonly<Record<string, string>>;

/** Where an upload stands (end-5, end-13). A fresh one shows "0-0", as clients of the Docker registry know it. */
function statusHeaders(record: UploadRecord, size: number): TextHeaders {
  return {
    Location: `/v2/${record.name}/blobs/uploads/${record.id}`,
    Range: `0-${Math.max(0, size - 1)}`,
    "Docker-Upload-UUID": record.id,
    "Blob-Upload-Session-ID": record.id,
  };
}

const createdHeaders = (name: string, digest: BlobDigest): TextHeaders => ({
  Location: `/v2/${name}/blobs/${digest}`,
  "Docker-Content-Digest": digest,
});

function wantedAlgorithm(exchange: Exchange): Algorithm {
  const wanted = exchange.query.get("digest-algorithm") ?? "sha256";
  if (wanted === "sha256" || wanted === "sha512") return wanted;
  throw failure("DIGEST_INVALID", { message: "digest-algorithm must be sha256 or sha512" });
}

/** Bytes the client announces, where it does: what a quota can refuse before they are sent. */
const announced = (exchange: Exchange): number => exchange.contentLength ?? 0;

/** POST: begins an upload, or is a whole one (`digest`), or takes a content over from elsewhere (`mount`). */
export function beginUpload(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const name = exchange.param("name");
    const project = services.access.projectForPush(exchange.caller.identity, name);
    if (mounted(services, exchange, project, name)) return;
    const digestText = exchange.query.get("digest");
    const digest = digestText === null ? undefined : parseBlobDigest(digestText);
    services.contents.checkQuota(project, digest, announced(exchange));
    const algorithm = digest ? algorithmOf(digest) : wantedAlgorithm(exchange);
    const record = await services.uploads.begin(name, nameOf(exchange.caller.identity), algorithm);
    if (!digest) {
      exchange.empty(202, statusHeaders(record, 0));
      return;
    }
    try {
      await receiveLast(services, exchange, project, record, digest);
    } catch (error) {
      // the client never learned where it could go on
      await services.uploads.cancel(record).catch(() => undefined);
      throw error;
    }
  };
}

/** Cross-repository mount (end-11): without `from`, from wherever the caller may pull. */
function mounted(
  services: DistributionServices,
  exchange: Exchange,
  project: Project,
  name: string,
): boolean {
  const { metadata, contents } = services;
  const digest = exchange.query.get("mount");
  if (digest === null || !isBlobDigest(digest)) return false;
  const size = metadata.blobs.size(digest);
  if (size === undefined || !mayMount(services, exchange, name, digest)) return false;
  contents.checkQuota(project, digest, size);
  metadata.database.transaction(() => {
    metadata.blobs.link(metadata.repositories.obtain(name, project.id).id, digest);
  });
  exchange.empty(201, createdHeaders(name, digest));
  return true;
}

function mayMount(
  services: DistributionServices,
  exchange: Exchange,
  name: string,
  digest: BlobDigest,
): boolean {
  const { metadata, access } = services;
  const { caller } = exchange;
  const from = exchange.query.get("from");
  if (from !== null && from !== "") {
    const source = isRepositoryName(from) ? metadata.repositories.find(from) : undefined;
    return (
      source !== undefined &&
      metadata.blobs.inRepository(source.id, digest) !== undefined &&
      access.mayOnRepository(caller, from, "pull")
    );
  }
  const own = metadata.repositories.find(name);
  if (own && metadata.blobs.inRepository(own.id, digest)) return true;
  const visible = new Set(access.visible(caller.identity).map(({ id }) => id));
  return metadata.blobs.projectsWith(digest).some((project) => visible.has(project));
}

const findUpload = (services: DistributionServices, exchange: Exchange): UploadRecord =>
  services.uploads.find(exchange.param("name"), exchange.param("upload"));

/** GET: how far an upload has come. */
export function uploadStatus(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const record = findUpload(services, exchange);
    exchange.empty(204, statusHeaders(record, await services.uploads.size(record)));
  };
}

/** Where a chunk begins. Throws RANGE_INVALID and SIZE_INVALID for headers that contradict each other. */
function chunkStart(exchange: Exchange): number | undefined {
  const header = exchange.header("content-range");
  if (header === undefined) return undefined;
  const range = parseContentRange(header);
  if (!range) throw failure("RANGE_INVALID", { detail: { "Content-Range": header.slice(0, 100) } });
  const length = exchange.contentLength;
  if (length !== undefined && length !== range.end - range.start + 1)
    throw failure("SIZE_INVALID", {
      message: `Content-Range names ${range.end - range.start + 1} bytes, Content-Length ${length}`,
    });
  return range.start;
}

/** The body, within the project's quota where there is one: what nobody finishes must not fill the disk either. */
async function bodyOf(
  { access, contents, uploads, metadata }: DistributionServices,
  exchange: Exchange,
  record: UploadRecord,
  digest?: BlobDigest,
): Promise<AsyncIterable<Uint8Array>> {
  const project = access.projectForPush(exchange.caller.identity, record.name);
  if (project.quota === undefined) return exchange.body();
  if (digest && metadata.blobs.projectHas(project.id, digest)) return exchange.body();
  return contents.withinQuota(project, await uploads.size(record), exchange.body());
}

/** PATCH: a chunk, or a stream of unknown length. */
export function appendUpload(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const record = findUpload(services, exchange);
    const headers = (size: number) => statusHeaders(record, size);
    const size = await services.uploads.append(
      record,
      chunkStart(exchange),
      await bodyOf(services, exchange, record),
      headers,
    );
    exchange.empty(202, headers(size));
  };
}

/** PUT: the last chunk, if any, and the digest that all must have. */
export function finishUpload(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const record = findUpload(services, exchange);
    const digest = parseBlobDigest(exchange.query.get("digest") ?? "");
    const project = services.access.projectForPush(exchange.caller.identity, record.name);
    await receiveLast(services, exchange, project, record, digest);
  };
}

async function receiveLast(
  services: DistributionServices,
  exchange: Exchange,
  project: Project,
  record: UploadRecord,
  digest: BlobDigest,
): Promise<void> {
  const { uploads, contents } = services;
  const headers = (size: number) => statusHeaders(record, size);
  if (exchange.contentLength !== 0)
    await uploads.append(
      record,
      chunkStart(exchange),
      await bodyOf(services, exchange, record, digest),
      headers,
      algorithmOf(digest),
    );
  // bringing a large content to the disk may take longer than an idle connection lives
  exchange.keepWaiting();
  const keep = async (size: number) => contents.keepUpload(record.id, digest, size, project, record.name);
  try {
    await uploads.finish(record, digest, keep);
  } catch (error) {
    // the client is told; what it sent is not kept (a wrong digest, a quota)
    await uploads.cancel(record).catch(() => undefined);
    throw error;
  }
  exchange.empty(201, createdHeaders(record.name, digest));
}

/** DELETE: gives an upload up. */
export function cancelUpload(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const record = findUpload(services, exchange);
    await services.uploads.cancel(record);
    exchange.empty(204, { "Docker-Upload-UUID": record.id });
  };
}
