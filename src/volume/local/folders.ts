import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { conflict, errnoOf } from "../../base/errors.ts";
import type { Mounts } from "../../kernel/index.ts";

/** Beside the volumes, so that a rename stays in their filesystem. No volume's name begins with a dot. */
const REMOVING = ".removing";
const COPYING = ".copying";
const SWAPPING = ".swapping";

/**
 * Where volumes lie: `<root>/<name>/_data`. Removed ones are renamed into `.removing` first, copies for a volume are made
 * in `.copying` and renamed into their place: what a crash leaves in these two belongs to nobody.
 */
export function openFolders(root: string, mounts: Mounts) {
  const removing = join(root, REMOVING);
  const copying = join(root, COPYING);

  const refuseMounted = (folder: string): void => {
    const mounted = mounts.list().find(({ target }) => target === folder || target.startsWith(`${folder}/`));
    if (mounted) throw conflict(`${mounted.target} is still mounted; unmount it before removing the volume`);
  };

  return {
    data: (name: string) => join(root, name, "_data"),
    removing,
    /** For `openSwaps`. */
    swapping: join(root, SWAPPING),
    /** The folder of all volumes, made if it is not there. */
    make(): string {
      mkdirSync(root, { recursive: true, mode: 0o701 });
      return root;
    },
    /** New data is readable by its users as in Docker: 0755 inside a folder closed to others. */
    create(name: string): void {
      mkdirSync(root, { recursive: true, mode: 0o701 });
      try {
        mkdirSync(join(root, name), { mode: 0o701 });
      } catch (error) {
        if (errnoOf(error) !== "EEXIST") throw error;
      }
      mkdirSync(join(root, name, "_data"), { recursive: true, mode: 0o755 });
    },
    /** Takes the folder out of sight in one step; its name in `removing`, undefined when there was none. */
    moveAway(name: string): string | undefined {
      const folder = join(root, name);
      refuseMounted(folder);
      mkdirSync(removing, { recursive: true, mode: 0o700 });
      const away = `${name}-${randomBytes(6).toString("hex")}`;
      try {
        renameSync(folder, join(removing, away));
        return away;
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return undefined;
        throw error;
      }
    },
    /** An empty folder for a copy that is not finished. */
    beginCopy(): string {
      mkdirSync(copying, { recursive: true, mode: 0o700 });
      const folder = join(copying, randomBytes(12).toString("hex"));
      mkdirSync(folder, { mode: 0o700 });
      return folder;
    },
    /** Makes a leftover of a folder: its folder and new name. */
    forget(folder: string): readonly [parent: string, name: string] {
      const name = randomBytes(12).toString("hex");
      mkdirSync(copying, { recursive: true, mode: 0o700 });
      renameSync(folder, join(copying, name));
      return [copying, name];
    },
    /** Folder and name of a copy. */
    copyName: (copy: string): readonly [parent: string, name: string] => [copying, basename(copy)],
    /** Puts a finished copy in place of the volume's empty folder, in one step. False when that is not empty any more. */
    finishCopy(copy: string, name: string): boolean {
      try {
        renameSync(copy, join(root, name, "_data"));
        return true;
      } catch (error) {
        if (["ENOTEMPTY", "EEXIST", "EBUSY"].includes(errnoOf(error) ?? "")) return false;
        throw error;
      }
    },
    exists: (name: string) => existsSync(join(root, name)),
    /** The volume that a leftover was; undefined for a copy's. */
    removedName: (parent: string, name: string): string | undefined =>
      parent === removing ? name.replace(/-[0-9a-f]{12}$/, "") : undefined,
    /** What an interrupted removal or copy has left: folder and name of each. */
    leftovers(): readonly { readonly parent: string; readonly name: string }[] {
      return [removing, copying].flatMap((parent) => {
        try {
          return readdirSync(parent).map((name) => ({ parent, name }));
        } catch (error) {
          if (errnoOf(error) === "ENOENT") return [];
          throw error;
        }
      });
    },
  };
}
export type Folders = ReturnType<typeof openFolders>;
