import { invalidParameter } from "../../../base/errors.ts";
import type { Files } from "../../../kernel/index.ts";
import type { Digest } from "../../../oci/index.ts";
import type { JobContext, Unpacked, UnpackJob } from "../worker/jobs.ts";
import { LayerWriter } from "./layer-writer.ts";
import { type ReadLayer, readLayer } from "./read-layer.ts";

/**
 * Unpacks one layer, hashing the bytes as stored and the bytes as unpacked on the way: a blob that was damaged on disk
 * and a layer that is not what its image says both end in invalidParameter.
 */
export async function unpack(job: UnpackJob, files: Files, context: JobContext): Promise<Unpacked> {
  const writer = new LayerWriter(files, job.target, job.limits);
  try {
    const read = await readLayer(job.blob, job.limits, writer, context);
    writer.finish();
    return { diffId: verified(job, read), size: writer.size, implicit: writer.implicit };
  } finally {
    writer.close();
  }
}

function verified(job: Pick<UnpackJob, "blobDigest" | "diffId">, { digest, diffId }: ReadLayer): Digest {
  if (digest !== job.blobDigest) {
    throw invalidParameter(
      `layer content ${job.blobDigest} is damaged on disk (found ${digest}): load or pull the image again`,
    );
  }
  if (job.diffId !== undefined && diffId !== job.diffId) {
    throw invalidParameter(
      `layer does not match its image: expected the diff id ${job.diffId}, found ${diffId}`,
    );
  }
  return diffId;
}
