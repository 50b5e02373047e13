import { chainIdAbove, type Digest, type HistoryEntry, type ImageConfig } from "../../oci/index.ts";
import type { BuildImages, BuiltLayer, KnownImage } from "../ports.ts";
import type { Position } from "./image-after.ts";

/** A step's result found in the history of another image. */
export interface FoundStep {
  readonly entry: HistoryEntry;
  readonly layer?: BuiltLayer;
}

/**
 * `--cache-from`: when a request names images, only their steps are reused. A step is one of theirs when its image is
 * an ancestor of theirs here, or when their history goes on from the step before with the same command: so an image
 * that was pulled brings its own cache.
 */
export class CacheSources {
  readonly #sources: readonly KnownImage[];
  readonly #ancestors = new Set<Digest>();

  constructor(images: BuildImages, references: readonly string[]) {
    this.#sources = references.flatMap((reference) => images.find(reference) ?? []);
    for (const source of this.#sources) {
      let image: KnownImage | undefined = source;
      while (image && !this.#ancestors.has(image.id)) {
        this.#ancestors.add(image.id);
        image = image.parent && images.get(image.parent);
      }
    }
  }

  allows(image: Digest): boolean {
    return this.#ancestors.has(image);
  }

  /** The step that made `createdBy` of `before` in one of the images. */
  find(before: Position, createdBy: string): FoundStep | undefined {
    for (const { config } of this.#sources) {
      if (!continues(config, before.config)) continue;
      const entry = config.history?.[before.config.history?.length ?? 0];
      if (entry?.created_by !== createdBy) continue;
      const layer = entry.empty_layer ? undefined : layerAfter(config, before);
      // Nobody asks for the size of a layer that is in the store already.
      if (layer) return { entry, layer: { ...layer, size: 0 } };
      if (entry.empty_layer) return { entry };
    }
    return undefined;
  }
}

/** Whether an image's history and layers begin with those of another, and go on. */
function continues(image: ImageConfig, before: ImageConfig): boolean {
  const [all, start] = [image.history ?? [], before.history ?? []];
  if (start.length >= all.length || image.architecture !== before.architecture || image.os !== before.os)
    return false;
  return (
    start.every((entry, index) => isSame(entry, all[index])) &&
    before.rootfs.diff_ids.every((id, index) => id === image.rootfs.diff_ids[index])
  );
}

const isSame = (a: HistoryEntry, b: HistoryEntry | undefined): boolean =>
  b !== undefined &&
  a.created === b.created &&
  a.created_by === b.created_by &&
  Boolean(a.empty_layer) === Boolean(b.empty_layer);

function layerAfter(
  image: ImageConfig,
  before: Position,
): Pick<BuiltLayer, "diffId" | "chainId"> | undefined {
  const diffId = image.rootfs.diff_ids[before.config.rootfs.diff_ids.length];
  return diffId && { diffId, chainId: chainIdAbove(before.chainId, diffId) };
}
