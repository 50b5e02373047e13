import { lstatSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { conflict, errnoOf } from "../../base/errors.ts";

/** Bytes, as a name in a volume need not be text. */
const inFolder = (folder: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name]);

function moveEntries(from: string, to: string): void {
  for (const name of readdirSync(from, "buffer")) renameSync(inFolder(from, name), inFolder(to, name));
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

export interface SwapParts {
  /** Where data is while it is swapped: `<root>/<volume>` with the folders below. */
  readonly root: string;
  /** The data of a volume. */
  readonly data: (name: string) => string;
  /** Gives an existing folder the owner, mode, times and attributes of another one. */
  readonly dress: (from: string, to: string) => void;
  /** Takes a folder out of sight in one step, and deletes it. */
  readonly discard: (folder: string) => void;
}

/**
 * Other content for a volume's folder that containers have mounted, where the folder itself has to stay. By renames
 * alone, in an order in which a crash at any moment can be mended: `new` is whole when it is there, what was in the
 * volume goes to `old`, which becomes `replaced` when it is all there, then `new` goes in.
 */
export function openSwaps({ root, data, dress, discard }: SwapParts) {
  const places = (name: string) => {
    const folder = join(root, name);
    const at = (part: string) => join(folder, part);
    return { folder, next: at("new"), old: at("old"), replaced: at("replaced") };
  };

  function takeOut(name: string): void {
    const { old, replaced } = places(name);
    if (isThere(replaced)) return;
    mkdirSync(old, { recursive: true, mode: 0o700 });
    try {
      moveEntries(data(name), old);
    } catch (error) {
      moveEntries(old, data(name));
      discard(places(name).folder);
      if (errnoOf(error) !== "EBUSY") throw error;
      throw conflict(`something is mounted in volume ${name}: unmount it first`, error);
    }
    renameSync(old, replaced);
  }

  /** Does what is left to do of a swap that was begun. */
  function finish(name: string): void {
    const { folder, next } = places(name);
    if (isThere(next)) {
      takeOut(name);
      moveEntries(next, data(name));
      dress(next, data(name));
    }
    discard(folder);
  }

  return {
    /** Puts the folder `copy`, of the same filesystem, in place of the volume's content. Throws conflict. */
    swap(name: string, copy: string): void {
      const { folder, next } = places(name);
      if (isThere(folder)) finish(name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      renameSync(copy, next);
      finish(name);
    },
    finish,
    /** Volumes with a swap that was cut short. */
    pending(): readonly string[] {
      try {
        return readdirSync(root);
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return [];
        throw error;
      }
    },
  };
}
export type Swaps = ReturnType<typeof openSwaps>;
