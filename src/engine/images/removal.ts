import type { Image } from "../../image/index.ts";
import type { Digest } from "../../oci/index.ts";
import type { Kit } from "../containers/kit.ts";
import { isActive } from "../containers/state.ts";

/** The container that keeps an image from being removed; a running one first. */
export function userOf(
  kit: Kit,
  image: Digest,
): { readonly id: string; readonly running: boolean } | undefined {
  const users = [...kit.table.all()].filter(({ record: { document } }) => {
    return document.image === image || document.mounts.some(({ imageId }) => imageId === image);
  });
  const running = users.find(({ state }) => isActive(state));
  const first = running ?? users[0];
  return first && { id: first.id, running: running !== undefined };
}

/** Tells of what a removal does to images. Docker names them by their ids, and those that are gone without labels. */
export const removalEvents = (kit: Kit) => ({
  onRemoved: ({ action, image }: { readonly action: "untag" | "delete"; readonly image: Image }) => {
    const labels = action === "delete" ? {} : (image.config.config?.Labels ?? {});
    kit.events.publish("image", action, image.id, { ...labels, name: image.id });
  },
});
