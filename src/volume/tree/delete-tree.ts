import { constants, lstatSync } from "node:fs";
import { below, entriesOf, type FileName } from "../../base/entries.ts";
import { conflict, errnoOf } from "../../base/errors.ts";
import type { Files } from "../../kernel/index.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** What is mounted there belongs to somebody else. */
function refuseMounted(error: unknown, name: FileName): never {
  if (!["EXDEV", "EBUSY"].includes(errnoOf(error) ?? "")) throw error;
  throw conflict(`${String(name)} is a mount point; unmount it, the data below it is left alone`, error);
}

function deleteFolder(files: Files, parent: number, name: FileName, path: FileName): void {
  let fd: number;
  try {
    fd = files.openBeneath(parent, name, FOLDER, { withinMount: true });
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    refuseMounted(error, path);
  }
  try {
    for (const entry of entriesOf(`/proc/self/fd/${fd}`)) {
      if (entry.isDirectory()) deleteFolder(files, fd, entry.name, below(path, entry.name));
      else deleteEntry(files, fd, entry.name, false, path);
    }
  } finally {
    files.close(fd);
  }
  deleteEntry(files, parent, name, true, path);
}

function deleteEntry(files: Files, parent: number, name: FileName, directory: boolean, path: FileName): void {
  try {
    files.unlinkAt(parent, name, { directory });
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") refuseMounted(error, below(path, name));
  }
}

/**
 * Deletes `name` in the folder `parent` with all below it. The kernel refuses every step onto another mount or through
 * a symlink (openat2(2), RESOLVE_NO_XDEV), also one made while we work: then it throws conflict. Blocking.
 */
export function deleteTree(files: Files, parent: string, name: string): void {
  if (!lstatSync(`${parent}/${name}`, { throwIfNoEntry: false })) return;
  const fd = files.openRoot(parent);
  try {
    deleteFolder(files, fd, name, name);
  } finally {
    files.close(fd);
  }
}
