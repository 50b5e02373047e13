import { constants, opendirSync } from "node:fs";
import { errnoOf, invalidParameter } from "../base/errors.ts";
import type { Files } from "../kernel/index.ts";
import type { Folders } from "./local/folders.ts";
import { fitsHere } from "./local/local-driver.ts";
import { copyTree, deleteTree } from "./tree/index.ts";
import type { ImageContent } from "./volume.ts";
import type { VolumeThreads } from "./worker/pool.ts";

export interface CopyParts {
  readonly files: Files;
  readonly folders: Folders;
  readonly threads: VolumeThreads;
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;

export function isEmpty(folder: string): boolean {
  const entries = opendirSync(folder);
  try {
    return entries.readSync() === null;
  } finally {
    entries.closeSync();
  }
}

/**
 * Opens a folder of a root filesystem; symlinks in it, hostile ones too, end inside it. Undefined if there is none.
 * Throws invalidParameter when it is a file.
 */
function openFolderIn(files: Files, rootfs: string, folder: string): number | undefined {
  const root = files.openRoot(rootfs);
  try {
    return files.openIn(root, folder, FOLDER);
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR" && isFile(files, root, folder))
      throw invalidParameter(`cannot mount volume over existing file, file exists ${rootfs}${folder}`, error);
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  } finally {
    files.close(root);
  }
}

/** Whether the image has a folder there. Throws invalidParameter when it is a file. */
export function isThere(files: Files, { rootfs, folder }: ImageContent): boolean {
  const source = openFolderIn(files, rootfs(), folder);
  if (source !== undefined) files.close(source);
  return source !== undefined;
}

/** Not only something on the way to it. */
function isFile(files: Files, root: number, path: string): boolean {
  try {
    files.close(files.openIn(root, path, constants.O_RDONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

/** Copies from one open folder into another: a few files at once, many on a thread. */
export async function copyFolder({ files, threads }: CopyParts, from: number, to: number): Promise<void> {
  if (fitsHere(`/proc/self/fd/${from}`)) copyTree(files, from, to);
  else await threads.run({ kind: "copy", from, to });
}

/** With the folder open; the descriptor is closed whatever happens. */
export async function withFolder<T>(
  files: Files,
  path: string,
  body: (fd: number) => Promise<T>,
): Promise<T> {
  const root = files.openRoot(path);
  try {
    const fd = files.openIn(root, ".", FOLDER);
    try {
      return await body(fd);
    } finally {
      files.close(fd);
    }
  } finally {
    files.close(root);
  }
}

/**
 * The content of a volume nobody else refers to appears in one step: a crash leaves it empty, and the copy to be swept
 * away. `name`: the volume.
 */
async function copyAtOnce(parts: CopyParts, source: number, name: string): Promise<void> {
  const { files, folders } = parts;
  const copy = folders.beginCopy();
  let isThere = false;
  try {
    await withFolder(files, copy, (fd) => copyFolder(parts, source, fd));
    isThere = folders.finishCopy(copy, name);
  } finally {
    if (!isThere) deleteTree(files, ...folders.copyName(copy));
  }
}

/**
 * Copies the image's content into an empty folder of a volume. `whole`: the name of a volume that nobody else uses, and
 * whose folder is the engine's own. Else it is filled in place, for somebody may have it open.
 */
export async function populate(
  parts: CopyParts,
  { target, whole }: { readonly target: string; readonly whole: string | undefined },
  { rootfs, folder }: ImageContent,
): Promise<void> {
  const source = openFolderIn(parts.files, rootfs(), folder);
  if (source === undefined) return;
  try {
    if (!isEmpty(target)) return;
    if (whole !== undefined) await copyAtOnce(parts, source, whole);
    else await withFolder(parts.files, target, (fd) => copyFolder(parts, source, fd));
  } finally {
    parts.files.close(source);
  }
}
