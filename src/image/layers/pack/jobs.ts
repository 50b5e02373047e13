import { createHash } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { cancelled } from "../../../base/errors.ts";
import { TarReader } from "../../../base/tar/reader.ts";
import { treeSize } from "../../../base/tree-size.ts";
import type { Files } from "../../../kernel/index.ts";
import { digestFromHex } from "../../../oci/index.ts";
import { inherit } from "../apply/inherit.ts";
import { LayerWriter } from "../apply/layer-writer.ts";
import type { Change } from "../layers.ts";
import type { ChangesJob, CommitJob, Committed, DiffJob, JobContext, LayerSource } from "../worker/jobs.ts";
import { packLayer } from "./pack.ts";
import { walkUpper } from "./walk.ts";

export async function sendDiff(job: DiffJob, files: Files, context: JobContext): Promise<undefined> {
  for (const chunk of packLayer(files, job)) {
    if (context.signal.aborted) throw cancelled("reading the layer was cancelled");
    await context.send(chunk);
  }
  return undefined;
}

/**
 * Blob and layer come from the same bytes in one pass: what containers will see is what the archive says, exactly as if
 * it had been loaded elsewhere.
 */
export async function commit(job: CommitJob, files: Files, { signal }: JobContext): Promise<Committed> {
  const hash = createHash("sha256");
  const writer = new LayerWriter(files, job.target, job.limits);
  const blob = openSync(job.blob, "wx", 0o640);
  let blobSize = 0;
  try {
    const tar = new TarReader(writer);
    for (const chunk of packLayer(files, job)) {
      await nextTurn(); // lets a cancellation in
      if (signal.aborted) throw cancelled("committing the layer was cancelled");
      hash.update(chunk);
      for (let done = 0; done < chunk.length; ) done += writeSync(blob, chunk, done);
      tar.write(chunk);
      blobSize += chunk.length;
    }
    tar.finish();
    writer.finish();
    inherit(files, job.target, job.lowers, writer.implicit);
    fdatasyncSync(blob);
  } finally {
    closeSync(blob);
    writer.close();
  }
  return { diffId: digestFromHex(hash.digest("hex")), size: writer.size, implicit: [], blobSize };
}

/** Bytes of the files in which a whole tree differs from what it was copied from. */
export function ownBytes(source: LayerSource, files: Files): number {
  let total = 0;
  // No layer is so deep: all that is there is the tree's own.
  const onLong = (folder: string): void => {
    total += treeSize(folder);
  };
  for (const { stat } of walkUpper(files, source, onLong))
    if (stat && !stat.isDirectory()) total += Number(stat.size);
  return total;
}

export function listChanges(job: ChangesJob, files: Files): readonly Change[] {
  const changes: Change[] = [];
  for (const { path, kind, hidden } of walkUpper(files, job)) {
    changes.push({ path, kind });
    for (const name of hidden) changes.push({ path: `${path}/${name}`, kind: "deleted" });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}
