import { type MountWish, parseVolumesFrom } from "../../volume/index.ts";
import type { ContainerTable } from "./table.ts";

/** As its new container shall have it: nothing is copied into it, and what shows an image is made anew. */
function shared(wish: MountWish, readonly: boolean): MountWish {
  const { imageLayer: _, ...own } = wish;
  return { ...own, readonly: wish.readonly || readonly, noCopy: true, mode: "" };
}

/** The mounts of the containers named in VolumesFrom, in their order. */
export function volumesFrom(table: ContainerTable, wanted: readonly string[]): readonly MountWish[] {
  return wanted.flatMap((text) => {
    const { container, readonly } = parseVolumesFrom(text);
    const { mounts } = table.resolve(container).record.document;
    return mounts.filter(({ type }) => type !== "tmpfs").map((wish) => shared(wish, readonly));
  });
}
