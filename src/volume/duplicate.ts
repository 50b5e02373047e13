import { conflict, invalidParameter } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import type { LocalDriver } from "./local/local-driver.ts";
import type { Swaps } from "./local/swap.ts";
import { type CopyParts, copyFolder, isEmpty, withFolder } from "./populate.ts";
import type { VolumeRecord } from "./volume.ts";

export interface DuplicateParts extends CopyParts {
  readonly local: LocalDriver;
  readonly swaps: Swaps;
  /** Runs the body with the volume's data reachable. */
  readonly mounted: <T>(volume: VolumeRecord, id: string, body: (path: string) => Promise<T>) => Promise<T>;
  readonly isPlain: (volume: VolumeRecord) => boolean;
}

/** Copies the data of one volume into another one, which must be empty. A crash leaves an empty one. */
export function duplicate(parts: DuplicateParts, from: VolumeRecord, to: VolumeRecord): Promise<void> {
  const id = newId();
  return parts.mounted(from, id, (source) =>
    parts.mounted(to, id, async (target) => {
      if (!isEmpty(target)) throw conflict(`volume ${to.name} is not empty`);
      if (parts.isPlain(to)) return replaceBy(parts, source, to.name, false);
      return withFolder(parts.files, source, (read) =>
        withFolder(parts.files, target, (write) => copyFolder(parts, read, write)),
      );
    }),
  );
}

/**
 * Puts a copy of `from` in place of the data of `to`; what was there is deleted afterwards. In one step, by another
 * folder; `inPlace`: in the folder itself, which somebody has mounted.
 */
export function restore(
  parts: DuplicateParts,
  from: VolumeRecord,
  to: VolumeRecord,
  inPlace: boolean,
): Promise<void> {
  if (!parts.isPlain(to))
    throw invalidParameter(
      `volume ${to.name} cannot be restored: its data is not a folder of the engine's own; copy into it instead`,
    );
  return parts.mounted(from, newId(), (source) => replaceBy(parts, source, to.name, inPlace));
}

async function replaceBy(
  parts: DuplicateParts,
  source: string,
  name: string,
  inPlace: boolean,
): Promise<void> {
  const { files, folders, local, swaps } = parts;
  const copy = folders.beginCopy();
  try {
    await withFolder(files, source, (read) =>
      withFolder(files, copy, (write) => copyFolder(parts, read, write)),
    );
    if (inPlace) swaps.swap(name, copy);
    else files.exchange(copy, folders.data(name));
  } finally {
    // The copy where it failed, what was replaced where it did not.
    local.delete(...folders.copyName(copy));
  }
}
