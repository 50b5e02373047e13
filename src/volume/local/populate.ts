import { constants } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import type { Files } from "../../kernel/index.ts";
import { copyTree } from "./copy-tree.ts";
import type { VolumeStore } from "./store.ts";

/** Opens a folder of a root filesystem; symlinks in it, hostile ones too, end inside it. Undefined if there is none. */
function openFolderIn(files: Files, rootfs: string, folder: string): number | undefined {
  const root = files.openRoot(rootfs);
  try {
    return files.openIn(root, folder, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  } finally {
    files.close(root);
  }
}

/**
 * Copies the image's content at `folder` into a volume that has none. The row's `copying` mark makes it safe against a
 * crash: a volume found marked holds a partial copy that nobody has used, and is filled again from nothing.
 */
export async function populateVolume(
  { files, store }: { readonly files: Files; readonly store: VolumeStore },
  volume: { readonly name: string; readonly data: string },
  rootfs: string,
  folder: string,
): Promise<void> {
  const present = await readdir(volume.data);
  if (present.length > 0) {
    if (!store.isCopying(volume.name)) return;
    for (const name of present) await rm(join(volume.data, name), { recursive: true, force: true });
  }
  const source = openFolderIn(files, rootfs, folder);
  if (source === undefined) return;
  try {
    store.setCopying(volume.name, true);
    await copyTree(files, `/proc/self/fd/${source}/.`, volume.data);
    store.setCopying(volume.name, false);
  } finally {
    files.close(source);
  }
}
