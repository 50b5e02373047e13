import { createHash, hash, subtle } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Semaphore } from "../../base/async.ts";
import { filesBelow } from "./files-below.ts";
import { byBytes, type Content, joinPath, type SourceTree, streamOf, type TreeNode } from "./tree.ts";

/** Which parts of a file's attributes will reach the image, and so belong to its checksum. */
export interface ChecksumOptions {
  /** Owners are kept (not replaced by `--chown` or by 0:0). */
  readonly owners: boolean;
  /** True for paths, relative to the entry summed up, that are not copied. */
  readonly skips: (path: string) => boolean;
  /** Gets the checksum of every entry that is no folder, with its path in the tree. */
  readonly onEntry?: (path: string, sum: string) => void;
}

/** Files up to this size are read whole and summed up on Node's thread pool, several at once. Bytes. */
const WHOLE_FILE = 4 * 1024 * 1024;
/** Up to this size handing over to another thread costs more than it saves. Bytes. */
const TINY_FILE = 16 * 1024;
const AT_ONCE = 8;

/**
 * A checksum (hex) over an entry and all below it: names, kinds, modes, owners, extended attributes, link targets and
 * contents; times do not count. Files are read only here, so only what a step needs is read.
 */
export async function checksumOf(tree: SourceTree, path: string, options: ChecksumOptions): Promise<string> {
  if (tree.fetch) await tree.fetch([...filesBelow(tree, path, options.skips)], "sums");
  const readers = new Semaphore(AT_ONCE);
  const lines: (string | Promise<string>)[] = [];
  const places: (string | undefined)[] = [];
  const linked = new Map<unknown, string>();
  const add = (at: string, relative: string): void => {
    const node = tree.node(at);
    if (!node) return;
    const identity = node.type === "file" ? tree.identity(at) : undefined;
    const first = identity === undefined ? undefined : linked.get(identity);
    if (first !== undefined) {
      lines.push(JSON.stringify([relative, "link", first]));
      places.push(at);
      return;
    }
    if (identity !== undefined) linked.set(identity, relative);
    const hasContent = node.type === "file" && node.size > 0;
    lines.push(describe(node, relative, options.owners));
    places.push(hasContent || node.type === "directory" ? undefined : at);
    if (hasContent) {
      lines.push(readers.run(() => contentSum(tree.content(at), node.size)));
      places.push(at);
    }
    if (node.type !== "directory") return;
    for (const name of tree.list(at)) {
      const below = joinPath(relative, name);
      if (!options.skips(below)) add(joinPath(at, name), below);
    }
  };
  add(path, "");
  const settled = await Promise.allSettled(lines);
  const sum = createHash("sha256");
  for (const [index, line] of settled.entries()) {
    if (line.status === "rejected") throw line.reason;
    sum.update(`${line.value}\n`);
    const place = options.onEntry && places[index];
    if (place !== undefined) options.onEntry?.(place, line.value);
  }
  return sum.digest("hex");
}

function describe(node: TreeNode, relative: string, owners: boolean): string {
  const xattrs = [...node.xattrs].sort(([a], [b]) => byBytes(a, b));
  const named = xattrs.map(([key, value]) => [key, Buffer.from(value).toString("hex")]);
  return JSON.stringify([relative, ...attributes(node, owners), ...named]);
}

function attributes(node: TreeNode, owners: boolean): readonly (string | number)[] {
  const base = [node.type, node.mode, ...(owners ? [node.uid, node.gid] : [])];
  if (node.type === "file") return [...base, node.size];
  if (node.type === "symlink") return [...base, node.target];
  return node.type === "char" || node.type === "block" ? [...base, node.major, node.minor] : base;
}

async function contentSum(content: Content, size: number): Promise<string> {
  if (content.sum !== undefined) return content.sum;
  if ("bytes" in content) return bytesSum(content.bytes);
  try {
    if (size <= WHOLE_FILE && !content.part) return await bytesSum(await readFile(content.path));
    const sum = createHash("sha256");
    for await (const chunk of streamOf(content)) sum.update(chunk);
    return sum.digest("hex");
  } finally {
    content.close();
  }
}

async function bytesSum(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= TINY_FILE) return hash("sha256", bytes, "hex");
  return Buffer.from(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toString("hex");
}
