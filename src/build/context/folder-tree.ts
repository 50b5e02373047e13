import type { BigIntStats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import { MemoryTree } from "./memory-tree.ts";
import { joinPath, type TreeNode } from "./tree.ts";

const NANO = 1_000_000_000n;
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/**
 * A folder nobody else writes to as a tree: names and links are read now, contents when they are asked for. `skips`
 * says which entries (paths relative to the folder) are left out. Owners are root's.
 */
export async function folderTree(
  folder: string,
  skips: (path: string) => boolean = () => false,
): Promise<MemoryTree> {
  const tree = new MemoryTree();
  const walk = async (relative: string): Promise<void> => {
    for (const name of await readdir(join(folder, relative))) {
      const path = joinPath(relative, name);
      if (skips(path)) continue;
      const at = join(folder, path);
      const node = nodeOf(await lstat(at, { bigint: true }), () => readlink(at));
      const resolved = await node;
      if (!resolved) continue;
      tree.add(path, resolved, resolved.type === "file" ? { path: at, close: () => undefined } : undefined);
      if (resolved.type === "directory") await walk(path);
    }
  };
  await walk("");
  return tree;
}

/** The part of a tree below one folder. Throws invalidParameter when there is no such folder. */
export function subtree(tree: MemoryTree, folder: string, shown: string): MemoryTree {
  if (folder === "") return tree;
  const resolved = tree.resolve(folder);
  if (resolved === undefined || tree.node(resolved)?.type !== "directory")
    throw invalidParameter(`${shown} has no folder ${folder}`);
  const part = new MemoryTree();
  const copy = (from: string, to: string): void => {
    for (const name of tree.list(from)) {
      const [path, target] = [joinPath(from, name), joinPath(to, name)];
      const node = tree.node(path);
      if (!node) continue;
      part.add(target, node, node.type === "file" ? tree.content(path) : undefined);
      if (node.type === "directory") copy(path, target);
    }
  };
  copy(resolved, "");
  return part;
}

async function nodeOf(stat: BigIntStats, target: () => Promise<string>): Promise<TreeNode | undefined> {
  const common = {
    mode: Number(stat.mode) & 0o7777,
    uid: 0,
    gid: 0,
    mtime: { seconds: Number(stat.mtimeNs / NANO), nanoseconds: Number(stat.mtimeNs % NANO) },
    xattrs: NO_XATTRS,
  };
  if (stat.isFile()) return { type: "file", size: Number(stat.size), ...common };
  if (stat.isDirectory()) return { type: "directory", ...common };
  if (stat.isSymbolicLink()) return { type: "symlink", target: await target(), ...common };
  return undefined;
}
