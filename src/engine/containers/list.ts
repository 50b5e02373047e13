import { hasKind } from "../../base/errors.ts";
import type { Image } from "../../image/index.ts";
import type { Digest } from "../../oci/index.ts";
import type { ContainerView, Filters } from "../views.ts";
import type { Container } from "./container.ts";
import { containerFilter, type FilterContext } from "./filters/container-filters.ts";
import type { Kit } from "./kit.ts";
import { isActive } from "./state.ts";
import { viewOf } from "./view.ts";

export interface ListOptions {
  readonly all: boolean;
  /** The n newest, running or not. */
  readonly limit: number | undefined;
  readonly filters: Filters;
}

/**
 * Newest first, each as it is when its turn comes. A filter on the state looks at all containers, as do `limit` and
 * `all`.
 */
export function* list(kit: Kit, { all, limit, filters }: ListOptions): Generator<ContainerView, void> {
  const everything = all || (limit ?? 0) > 0 || filters.has("status") || filters.has("exited");
  const matches = containerFilter(filters, contextOf(kit));
  const shownImage = imageNames(kit);
  let found = 0;
  for (const container of newestFirst(kit)) {
    if (!everything && !isActive(container.state)) continue;
    const view = viewOf(kit, container);
    if (!matches(view)) continue;
    yield { ...view, imageName: shownImage(view) };
    found += 1;
    if (limit !== undefined && limit > 0 && found >= limit) return;
  }
}

/** The table keeps the order of creation. */
const newestFirst = (kit: Kit): readonly Container[] => [...kit.table.all()].reverse();

/** The name a container was made with as long as it stands for its image, then the image's id. */
function imageNames(kit: Kit): (view: ContainerView) => string {
  const now = new Map<string, string | undefined>();
  return ({ image, imageName }) => {
    if (!now.has(imageName)) now.set(imageName, findImage(kit, imageName)?.id);
    return now.get(imageName) === image ? imageName : image;
  };
}

function contextOf(kit: Kit): FilterContext {
  return {
    createdAt: (reference) => Date.parse(kit.table.resolve(reference).record.document.created),
    imageIds: (reference) => {
      const image = findImage(kit, reference);
      return new Set(image ? [image.id] : []);
    },
    descendsFrom: (image, wanted) => {
      for (let id: string | undefined = image; id !== undefined; id = kit.images.get(id as Digest)?.parent)
        if (wanted.has(id)) return true;
      return false;
    },
  };
}

/** An image that is not there has no descendants: Docker shows an empty list. */
function findImage(kit: Kit, reference: string): Image | undefined {
  try {
    return kit.images.resolve(reference);
  } catch (error) {
    if (hasKind(error, "notFound") || hasKind(error, "invalidParameter")) return undefined;
    throw error;
  }
}
