import { chainIds } from "../../oci/index.ts";
import type { ImageRow } from "../catalog/image-table.ts";
import type { HistoryItem } from "../image.ts";
import { configOf, familiarRow, findImage } from "./find-image.ts";
import type { Parts } from "./parts.ts";

const MISSING = "<missing>";

/** `docker history`: newest first; each entry with a layer has that layer's size, each known ancestor its id. */
export function imageHistory(parts: Parts, reference: string): readonly HistoryItem[] {
  const image = findImage(parts, reference);
  const { history = [], rootfs } = configOf(image);
  const chain = chainIds(rootfs.diff_ids);
  const ancestors = ancestry(parts, image);
  let layer = 0;
  const sizes = history.map(({ empty_layer }) => {
    const chainId = empty_layer ? undefined : chain[layer++];
    return (chainId && parts.layerTable.layer(chainId)?.size) ?? 0;
  });
  return history.toReversed().map((entry, index) => {
    const own = ancestors[index];
    const references = own ? parts.images.referencesTo(own.id) : [];
    return {
      ...entry,
      id: own?.id ?? MISSING,
      tags: references.map(familiarRow).filter((name) => !name.includes("@")),
      size: sizes[history.length - 1 - index] ?? 0,
    };
  });
}

/** The image, its parent, and so on, as far as they are in the store. */
function ancestry({ images }: Parts, image: ImageRow): readonly ImageRow[] {
  const line = [image];
  const seen = new Set([image.id]);
  for (let next = image.parent; next !== undefined && !seen.has(next); next = line.at(-1)?.parent) {
    seen.add(next);
    const row = images.get(next);
    if (!row) break;
    line.push(row);
  }
  return line;
}
