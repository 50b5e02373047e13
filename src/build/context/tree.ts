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

/** Bytes of a file: in memory, or at a path that stays valid until `close`. */
export type Content = { readonly bytes: Uint8Array } | { readonly path: string; readonly close: () => void };

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
