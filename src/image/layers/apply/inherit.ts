import { constants, fstatSync, type Stats } from "node:fs";
import { errnoOf } from "../../../base/errors.ts";
import type { Files } from "../../../kernel/index.ts";

const PATH_ONLY = 0o10000000; // O_PATH, which node:fs does not export

/** Owner and mode of a directory that a layer uses without describing it. */
type Attributes = Pick<Stats, "mode" | "uid" | "gid">;

/**
 * Gives directories of a layer the owner and mode they have in the layers below. `lowers`: their roots, topmost first;
 * `paths`: relative, "" the root itself. The folder must belong to nobody else while this runs.
 */
export function inherit(
  files: Files,
  target: string,
  lowers: readonly string[],
  paths: readonly string[],
): undefined {
  if (lowers.length === 0 || paths.length === 0) return undefined;
  const root = files.openRoot(target);
  const roots = lowers.map((lower) => files.openRoot(lower));
  try {
    for (const path of paths) {
      const found = findBelow(files, roots, path);
      if (found) setAttributes(files, root, path, found);
    }
  } finally {
    for (const fd of [root, ...roots]) files.close(fd);
  }
  return undefined;
}

function setAttributes(files: Files, root: number, path: string, { uid, gid, mode }: Attributes): void {
  const fd = files.openIn(root, path === "" ? "." : path, PATH_ONLY | constants.O_NOFOLLOW);
  try {
    files.chownAt(fd, ".", uid, gid);
    files.chmodAt(fd, ".", mode & 0o7777);
  } finally {
    files.close(fd);
  }
}

function findBelow(files: Files, roots: readonly number[], path: string): Attributes | undefined {
  for (const root of roots) {
    const found = statIn(files, root, path === "" ? "." : path);
    if (found === "hidden") return undefined;
    if (found) return found;
  }
  return undefined;
}

function statIn(files: Files, root: number, path: string): Attributes | "hidden" | undefined {
  let fd: number;
  try {
    fd = files.openIn(root, path, PATH_ONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT") return undefined;
    if (code === "ENOTDIR" || code === "ELOOP") return "hidden";
    throw error;
  }
  try {
    const stat = fstatSync(fd);
    return stat.isDirectory() ? stat : "hidden";
  } finally {
    files.close(fd);
  }
}
