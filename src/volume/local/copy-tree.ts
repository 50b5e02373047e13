import { constants, type Stats } from "node:fs";
import {
  chmod,
  copyFile,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  readdir,
  readlink,
  symlink,
} from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import type { Files } from "../../kernel/index.ts";

const major = (device: number): number => (device >> 8) & 0xfff;
const minor = (device: number): number => (device & 0xff) | ((device >> 12) & 0xfff00);

interface Copy {
  readonly files: Files;
  /** First copy of each file with several names, by device and inode. */
  readonly linked: Map<string, string>;
}

function copyNode(files: Files, to: string, stats: Stats): void {
  const kind = stats.isFIFO()
    ? "fifo"
    : stats.isSocket()
      ? "socket"
      : stats.isBlockDevice()
        ? "block"
        : "char";
  const parent = files.openRoot(join(to, ".."));
  try {
    files.mknodAt(
      parent,
      to.slice(to.lastIndexOf("/") + 1),
      kind,
      stats.mode & 0o7777,
      major(stats.rdev),
      minor(stats.rdev),
    );
  } finally {
    files.close(parent);
  }
}

async function copyContent(copy: Copy, from: string, to: string, stats: Stats): Promise<void> {
  if (stats.isSymbolicLink()) return symlink(await readlink(from), to);
  if (stats.isFile()) return copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  if (stats.isDirectory()) {
    await mkdir(to);
    return copyChildren(copy, from, to);
  }
  copyNode(copy.files, to, stats);
}

async function copyAttributes({ files }: Copy, from: string, to: string, stats: Stats): Promise<void> {
  await lchown(to, stats.uid, stats.gid);
  for (const name of files.listXattrs(from)) {
    // overlay's own marks mean something only inside its layers
    if (name.startsWith("trusted.overlay.")) continue;
    const value = files.getXattr(from, name);
    if (value) files.setXattr(to, name, value);
  }
  if (!stats.isSymbolicLink()) await chmod(to, stats.mode & 0o7777);
  await lutimes(to, stats.atime, stats.mtime);
}

async function copyEntry(copy: Copy, from: string, to: string): Promise<void> {
  const stats = await lstat(from);
  const key = `${stats.dev}:${stats.ino}`;
  if (!stats.isDirectory() && stats.nlink > 1) {
    const first = copy.linked.get(key);
    if (first !== undefined) return link(first, to);
    copy.linked.set(key, to);
  }
  await copyContent(copy, from, to, stats);
  await copyAttributes(copy, from, to, stats);
}

async function copyChildren(copy: Copy, from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) await copyEntry(copy, join(from, name), join(to, name));
}

/**
 * Copies what is in the folder `from` into the existing folder `to`, with owners, modes, times, extended attributes,
 * hard links and device nodes; then gives `to` the owner and mode of `from`. Symlinks are copied, never followed.
 */
export async function copyTree(files: Files, from: string, to: string): Promise<void> {
  const copy: Copy = { files, linked: new Map() };
  await copyChildren(copy, from, to);
  await copyAttributes(copy, from, to, await lstat(from));
}

/** Bytes of the files below a folder; what vanishes meanwhile does not count. */
export async function treeSize(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      total += entry.isDirectory() ? await treeSize(path) : (await lstat(path)).size;
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
  return total;
}
