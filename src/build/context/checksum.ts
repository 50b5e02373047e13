import { createHash, hash, subtle } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Semaphore } from "../../base/async.ts";
import { entriesBelow, filesBelow } from "./files-below.ts";
import { byBytes, type Content, type SourceTree, streamOf, type TreeNode } from "./tree.ts";

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
/** Entries that are gone through before everybody else gets a turn. */
const BATCH = 256;

/** A part of the checksum. `place` is the path it is told of by `onEntry`. */
interface Line {
  readonly place?: string;
  readonly text: string | (() => Promise<string>);
}

/**
 * A checksum (hex) over an entry and all below it: names, kinds, modes, owners, extended attributes, link targets and
 * contents; times do not count. Files are read only here, so only what a step needs is read.
 */
export async function checksumOf(tree: SourceTree, path: string, options: ChecksumOptions): Promise<string> {
  if (tree.fetch) await tree.fetch([...filesBelow(tree, path, options.skips)], "sums");
  const sum = createHash("sha256");
  for (const lines of batchesOf(linesOf(tree, path, options), BATCH)) {
    for (const [index, text] of (await textsOf(lines)).entries()) {
      sum.update(`${text}\n`);
      const place = lines[index]?.place;
      if (place !== undefined) options.onEntry?.(place, text);
    }
    await nextTurn();
  }
  return sum.digest("hex");
}

/** Attributes and contents of every entry, in order. */
function* linesOf(tree: SourceTree, start: string, { owners, skips }: ChecksumOptions): Generator<Line> {
  const linked = new Map<unknown, string>();
  for (const { path, relative, node } of entriesBelow(tree, start, skips)) {
    const identity = node.type === "file" ? tree.identity(path) : undefined;
    const first = identity === undefined ? undefined : linked.get(identity);
    if (first !== undefined) {
      yield { place: path, text: JSON.stringify([relative, "link", first]) };
      continue;
    }
    if (identity !== undefined) linked.set(identity, relative);
    const text = describe(node, relative, owners);
    if (node.type === "directory") yield { text };
    else if (node.type !== "file" || node.size === 0) yield { place: path, text };
    else {
      yield { text };
      yield { place: path, text: () => contentSum(tree.content(path), node.size) };
    }
  }
}

function* batchesOf<T>(values: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const value of values) {
    if (batch.push(value) < size) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Reads what is not known yet, several at once; when one fails, it throws after all have ended. */
async function textsOf(lines: readonly Line[]): Promise<readonly string[]> {
  const readers = new Semaphore(AT_ONCE);
  const settled = await Promise.allSettled(
    lines.map(({ text }) => (typeof text === "string" ? text : readers.run(text))),
  );
  return settled.map((line) => {
    if (line.status === "rejected") throw line.reason;
    return line.value;
  });
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
