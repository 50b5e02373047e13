import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { conflict, errnoOf } from "../../base/errors.ts";
import type { Mounts } from "../../kernel/index.ts";

/** Where volumes lie: `<root>/<name>/_data`; removed ones are renamed into `<root>.removing` first. */
export function openFolders(root: string, mounts: Mounts) {
  const removing = `${root}.removing`;

  /** Deletes a renamed-away folder. A mount below it belongs to somebody: then nothing of it is touched. */
  const deleteRemoved = async (folder: string): Promise<void> => {
    const mounted = mounts.list().find(({ target }) => target === folder || target.startsWith(`${folder}/`));
    if (mounted)
      throw conflict(`${mounted.target} is a mount point; unmount it, the data below it is left alone`);
    await rm(folder, { recursive: true, force: true });
  };

  const refuseMounted = (folder: string): void => {
    const mounted = mounts.list().find(({ target }) => target === folder || target.startsWith(`${folder}/`));
    if (mounted) throw conflict(`${mounted.target} is still mounted; unmount it before removing the volume`);
  };

  return {
    data: (name: string) => join(root, name, "_data"),
    /** New data is readable by its users as in Docker: 0755 inside a folder closed to others. */
    async create(name: string): Promise<void> {
      await mkdir(root, { recursive: true, mode: 0o701 });
      await mkdir(join(root, name), { recursive: true, mode: 0o701 });
      await mkdir(join(root, name, "_data"), { recursive: true, mode: 0o755 });
    },
    /** Takes the folder out of sight in one step; what follows may be interrupted at any point. */
    async moveAway(name: string): Promise<string | undefined> {
      const folder = join(root, name);
      refuseMounted(folder);
      await mkdir(removing, { recursive: true, mode: 0o700 });
      const target = join(removing, `${name}-${randomBytes(6).toString("hex")}`);
      try {
        await rename(folder, target);
        return target;
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return undefined;
        throw error;
      }
    },
    deleteRemoved,
    /** Finishes removals that a crash interrupted. */
    async deleteLeftovers(): Promise<void> {
      let names: readonly string[];
      try {
        names = await readdir(removing);
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return;
        throw error;
      }
      for (const name of names) await deleteRemoved(join(removing, name));
    },
  };
}
export type Folders = ReturnType<typeof openFolders>;
