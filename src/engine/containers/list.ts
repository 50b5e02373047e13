import { hasKind } from "../../base/errors.ts";
import type { Image } from "../../image/index.ts";
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
  const layers = new Map<string, readonly string[]>();
  const layersOf = (image: string): readonly string[] => {
    if (layers.size === 0)
      for (const { id, config } of kit.images.list()) layers.set(id, config.rootfs.diff_ids);
    return layers.get(image) ?? [];
  };
  return {
    createdAt: (reference) => Date.parse(kit.table.resolve(reference).record.document.created),
    imageIds: (reference) => {
      const image = findImage(kit, reference);
      return new Set(image ? [image.id] : []);
    },
    descendsFrom: (image, wanted) =>
      wanted.has(image) || [...wanted].some((base) => beginsWith(layersOf(image), layersOf(base))),
  };
}

const beginsWith = (layers: readonly string[], base: readonly string[]): boolean =>
  base.length > 0 && base.every((layer, index) => layers[index] === layer);

/** An image that is not there has no descendants: Docker shows an empty list. */
function findImage(kit: Kit, reference: string): Image | undefined {
  try {
    return kit.images.resolve(reference);
  } catch (error) {
    if (hasKind(error, "notFound") || hasKind(error, "invalidParameter")) return undefined;
    throw error;
  }
}
