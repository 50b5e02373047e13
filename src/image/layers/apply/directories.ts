import { constants, fstatSync, type Stats } from "node:fs";
import { errnoOf, invalidParameter } from "../../../base/errors.ts";
import type { Files } from "../../../kernel/index.ts";

const PATH_ONLY = 0o10000000; // O_PATH, which node:fs does not export
const OPEN_DIRECTORY = PATH_ONLY | constants.O_DIRECTORY;
const CACHE_LIMIT = 128;

/** Owner and mode of a directory that a layer uses without describing it. */
type Attributes = Pick<Stats, "mode" | "uid" | "gid">;

/**
 * Open directories below a layer's root, resolved by the kernel (openat2, RESOLVE_IN_ROOT): no symlink that the archive
 * brought along leads out. A missing directory is made with the attributes it has in the layers below.
 */
export class Directories {
  readonly root: number;
  readonly #files: Files;
  readonly #lowers: readonly string[];
  #lowerRoots: readonly number[] | undefined;
  readonly #open = new Map<string, number>();
  #isOutdated = false;

  /** `lowers`: roots of the layers below, topmost first. */
  constructor(files: Files, root: string, lowers: readonly string[]) {
    this.#files = files;
    this.root = files.openRoot(root);
    this.#lowers = lowers;
  }

  /** A descriptor that stays valid until `trim`. Throws invalidParameter when a component is no directory. */
  open(path: readonly string[], make: boolean): number {
    if (path.length === 0) return this.root;
    const key = path.join("/");
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const fd = this.#tryOpen(key) ?? (make ? this.#make(path) : undefined);
    if (fd === undefined) throw invalidParameter(`there is no directory "${key}" in the layer`);
    this.#open.set(key, fd);
    return fd;
  }

  /** To be called when a directory or symlink was replaced: from the next `trim` on its path may mean another place. */
  outdate(): void {
    this.#isOutdated = true;
  }

  /** Between members: closes what is outdated or too much. */
  trim(): void {
    if (this.#isOutdated || this.#open.size > CACHE_LIMIT) this.#closeAll();
  }

  close(): void {
    this.#closeAll();
    for (const fd of this.#lowerRoots ?? []) this.#files.close(fd);
    this.#files.close(this.root);
  }

  #closeAll(): void {
    for (const fd of this.#open.values()) this.#files.close(fd);
    this.#open.clear();
    this.#isOutdated = false;
  }

  #tryOpen(key: string): number | undefined {
    try {
      return this.#files.openIn(this.root, key, OPEN_DIRECTORY);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw invalidParameter(`"${key}" in the layer is not a directory that can be opened`, error);
    }
  }

  #make(path: readonly string[]): number {
    const parent = this.open(path.slice(0, -1), true);
    const name = path.at(-1) ?? "";
    const { mode, uid, gid } = this.#inherited(path.join("/"));
    try {
      this.#files.mkdirAt(parent, name, 0o700);
    } catch (cause) {
      throw invalidParameter(`cannot make the directory "${path.join("/")}" in the layer`, cause);
    }
    this.#files.chownAt(parent, name, uid, gid);
    this.#files.chmodAt(parent, name, mode & 0o7777);
    return this.#files.openIn(this.root, path.join("/"), OPEN_DIRECTORY);
  }

  #inherited(key: string): Attributes {
    this.#lowerRoots ??= this.#lowers.map((root) => this.#files.openRoot(root));
    for (const root of this.#lowerRoots) {
      const found = this.#statIn(root, key);
      if (found === "hidden") break;
      if (found) return found;
    }
    return { mode: 0o755, uid: 0, gid: 0 };
  }

  #statIn(root: number, key: string): Attributes | "hidden" | undefined {
    let fd: number;
    try {
      fd = this.#files.openIn(root, key, PATH_ONLY | constants.O_NOFOLLOW);
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
      this.#files.close(fd);
    }
  }
}
