import { invalidParameter } from "../../base/errors.ts";
import type { MountWish } from "../../volume/index.ts";
import type { ContainerTable } from "./table.ts";

/** The mounts of the containers named in VolumesFrom ("name", "name:ro", "name:rw"), in their order. */
export function volumesFrom(table: ContainerTable, wanted: readonly string[]): readonly MountWish[] {
  return wanted.flatMap((text) => {
    const [reference = "", mode = "rw", ...rest] = text.split(":");
    const words = mode.split(",");
    const known = words.every((word) => ["ro", "rw", "z", "Z", "nocopy"].includes(word));
    if (reference === "" || rest.length > 0 || !known)
      throw invalidParameter(`invalid volumes-from specification: ${text}`);
    const donor = table.resolve(reference).record.document;
    const shared = donor.mounts.filter(({ type }) => type !== "tmpfs");
    return shared.map((wish) => ({ ...wish, readonly: wish.readonly || words.includes("ro") }));
  });
}
