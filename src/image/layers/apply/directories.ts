import { constants } from "node:fs";
import { errnoOf, invalidParameter } from "../../../base/errors.ts";
import type { Files } from "../../../kernel/index.ts";

const PATH_ONLY = 0o10000000; // O_PATH, which node:fs does not export
const OPEN_DIRECTORY = PATH_ONLY | constants.O_DIRECTORY;
const CACHE_LIMIT = 128;

/**
 * Open directories below a layer's root, resolved by the kernel (openat2, RESOLVE_IN_ROOT): no symlink that the archive
 * brought along leads out. Missing directories are made and remembered: they are to look as in the layers below, which
 * need not be there yet (inherit.ts).
 */
export class Directories {
  readonly root: number;
  readonly #files: Files;
  /** Paths made without being described; "" is the root. */
  readonly #implicit = new Set([""]);
  readonly #open = new Map<string, number>();
  #isOutdated = false;

  constructor(files: Files, root: string) {
    this.#files = files;
    this.root = files.openRoot(root);
  }

  /** Directories that nobody described, parents first. */
  get implicit(): readonly string[] {
    return [...this.#implicit].sort();
  }

  /** The directory at `key` was described, or is none any more. */
  settle(key: string): void {
    this.#implicit.delete(key);
  }

  /** What was at `key` is gone with all below it. */
  dropped(key: string): void {
    for (const path of this.#implicit)
      if (path === key || path.startsWith(`${key}/`)) this.#implicit.delete(path);
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
    try {
      this.#files.mkdirAt(parent, name, 0o700);
    } catch (cause) {
      throw invalidParameter(`cannot make the directory "${path.join("/")}" in the layer`, cause);
    }
    this.#files.chmodAt(parent, name, 0o755);
    this.#implicit.add(path.join("/"));
    return this.#files.openIn(this.root, path.join("/"), OPEN_DIRECTORY);
  }
}
