import { invalidParameter } from "../../../base/errors.ts";
import type { Files } from "../../../kernel/index.ts";
import type { JobContext, Unpacked, UnpackJob } from "../worker/jobs.ts";
import { LayerWriter } from "./layer-writer.ts";
import { readLayer } from "./read-layer.ts";

/** Unpacks one layer. A blob that was damaged on disk ends in invalidParameter. */
export async function unpack(job: UnpackJob, files: Files, context: JobContext): Promise<Unpacked> {
  const writer = new LayerWriter(files, job.target, job.limits);
  try {
    const { digest, diffId } = await readLayer(job.blob, job.limits, writer, context);
    if (digest !== job.blobDigest) {
      throw invalidParameter(
        `layer content ${job.blobDigest} is damaged on disk (found ${digest}): load or pull the image again`,
      );
    }
    writer.finish();
    return { diffId, size: writer.size, implicit: writer.implicit };
  } finally {
    writer.close();
  }
}
