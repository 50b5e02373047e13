import { runAll } from "../../base/async.ts";
import type { MountWish } from "../../volume/index.ts";
import type { Container } from "./container.ts";
import type { Kit } from "./kit.ts";

/**
 * The name of the layer that shows an image at a mount. A layer of its own, though nothing is ever written into it,
 * because it keeps what it stands on: the container can be started again after its image's names are gone.
 */
const layerOf = (containerId: string, index: number): string => `${containerId}-image-${index}`;

/** Mounts of type image with the ids of their images. Throws notFound "No such image: x". */
export const settleImages = (kit: Kit, mounts: readonly MountWish[]): readonly MountWish[] =>
  mounts.map((wish) => {
    if (wish.type !== "image") return wish;
    return { ...wish, imageId: kit.images.resolve(wish.imageId ?? wish.source).id };
  });

/** Prepares what a new container's image mounts show. `undo` gets what takes it back. */
export async function prepareImages(
  kit: Kit,
  id: string,
  mounts: readonly MountWish[],
  undo: AsyncDisposableStack,
): Promise<readonly MountWish[]> {
  let count = 0;
  const prepared: MountWish[] = [];
  for (const wish of mounts) {
    if (wish.type !== "image") {
      prepared.push(wish);
      continue;
    }
    const imageLayer = layerOf(id, count++);
    const { chainId } = kit.images.resolve(wish.imageId ?? wish.source);
    await kit.layers.prepare(imageLayer, chainId, { isView: true });
    undo.defer(() => kit.layers.remove(imageLayer));
    prepared.push({ ...wish, imageLayer });
  }
  return prepared;
}

/** The layers of a container's image mounts. */
export const imageLayersOf = ({ record }: Container): readonly string[] =>
  record.document.mounts.flatMap(({ imageLayer }) => imageLayer ?? []);

export const removeImageLayers = (kit: Kit, container: Container): Promise<void> =>
  runAll(
    `could not remove the image mounts of container ${container.id}`,
    imageLayersOf(container).map((layer) => () => kit.layers.remove(layer)),
  );

/** Those of a container that never got a row: they are numbered without a gap. */
export async function removeOrphanLayers(kit: Kit, id: string): Promise<void> {
  for (let index = 0; kit.layers.folders(layerOf(id, index)); index++)
    await kit.layers.remove(layerOf(id, index));
}
