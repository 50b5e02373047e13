import type { Image } from "../../image/index.ts";
import type { Kit } from "../containers/kit.ts";
import type { ImageView } from "../views.ts";

/** How many containers were made from each image. */
export function containersByImage(kit: Kit): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { record } of kit.table.all()) {
    const { image } = record.document;
    counts.set(image, (counts.get(image) ?? 0) + 1);
  }
  return counts;
}

export const imageView = (image: Image, containers: number): ImageView => ({
  id: image.id,
  repoTags: image.repoTags,
  repoDigests: image.repoDigests,
  parent: image.parent ?? "",
  size: image.size,
  lastTagged: image.lastTagged,
  config: image.config,
  folders: [],
  containers,
});

export function imageViews(kit: Kit): readonly ImageView[] {
  const counts = containersByImage(kit);
  return kit.images.list().map((image) => imageView(image, counts.get(image.id) ?? 0));
}
