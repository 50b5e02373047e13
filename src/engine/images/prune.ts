import { hasKind } from "../../base/errors.ts";
import type { RemovedImage } from "../../image/index.ts";
import type { Kit } from "../containers/kit.ts";
import type { Filters, ImageView } from "../views.ts";
import { imageFilter, isTrue, PRUNE_FILTERS } from "./filters.ts";
import { removalEvents, userOf } from "./removal.ts";
import { imageViews } from "./view.ts";

/** Images without a tag, or with `dangling=false` all, as far as no container was made from them. */
export async function pruneImages(kit: Kit, filters: Filters) {
  const danglingOnly = isTrue("dangling", filters.get("dangling") ?? ["true"]);
  const images = imageViews(kit);
  const others = new Map([...filters].filter(([name]) => name !== "dangling"));
  const matches = imageFilter(kit, others, { all: false, known: PRUNE_FILTERS, images });
  const { sizes } = kit.images.sharing();
  const candidates = images.filter(
    (image) => matches(image) && (!danglingOnly || (image.containers === 0 && image.repoTags.length === 0)),
  );
  const deleted: RemovedImage[] = [];
  for (const image of candidates) deleted.push(...(await removeNames(kit, image, unusedNames(image))));
  // What is freed are layers: an image's size counts those that others go on using as well.
  const reclaimed = deleted.reduce(
    (sum, entry) => sum + ("Deleted" in entry ? (sizes.get(entry.Deleted) ?? 0) : 0),
    0,
  );
  kit.events.publish("image", "prune", "", { reclaimed: String(reclaimed) });
  return { deleted, reclaimed };
}

/** What is pruned of an image: all, or, where containers stand on it, all its tags but the last by name. */
function unusedNames({ id, containers, repoTags, repoDigests }: ImageView): readonly string[] {
  if (containers > 0) return [...repoTags].sort().slice(0, -1);
  const names = [...repoTags, ...repoDigests];
  return names.length > 0 ? names : [id];
}

async function removeNames(
  kit: Kit,
  { id }: ImageView,
  names: readonly string[],
): Promise<readonly RemovedImage[]> {
  const removed: RemovedImage[] = [];
  for (const reference of names) {
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
