import { constants, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { errnoOf } from "../../base/errors.ts";
import type { RootFiles } from "../ports.ts";

/** open(2): only a handle on a place in the tree, which needs no permission on it. Node does not name it. */
export const O_PATH = 0o10000000;
const FOLDER = O_PATH | constants.O_DIRECTORY;

/** The path of an open descriptor; below a folder's, one name more is safe: it cannot be resolved elsewhere. */
export const fdPath = (fd: number): string => `/proc/self/fd/${fd}`;

const MISSING: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR"]);

/** Undefined instead of an error for what is not there. */
export function orMissing<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (MISSING.has(errnoOf(error))) return undefined;
    throw error;
  }
}

/**
 * A root filesystem that is not trusted. Paths given in start at the root, and the kernel resolves them beneath it,
 * whatever symlinks lie in their way.
 */
export class RootFolder implements Disposable {
  readonly files: RootFiles;
  readonly #root: number;
  readonly #rootPath: string;

  constructor(files: RootFiles, path: string) {
    this.files = files;
    this.#root = files.openRoot(path);
    this.#rootPath = readlinkSync(fdPath(this.#root));
  }

  open(path: string, flags: number, mode?: number): number {
    return this.files.openIn(this.#root, path === "" ? "." : path, flags, mode);
  }

  /** Runs the body with the path of an open folder, valid while it runs. Throws ENOENT or ENOTDIR. */
  inFolder<T>(path: string, body: (path: string, fd: number) => T): T {
    const fd = this.open(path, FOLDER);
    try {
      return body(fdPath(fd), fd);
    } finally {
      this.files.close(fd);
    }
  }

  /** As `inFolder`, for bodies that wait. */
  async whileInFolder<T>(path: string, body: (path: string, fd: number) => Promise<T>): Promise<T> {
    const fd = this.open(path, FOLDER);
    try {
      return await body(fdPath(fd), fd);
    } finally {
      this.files.close(fd);
    }
  }

  /** Where a path leads to, all symlinks followed: relative to the root, or undefined when nothing is there. */
  resolve(path: string): string | undefined {
    const fd = orMissing(() => this.open(path, O_PATH));
    if (fd === undefined) return undefined;
    try {
      return readlinkSync(fdPath(fd)).slice(this.#rootPath.length).replace(/^\/+/, "");
    } finally {
      this.files.close(fd);
    }
  }

  /** The path as other processes of this machine see it. `resolved` comes from `resolve`. */
  hostPath(resolved: string): string {
    return resolved === "" ? this.#rootPath : `${this.#rootPath}/${resolved}`;
  }

  isFolder(path: string): boolean {
    return orMissing(() => this.inFolder(path, () => true)) ?? false;
  }

  names(path: string): readonly string[] {
    return this.inFolder(path, (folder) => readdirSync(folder));
  }

  /** Attributes of an entry itself; its folder is resolved. */
  stat(path: string) {
    if (path === "") return this.inFolder("", (folder) => lstatSync(`${folder}/.`, { bigint: true }));
    const { folder, name } = splitPath(path);
    return orMissing(() => this.inFolder(folder, (at) => lstatSync(`${at}/${name}`, { bigint: true })));
  }

  /** Where a symlink points to, as it is written; undefined for anything else. */
  target(path: string): string | undefined {
    if (!this.stat(path)?.isSymbolicLink()) return undefined;
    const { folder, name } = splitPath(path);
    return this.inFolder(folder, (at) => readlinkSync(`${at}/${name}`));
  }

  [Symbol.dispose](): void {
    this.files.close(this.#root);
  }
}

/** "a/b/c" to "a/b" and "c". */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return { folder: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}
