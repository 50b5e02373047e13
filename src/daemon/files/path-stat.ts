import { errnoOf } from "../../base/errors.ts";
import { timestampOf } from "../../base/tar/stat.ts";
import type { PathStat } from "../../engine/index.ts";
import { type ContainerTree, MissingEntry } from "./tree.ts";

/** The last name of a path, "." for one that ends in it; "/" for the root. */
export function lastName(path: string): string {
  const parts = path.split("/").filter(Boolean);
  return parts.at(-1) ?? "/";
}

/** Where a symlink leads in the end; of a broken one as far as it goes. */
function targetOf(tree: ContainerTree, path: string): string {
  try {
    const node = tree.walk(path);
    tree.release(node);
    return node.path;
  } catch (error) {
    if (error instanceof MissingEntry) return error.resolved;
    if (["ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) return path;
    throw error;
  }
}

/** Throws KernelError ENOENT, ENOTDIR or ELOOP when there is nothing. A slash or dot at the end follows a symlink. */
export function statOf(tree: ContainerTree, path: string): PathStat {
  const node = tree.walk(path, /\/\.?$/.test(path));
  const { stat } = node;
  const { seconds, nanoseconds } = timestampOf(stat.mtimeNs);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const found = {
    name: lastName(path),
    size: Number(stat.size),
    mode: Number(stat.mode),
    mtime: `${whole}.${String(nanoseconds).padStart(9, "0")}Z`,
    linkTarget: stat.isSymbolicLink() ? targetOf(tree, path) : "",
  };
  tree.release(node);
  return found;
}
