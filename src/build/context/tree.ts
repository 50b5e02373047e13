import { closeSync, createReadStream, openSync, readFileSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { systemError } from "../../base/errors.ts";
import type { FileTime } from "../ports.ts";

interface Common {
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: FileTime;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** An entry of a tree of files that COPY or ADD reads from. */
export type TreeNode =
  | (Common & { readonly type: "file"; readonly size: number })
  | (Common & { readonly type: "directory" })
  | (Common & { readonly type: "symlink"; readonly target: string })
  | (Common & { readonly type: "fifo" })
  | (Common & { readonly type: "char" | "block"; readonly major: number; readonly minor: number });

/** Bytes of a file: in memory, or in a file that stays as it is until `close`. */
export type Content = {
  /** SHA-256 of the bytes (hex), where it is known already. */
  readonly sum?: string;
} & ({ readonly bytes: Uint8Array } | StoredContent);

export interface StoredContent {
  readonly path: string;
  readonly close: () => void;
  /** Where it lies in the file, when it shares it with others. Bytes. */
  readonly part?: { readonly start: number; readonly length: number };
}

/** The bytes as a stream. */
export function streamOf(content: Content): Readable {
  if ("bytes" in content) return Readable.from([content.bytes], { objectMode: false });
  const { path, part } = content;
  if (!part) return createReadStream(path);
  if (part.length === 0) return Readable.from([]);
  return createReadStream(path, { start: part.start, end: part.start + part.length - 1 });
}

/** The bytes at once, for contents known to be small. Blocks for one read. */
export function bytesOf(content: Content): Uint8Array {
  if ("bytes" in content) return content.bytes;
  const { path, part } = content;
  if (!part) return readFileSync(path);
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.allocUnsafe(part.length);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(fd, bytes, at, bytes.length - at, part.start + at);
      if (read === 0) throw systemError(`${path} is shorter than expected`);
      at += read;
    }
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/**
 * A tree of files to copy from. Paths are relative with single slashes, "" is the root. Nothing leads out of it:
 * symlinks are resolved inside.
 */
export interface SourceTree {
  /** Follows every symlink; undefined where nothing is. Throws invalidParameter for symlinks in a circle. */
  resolve(path: string): string | undefined;
  /** Of the entry itself; `path` must be resolved but for its last part. */
  node(path: string): TreeNode | undefined;
  /** Names in a folder, sorted by their bytes. */
  list(path: string): readonly string[];
  /** Of a file. */
  content(path: string): Content;
  /**
   * Sees to it that checksums, or contents too, of these files can be had, where they come from elsewhere. To be awaited
   * before they are used.
   */
  fetch?(paths: readonly string[], what: "sums" | "contents"): Promise<void>;
  /** The same value for all names of one file (hard links); undefined for a file with one name. */
  identity(path: string): unknown;
}

export const joinPath = (folder: string, name: string): string =>
  folder === "" ? name : `${folder}/${name}`;

/** "/a//b/./c/" to "a/b/c"; ".." stops at the root. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
