import { hasKind } from "../../base/errors.ts";
import type { RemovedImage } from "../../image/index.ts";
import type { Kit } from "../containers/kit.ts";
import type { Filters, ImageView } from "../views.ts";
import { imageFilter, isTrue, PRUNE_FILTERS } from "./filters.ts";
import { removalEvents, userOf } from "./removal.ts";
import { imageViews } from "./view.ts";

/** Images without a tag, or with `dangling=false` all, that no container was made from. */
export async function pruneImages(kit: Kit, filters: Filters) {
  const danglingOnly = isTrue("dangling", filters.get("dangling") ?? ["true"]);
  const images = imageViews(kit);
  const others = new Map([...filters].filter(([name]) => name !== "dangling"));
  const matches = imageFilter(kit, others, { all: false, known: PRUNE_FILTERS, images });
  const { sizes } = kit.images.sharing();
  const candidates = images.filter(
    (image) => image.containers === 0 && matches(image) && (!danglingOnly || image.repoTags.length === 0),
  );
  const deleted: RemovedImage[] = [];
  for (const image of candidates) deleted.push(...(await removeUnused(kit, image)));
  // What is freed are layers: an image's size counts those that others go on using as well.
  const reclaimed = deleted.reduce(
    (sum, entry) => sum + ("Deleted" in entry ? (sizes.get(entry.Deleted) ?? 0) : 0),
    0,
  );
  kit.events.publish("image", "prune", "", { reclaimed: String(reclaimed) });
  return { deleted, reclaimed };
}

async function removeUnused(
  kit: Kit,
  { id, repoTags, repoDigests }: ImageView,
): Promise<readonly RemovedImage[]> {
  const removed: RemovedImage[] = [];
  const names = [...repoTags, ...repoDigests];
  for (const reference of names.length > 0 ? names : [id]) {
    try {
      const usedBy = (image: typeof id) => userOf(kit, image);
      removed.push(
        ...(await kit.images.remove(reference, {
          force: false,
          noPrune: false,
          usedBy,
          ...removalEvents(kit),
        })),
      );
    } catch (error) {
      // Taken into use, or gone together with a name before it.
      if (!hasKind(error, "conflict") && !hasKind(error, "notFound")) throw error;
    }
  }
  return removed;
}
