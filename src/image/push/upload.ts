import { createHash } from "node:crypto";
import { pipeline, Readable, Transform } from "node:stream";
import { createGzip } from "node:zlib";
import { type Digest, digestFromHex } from "../../oci/index.ts";
import type { Repository } from "../../registry-client/repository.ts";
import { drain } from "../../registry-client/transport.ts";
import type { RegistryKit } from "../registry/kit.ts";

/** Bytes of one piece of an upload whose length is not known before its end. */
const PIECE = 8 * 1024 * 1024;

export interface Upload {
  readonly repository: Repository;
  readonly signal: AbortSignal;
  /** Bytes of the stored content that have gone out. */
  readonly onBytes: (current: number) => void;
}

/** Sends content whose digest is known in one request. */
export async function uploadWhole(
  { repository, signal, onBytes }: Upload,
  address: URL,
  content: { readonly digest: Digest; readonly size: number; readonly open: () => Readable },
): Promise<void> {
  const answer = await repository.send({
    method: "PUT",
    url: withDigest(address, content.digest),
    headers: { "Content-Type": "application/octet-stream", "Content-Length": String(content.size) },
    body: () => counted(content.open(), onBytes),
    signal,
  });
  await drain(answer);
}

/** The same bytes, with a report of how many have gone by. A failing source is told to whoever reads. */
function counted(source: Readable, onBytes: (current: number) => void): Readable {
  let current = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      current += chunk.length;
      onBytes(current);
      done(null, chunk);
    },
  });
  return pipeline(source, counter, () => undefined);
}

/** Compresses on the way and sends in pieces, since the digest is known only at the end. Nothing is kept on disk. */
export async function uploadCompressed(
  kit: RegistryKit,
  { repository, signal, onBytes }: Upload,
  address: URL,
  blob: Digest,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const hash = createHash("sha256");
  const source = counted(verifiedStream(kit.blobs, blob), onBytes);
  const gzip = pipeline(source, createGzip({ chunkSize: 128 * 1024 }), () => undefined);
  let [at, sent] = [address, 0];
  for await (const piece of pieces(gzip)) {
    hash.update(piece);
    at = await sendPiece(repository, at, piece, sent, signal);
    sent += piece.length;
  }
  const digest = digestFromHex(hash.digest("hex"));
  const headers = { "Content-Length": "0" };
  await drain(await repository.send({ method: "PUT", url: withDigest(at, digest), headers, signal }));
  return { digest, size: sent };
}

async function sendPiece(
  repository: Repository,
  address: URL,
  piece: Buffer,
  from: number,
  signal: AbortSignal,
): Promise<URL> {
  const answer = await repository.send({
    method: "PATCH",
    url: address,
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Length": String(piece.length),
      "Content-Range": `${from}-${from + piece.length - 1}`,
    },
    body: piece,
    signal,
  });
  await drain(answer);
  return repository.location(answer);
}

async function* pieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let [gathered, size]: [Buffer[], number] = [[], 0];
  for await (const chunk of source) {
    gathered.push(chunk);
    size += chunk.length;
    if (size < PIECE) continue;
    yield Buffer.concat(gathered);
    [gathered, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(gathered);
}

function withDigest(address: URL, digest: Digest): URL {
  const url = new URL(address);
  url.searchParams.set("digest", digest);
  return url;
}

/** A stored blob as a stream that fails at its end when the content is damaged. */
export const verifiedStream = (blobs: RegistryKit["blobs"], digest: Digest): Readable =>
  Readable.from(blobs.verified(digest), { objectMode: false, highWaterMark: 256 * 1024 });

export const fromBytes = (content: Uint8Array): Readable => Readable.from([content], { objectMode: false });
