import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { cancelled, invalidParameter } from "../../../base/errors.ts";
import { TarReader } from "../../../base/tar/reader.ts";
import type { Files } from "../../../kernel/index.ts";
import { type Digest, digestFromHex } from "../../../oci/index.ts";
import { decompressed, MAGIC_LENGTH, sniffCompression } from "../../content/compression.ts";
import type { JobContext, Unpacked, UnpackJob } from "../worker/jobs.ts";
import { LayerWriter } from "./layer-writer.ts";

/** Headers, padding and extended headers on top of the files' own bytes: what a layer's archive may have in all. */
const ARCHIVE_OVERHEAD = 2;

/**
 * Unpacks one layer, hashing the bytes as stored and the bytes as unpacked on the way: a blob that was damaged on disk
 * and a layer that is not what its image says both end in invalidParameter.
 */
export async function unpack(job: UnpackJob, files: Files, context: JobContext): Promise<Unpacked> {
  const compression = sniffCompression(await headOf(job.blob));
  const blobHash = createHash("sha256");
  const diffHash = compression === "none" ? blobHash : createHash("sha256");
  const source = Readable.from(hashing(job.blob, blobHash, context), { objectMode: false });
  const writer = new LayerWriter(files, job.target, job.lowers, job.limits);
  try {
    const tar = new TarReader(writer);
    let total = 0;
    for await (const chunk of decompressed(source, compression)) {
      if (diffHash !== blobHash) diffHash.update(chunk);
      total += chunk.length;
      if (total > job.limits.bytes * ARCHIVE_OVERHEAD) {
        throw invalidParameter(
          `the layer unpacks to more than ${job.limits.bytes} bytes: the limit for one layer`,
        );
      }
      tar.write(chunk);
    }
    tar.finish();
    writer.finish();
  } finally {
    writer.close();
  }
  return { diffId: verified(job, blobHash, diffHash), size: writer.size };
}

function verified(job: UnpackJob, blobHash: Hash, diffHash: Hash): Digest {
  const digest = digestFromHex(blobHash.copy().digest("hex"));
  if (digest !== job.blobDigest) {
    throw invalidParameter(
      `layer content ${job.blobDigest} is damaged on disk (found ${digest}): load or pull the image again`,
    );
  }
  const diffId = digestFromHex(diffHash.copy().digest("hex"));
  if (job.diffId !== undefined && diffId !== job.diffId) {
    throw invalidParameter(
      `layer does not match its image: expected the diff id ${job.diffId}, found ${diffId}`,
    );
  }
  return diffId;
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(MAGIC_LENGTH);
    const { bytesRead } = await file.read(head, 0, MAGIC_LENGTH, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function* hashing(
  path: string,
  hash: Hash,
  { signal, onBytes }: JobContext,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    if (signal.aborted) throw cancelled("unpacking the layer was cancelled");
    hash.update(chunk);
    onBytes(chunk.length);
    yield chunk;
  }
}
