import type { Kit } from "../containers/kit.ts";
import type { Filters, ImageView } from "../views.ts";
import { createdAt, imageFilter, LIST_FILTERS, onlyWanted } from "./filters.ts";
import { containersByImage, imageViews, manifestsOf, withSharedSizes } from "./view.ts";

export interface ListOptions {
  readonly all: boolean;
  readonly filters: Filters;
  /** Count what images share. */
  readonly shared: boolean;
  readonly manifests: boolean;
}

/** `docker images`: the newest first. */
export async function listImages(kit: Kit, options: ListOptions): Promise<readonly ImageView[]> {
  const { all, filters, shared, manifests } = options;
  const images = imageViews(kit);
  const found = images
    .filter(imageFilter(kit, filters, { all, known: LIST_FILTERS, images }))
    .map(onlyWanted(filters.get("reference") ?? []))
    .map((image) => [createdAt(image), image] as const)
    .sort(([a], [b]) => b - a)
    .map(([, image]) => image);
  const counted = shared ? withSharedSizes(kit, found) : found;
  if (!manifests) return counted;
  const users = containersByImage(kit);
  const whole: ImageView[] = [];
  for (const image of counted)
    whole.push({ ...image, manifests: await manifestsOf(kit, image, users.get(image.id) ?? []) });
  return whole;
}
