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

/** Newest first. A filter on the state looks at all containers, as do `limit` and `all`. */
export function list(kit: Kit, { all, limit, filters }: ListOptions): readonly ContainerView[] {
  const everything = all || (limit ?? 0) > 0 || filters.has("status") || filters.has("exited");
  const matches = containerFilter(filters, contextOf(kit));
  const found: ContainerView[] = [];
  for (const container of newestFirst(kit)) {
    if (!everything && !isActive(container.state)) continue;
    const view = viewOf(kit, container);
    if (matches(view)) found.push(view);
    if (limit !== undefined && limit > 0 && found.length >= limit) break;
  }
  return found;
}

/** The table keeps the order of creation. */
const newestFirst = (kit: Kit): readonly Container[] => [...kit.table.all()].reverse();

function contextOf(kit: Kit): FilterContext {
  return {
    createdAt: (reference) => Date.parse(kit.table.resolve(reference).record.document.created),
    imageIds: (reference) => {
      try {
        return new Set([kit.images.resolve(reference).id]);
      } catch {
        // An image that is not there has no descendants: Docker shows an empty list.
        return new Set();
      }
    },
    descendsFrom: (image, wanted) => {
      const layers = (id: string) => kit.images.list().find((known) => known.id === id)?.config.rootfs.diff_ids;
      const own = layers(image);
      return [...wanted].some((id) => {
        const base = layers(id);
        if (id === image) return true;
        return own !== undefined && base !== undefined && base.length > 0 && base.every((layer, index) => own[index] === layer);
      });
    },
  };
}
