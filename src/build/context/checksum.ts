import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { byBytes, joinPath, type SourceTree, type TreeNode } from "./tree.ts";

/** Which parts of a file's attributes will reach the image, and so belong to its checksum. */
export interface ChecksumOptions {
  /** Owners are kept (not replaced by `--chown` or by 0:0). */
  readonly owners: boolean;
  /** True for paths, relative to the entry summed up, that are not copied. */
  readonly skips: (path: string) => boolean;
}

/**
 * A checksum (hex) over an entry and all below it: names, kinds, modes, owners, extended attributes, link targets and
 * contents; times do not count. Files are read only here, so only what a step needs is read.
 */
export async function checksumOf(tree: SourceTree, path: string, options: ChecksumOptions): Promise<string> {
  const hash = createHash("sha256");
  await addNode(hash, tree, path, "", options);
  return hash.digest("hex");
}

async function addNode(
  hash: Hash,
  tree: SourceTree,
  path: string,
  relative: string,
  options: ChecksumOptions,
): Promise<void> {
  const node = tree.node(path);
  if (!node) return;
  hash.update(`${JSON.stringify([relative, ...attributes(node, options.owners)])}\n`);
  for (const name of [...node.xattrs.keys()].sort(byBytes)) {
    hash.update(`${JSON.stringify(name)} ${Buffer.from(node.xattrs.get(name) ?? []).toString("hex")}\n`);
  }
  if (node.type === "file") await addContent(hash, tree, path, node.size);
  if (node.type !== "directory") return;
  for (const name of tree.list(path)) {
    const below = joinPath(relative, name);
    if (!options.skips(below)) await addNode(hash, tree, joinPath(path, name), below, options);
  }
}

function attributes(node: TreeNode, owners: boolean): readonly (string | number)[] {
  const base = [node.type, node.mode, ...(owners ? [node.uid, node.gid] : [])];
  if (node.type === "file") return [...base, node.size];
  if (node.type === "symlink") return [...base, node.target];
  return node.type === "char" || node.type === "block" ? [...base, node.major, node.minor] : base;
}

async function addContent(hash: Hash, tree: SourceTree, path: string, size: number): Promise<void> {
  if (size === 0) return;
  const content = tree.content(path);
  if ("bytes" in content) {
    hash.update(content.bytes);
    return;
  }
  try {
    for await (const chunk of createReadStream(content.path, { highWaterMark: 256 * 1024 }))
      hash.update(chunk);
  } finally {
    content.close();
  }
}
