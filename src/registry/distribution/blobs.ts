import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { allowsRange, matchesEtag, parseRange } from "../http/range.ts";
import type { BlobReader } from "../storage/storage.ts";
import { type BlobDigest, parseBlobDigest } from "./digest.ts";
import { projectOf } from "./names.ts";
import type { DistributionServices } from "./services.ts";

const YEAR = 31_536_000;

/** A content never changes, so clients and caches may keep it. */
export const blobHeaders = (digest: BlobDigest): Readonly<Record<string, string>> => ({
  "Content-Type": "application/octet-stream",
  "Docker-Content-Digest": digest,
  ETag: `"${digest}"`,
  "Cache-Control": `max-age=${YEAR}, immutable`,
  "Accept-Ranges": "bytes",
});

/** GET and HEAD of a blob (distribution-spec end-2, with ranges and conditions of RFC 9110). */
export function getBlob(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const digest = parseBlobDigest(exchange.param("digest"));
    const name = exchange.param("name");
    if (!linked(services, exchange, name, digest)) {
      const fetched = await fetchBlob(services, exchange, name, digest);
      if (fetched === "sent") return;
      if (fetched === "unknown") throw failure("BLOB_UNKNOWN", { detail: { digest } });
    }
    if (matchesEtag(exchange.header("if-none-match"), digest)) {
      exchange.empty(304, blobHeaders(digest));
      return;
    }
    if (exchange.method === "HEAD") return answerHead(services, exchange, digest);
    await using reader = await services.contents.open(digest);
    // its file is lost: a push of the same content brings it back
    if (!reader) throw failure("BLOB_UNKNOWN", { detail: { digest } });
    await sendBlob(exchange, digest, reader);
  };
}

/** Whether the repository has it. Someone who asks before a push counts on the answer: the lease is renewed. */
function linked(
  services: DistributionServices,
  exchange: Exchange,
  name: string,
  digest: BlobDigest,
): boolean {
  const repository = services.metadata.repositories.find(name);
  const link = repository && services.metadata.blobs.inRepository(repository.id, digest);
  if (!link) return false;
  if (exchange.method === "HEAD" && Date.now() - link.leased > services.leaseTime / 2)
    services.metadata.blobs.link(repository.id, digest);
  return true;
}

async function fetchBlob(
  { metadata, pullThrough }: DistributionServices,
  exchange: Exchange,
  name: string,
  digest: BlobDigest,
): Promise<"sent" | "stored" | "unknown"> {
  const project = metadata.projects.find(projectOf(name));
  return project?.settings.proxy ? pullThrough.blob(exchange, project, name, digest) : "unknown";
}

async function answerHead(
  services: DistributionServices,
  exchange: Exchange,
  digest: BlobDigest,
): Promise<void> {
  const size = await services.contents.storedSize(digest);
  if (size === undefined) throw failure("BLOB_UNKNOWN", { detail: { digest } });
  exchange.response.writeHead(200, { ...blobHeaders(digest), "Content-Length": size });
  exchange.response.end();
}

async function sendBlob(exchange: Exchange, digest: BlobDigest, reader: BlobReader): Promise<void> {
  const { size } = reader;
  const { response } = exchange;
  const headers = blobHeaders(digest);
  const conditional = allowsRange(exchange.header("if-range"), `"${digest}"`);
  const range = conditional ? parseRange(exchange.header("range"), size) : undefined;
  if (range === "unsatisfiable")
    throw failure("RANGE_INVALID", { headers: { "Content-Range": `bytes */${size}` } });
  if (range) {
    const { start, end } = range;
    const part = { "Content-Range": `bytes ${start}-${end}/${size}`, "Content-Length": end - start + 1 };
    response.writeHead(206, { ...headers, ...part });
    await reader.sendTo(response, start, end);
  } else {
    response.writeHead(200, { ...headers, "Content-Length": size });
    if (size > 0) await reader.sendTo(response, 0, size - 1);
  }
  response.end();
}

/** DELETE of a blob: the repository no longer has it; its bytes go when nobody has them (end-10). */
export function deleteBlob({ metadata, journal }: DistributionServices) {
  return (exchange: Exchange): void => {
    const digest = parseBlobDigest(exchange.param("digest"));
    const repository = metadata.repositories.find(exchange.param("name"));
    metadata.database.transaction(() => {
      if (!repository || !metadata.blobs.unlink(repository.id, digest))
        throw failure("BLOB_UNKNOWN", { detail: { digest } });
      journal.deleted(exchange, "blob.delete", { repository: repository.name, digest });
    });
    exchange.empty(202);
  };
}
