import type { FileName } from "../base/entries.ts";

export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export type NodeKind = "fifo" | "char" | "block" | "regular" | "socket";

/**
 * File calls that Node does not offer: resolution beneath a root by the kernel itself (openat2(2), RESOLVE_IN_ROOT, so
 * that no symlink or ".." of a hostile tree leads out of it), device nodes, extended attributes, times in nanoseconds.
 * Descriptors are plain numbers, closed with `close`. All synchronous: meant for worker threads. Throws KernelError.
 */
export interface Files {
  openRoot(path: string): number;
  /** openat2 below `root`; flags and mode as in `fs.constants`. Relative and absolute paths both start at the root. */
  openIn(root: number, path: FileName, flags: number, mode?: number): number;
  /** openat2 below `dir`, for a path that must stay there: an absolute path, or a symlink or ".." that leads out, is EXDEV. */
  openBeneath(dir: number, path: FileName, flags: number): number;
  close(fd: number): void;
  mkdirAt(dir: number, name: FileName, mode: number): void;
  mknodAt(dir: number, name: FileName, kind: NodeKind, mode: number, major?: number, minor?: number): void;
  symlinkAt(target: FileName, dir: number, name: FileName): void;
  linkAt(fromDir: number, from: FileName, dir: number, name: FileName): void;
  /** Swaps what is at two paths of one filesystem, in one step (renameat2(2), RENAME_EXCHANGE). */
  exchange(one: string, other: string): void;
  unlinkAt(dir: number, name: FileName, options?: { readonly directory?: boolean }): void;
  /**
   * Removes the entry `name` of a folder (its descriptor, or its path) with all below it; nothing when it is not there.
   * A tree of any depth takes the same few descriptors, and paths of any length do. No symlink is followed, and the
   * kernel refuses every step onto another mount (openat2(2), RESOLVE_NO_XDEV), also one made meanwhile: then MountInTree
   * is thrown, and what lies there is left alone. What vanishes meanwhile is fine.
   */
  removeTree(parent: number | string, name: FileName): void;
  /** Of the entry itself, never of a symlink's target. */
  chownAt(dir: number, name: string, uid: number, gid: number): void;
  chmodAt(dir: number, name: FileName, mode: number): void;
  setTimesAt(dir: number, name: FileName, atime: Timestamp, mtime: Timestamp): void;
  /** Of a path's last entry itself (lgetxattr(2)); undefined when there is none. */
  getXattr(path: FileName, name: string): Uint8Array | undefined;
  listXattrs(path: FileName): readonly string[];
  setXattr(path: FileName, name: string, value: Uint8Array): void;
  /**
   * Tells ext4 that the folders to be made in this one have nothing to do with each other (chattr(1), "T"): it lays them
   * far apart, so that many files made in several at once do not all want the same few inodes. A hint that stays with
   * the folder; false where the filesystem knows no such thing.
   */
  scatter(folder: string): boolean;
  /** For copying one tree into another. */
  copier(options: CopierOptions): FileCopier;
}

export interface CopierOptions {
  /** Asked for a file with several names, by what they have in common; when it answers true nothing is copied. */
  isLinked(inode: string): boolean;
  keepsXattr(name: string): boolean;
}

/** Copies what is in files and what is known of them, with as few system calls as it takes. Throws KernelError. */
export interface FileCopier {
  /** A regular file of an open folder, which another one must not have yet: data (blocks shared or holes kept), owner,
   * mode, extended attributes, times. */
  file(fromDir: number, name: FileName, toDir: number): void;
  /** Owner, mode, extended attributes and times of one open file or folder, to another; `name` is for messages. */
  attributes(from: number, to: number, name: FileName): void;
}
