import type { RemovedImage } from "../../image/index.ts";
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

export function publishRemoved(kit: Kit, removed: readonly RemovedImage[], id: string): void {
  for (const entry of removed) {
    if ("Untagged" in entry) kit.events.publish("image", "untag", id, { name: entry.Untagged });
    else kit.events.publish("image", "delete", entry.Deleted, { name: entry.Deleted });
  }
}
