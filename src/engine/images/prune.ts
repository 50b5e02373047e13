import { hasKind } from "../../base/errors.ts";
import type { RemovedImage } from "../../image/index.ts";
import type { Kit } from "../containers/kit.ts";
import type { Filters, ImageView } from "../views.ts";
import { imageFilter, isTrue } from "./filters.ts";
import { publishRemoved } from "./removal.ts";
import { imageViews } from "./view.ts";

/** Images without a name, or with `dangling=false` all, that no container was made from. */
export async function pruneImages(kit: Kit, filters: Filters) {
  const danglingOnly = isTrue("dangling", filters.get("dangling") ?? ["true"]);
  const others = new Map([...filters].filter(([name]) => name !== "dangling"));
  const matches = imageFilter(kit, others, false);
  const unused = imageViews(kit).filter((image) => image.containers === 0 && matches(image));
  const candidates = unused.filter(({ repoTags }) => !danglingOnly || repoTags.length === 0);
  const deleted: RemovedImage[] = [];
  let reclaimed = 0;
  for (const image of candidates) {
    const removed = await removeUnused(kit, image);
    deleted.push(...removed);
    if (removed.some((entry) => "Deleted" in entry)) reclaimed += image.size;
  }
  kit.events.publish("image", "prune", "", { reclaimed: String(reclaimed) });
  return { deleted, reclaimed };
}

async function removeUnused(kit: Kit, { id, repoTags }: ImageView): Promise<readonly RemovedImage[]> {
  const removed: RemovedImage[] = [];
  const usedBy = () => undefined;
  try {
    for (const reference of repoTags.length > 0 ? repoTags : [id]) {
      removed.push(...(await kit.images.remove(reference, { force: false, noPrune: false, usedBy })));
    }
  } catch (error) {
    // Taken into use, or gone, since the plan was made.
    if (!hasKind(error, "conflict") && !hasKind(error, "notFound")) throw error;
  }
  publishRemoved(kit, removed, id);
  return removed;
}
