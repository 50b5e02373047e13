import type { Digest } from "../../oci/index.ts";
import type { LayerSharing } from "../image.ts";
import type { Parts } from "./parts.ts";

/** How many bytes of layers images have to themselves and in common: two queries, then walks up the chains. */
export function layerSharing({ images, layerTable }: Parts): LayerSharing {
  const layers = new Map(layerTable.layers().map((row) => [row.chainId, row]));
  const rows = images.list();
  const named = new Set(images.references().map(({ image }) => image));
  const parents = new Set(rows.map(({ parent }) => parent));
  const users = new Map<Digest, number>();
  const chainOf = function* (top: Digest | undefined) {
    for (let row = top && layers.get(top); row; row = row.parent && layers.get(row.parent)) yield row;
  };
  for (const { id, chainId } of rows) {
    if (!named.has(id) && parents.has(id)) continue;
    for (const row of chainOf(chainId)) users.set(row.chainId, (users.get(row.chainId) ?? 0) + 1);
  }
  const sizes = new Map([...layers.values()].map(({ chainId, size }) => [chainId as string, size]));
  const shared = new Map<Digest, number>();
  for (const { id, chainId } of rows) {
    let bytes = 0;
    for (const row of chainOf(chainId)) if ((users.get(row.chainId) ?? 0) > 1) bytes += row.size;
    shared.set(id, bytes);
  }
  return { total: [...sizes.values()].reduce((sum, size) => sum + size, 0), sizes, shared };
}
