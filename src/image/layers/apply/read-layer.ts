import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { cancelled, invalidParameter } from "../../../base/errors.ts";
import { TarReader, type TarSink } from "../../../base/tar/reader.ts";
import { type Digest, digestFromHex } from "../../../oci/index.ts";
import { compressionOf, decompressed } from "../../content/compression.ts";
import type { JobContext } from "../worker/jobs.ts";
import type { LayerLimits } from "./layer-writer.ts";

/** Headers, padding and extended headers on top of the files' own bytes: what a layer's archive may have in all. */
const ARCHIVE_OVERHEAD = 2;

/** What a layer's blob turned out to be: the digests of the bytes as stored, and of the archive in it. */
export interface ReadLayer {
  readonly digest: Digest;
  readonly diffId: Digest;
}

/** Reads a layer's blob once, hashing it on the way, and gives its members to the sink. Throws invalidParameter. */
export async function readLayer(
  blob: string,
  limits: LayerLimits,
  sink: TarSink,
  context: JobContext,
): Promise<ReadLayer> {
  const compression = await compressionOf(blob);
  const blobHash = createHash("sha256");
  const diffHash = compression === "none" ? blobHash : createHash("sha256");
  const tar = new TarReader(sink);
  let total = 0;
  for await (const chunk of decompressed(source(blob, blobHash, context), compression)) {
    if (diffHash !== blobHash) diffHash.update(chunk);
    total += chunk.length;
    if (total > limits.bytes * ARCHIVE_OVERHEAD) {
      throw invalidParameter(`the layer unpacks to more than ${limits.bytes} bytes: the limit for one layer`);
    }
    tar.write(chunk);
  }
  tar.finish();
  return {
    digest: digestFromHex(blobHash.copy().digest("hex")),
    diffId: digestFromHex(diffHash.copy().digest("hex")),
  };
}

const source = (path: string, hash: ReturnType<typeof createHash>, context: JobContext): Readable =>
  Readable.from(hashing(path, hash, context), { objectMode: false });

async function* hashing(
  path: string,
  hash: ReturnType<typeof createHash>,
  { signal, onBytes }: JobContext,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    if (signal.aborted) throw cancelled("reading the layer was cancelled");
    hash.update(chunk);
    onBytes(chunk.length);
    yield chunk;
  }
}
