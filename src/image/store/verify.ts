import { digestOf } from "../../oci/index.ts";
import type { LayerRow } from "../catalog/layer-table.ts";
import type { Finding } from "../image.ts";
import type { LayerLimits } from "../layers/apply/layer-writer.ts";
import type { LayerFolders } from "../layers/folders.ts";
import type { WorkerPool } from "../layers/worker/pool.ts";
import { familiarRow } from "./find-image.ts";
import type { Parts } from "./parts.ts";

/** What verifying needs besides the store's parts. */
export interface VerifyTools {
  readonly pool: WorkerPool;
  readonly folders: LayerFolders;
  readonly limits: LayerLimits;
}

/**
 * Reads the whole store and compares it with its digests, one finding a layer and an image. Content that is damaged is
 * taken away, so that the next pull or load of its image brings it back.
 */
export async function* verifyStore(
  parts: Parts,
  tools: VerifyTools,
  signal?: AbortSignal,
): AsyncGenerator<Finding> {
  for (const { chainId } of parts.layerTable.layers()) {
    const row = parts.layerTable.layer(chainId); // it may have been removed since the list was made
    if (row) yield await verifyLayer(parts, tools, row, signal);
  }
  for (const { id, config } of parts.images.list()) {
    const name = parts.images.referencesTo(id).map(familiarRow)[0];
    const found = digestOf(config);
    const named = { kind: "image", id, ...(name === undefined ? {} : { name }) } as const;
    if (found === id) yield { ...named, status: "ok", bytes: config.length };
    else yield { ...named, status: "damaged", bytes: config.length, detail: `its configuration is ${found}` };
  }
}

async function verifyLayer(
  { blobs, layers }: Parts,
  { pool, folders, limits }: VerifyTools,
  { chainId, diffId, blob, folder }: LayerRow,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  using lease = layers.lease();
  lease.hold(chainId);
  await using held = blobs.lease();
  held.hold(blob);
  const bytes = blobs.size(blob);
  const finding = { kind: "layer", id: chainId, bytes: bytes ?? 0 } as const;
  if (bytes === undefined) return { ...finding, status: "missing", detail: `content ${blob} is not there` };
  const files = { blob: blobs.path(blob), blobDigest: blob, diffId, folder: folders.diff(folder) };
  const { part, detail } = await pool.run({ kind: "verify", ...files, limits }, { signal });
  if (part === undefined) return { ...finding, status: "ok" };
  if (part === "files") return { ...finding, status: "damaged", detail: `its unpacked files: ${detail}` };
  await blobs.discard(blob);
  return { ...finding, status: "damaged", detail: `content ${blob} was taken away: ${detail}` };
}
