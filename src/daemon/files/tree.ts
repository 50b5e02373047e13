import { type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { resolve } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import type { FileView } from "../../engine/index.ts";
import { type Files, KernelError } from "../../kernel/index.ts";

const PATH_ONLY = 0o10000000; // O_PATH, which node:fs does not export
/** As many as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;

/** An entry of the tree, held by a path descriptor: whatever is renamed meanwhile, it stays this one. */
export interface Node {
  readonly fd: number;
  /** In the container, without symlinks. */
  readonly path: string;
  /** What forbids to change it, where something does. */
  readonly readonly: "rootfs" | "volume" | undefined;
  readonly stat: BigIntStats;
}

const failure = (code: "ENOTDIR" | "ELOOP", path: string): KernelError =>
  new KernelError("open", code, osConstants.errno[code], path);

/** Nothing is there. `resolved` is the path with the symlinks on the way to the gap followed. */
export class MissingEntry extends KernelError {
  readonly resolved: string;

  constructor(resolved: string) {
    super("open", "ENOENT", osConstants.errno.ENOENT, resolved);
    this.name = "MissingEntry";
    this.resolved = resolved;
  }
}

const below = (parent: string, name: string): string => (parent === "/" ? `/${name}` : `${parent}/${name}`);

/**
 * A container's files as it sees them: its root with its mounts laid over it, without mounting anything. Paths are walked
 * one component at a time, each opened beneath the one before and never through a symlink; symlinks are read and walked
 * as text from the container's own root. So nothing in the tree, nor what is swapped while we look, leads out of it.
 */
export class ContainerTree {
  readonly #files: Files;
  readonly #open = new Set<number>();
  readonly #mounts = new Map<string, FileView["mounts"][number]>();
  readonly root: Node;

  constructor(files: Files, view: FileView) {
    this.#files = files;
    this.root = this.#keep(files.openRoot(view.root), "/", view.readonly ? "rootfs" : undefined);
    for (const mount of view.mounts) this.#mounts.set(this.#settled(mount.destination), mount);
  }

  /** A destination may lead through symlinks of the image, as `/var/run/x` does. */
  #settled(destination: string): string {
    try {
      return this.walk(destination).path;
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) return destination;
      throw error;
    }
  }

  #keep(fd: number, path: string, readonly: Node["readonly"]): Node {
    this.#open.add(fd);
    return { fd, path, readonly, stat: fstatSync(fd, { bigint: true }) };
  }

  /** Gives a node's descriptor back before the end. The root stays. */
  release(node: Node): void {
    if (node === this.root || !this.#open.delete(node.fd)) return;
    closeSync(node.fd);
  }

  close(): void {
    for (const fd of this.#open) closeSync(fd);
    this.#open.clear();
  }

  /** Whether something is mounted there, or below. */
  hasMount(path: string): boolean {
    return [...this.#mounts.keys()].some((target) => target === path || target.startsWith(`${path}/`));
  }

  isMount(path: string): boolean {
    return this.#mounts.has(path);
  }

  /** The entry of that name itself: of a symlink, the symlink. Throws KernelError ENOENT. */
  child(parent: Node, name: string): Node {
    const path = below(parent.path, name);
    const mount = this.#mounts.get(path);
    if (mount)
      return this.#keep(openSync(mount.source, PATH_ONLY), path, mount.readonly ? "volume" : undefined);
    const fd = this.#files.openIn(parent.fd, name, PATH_ONLY | constants.O_NOFOLLOW);
    return this.#keep(fd, path, parent.readonly);
  }

  #entry(parent: Node, name: string, ahead: readonly string[]): Node {
    try {
      return this.child(parent, name);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      throw new MissingEntry(resolve(parent.path, name, ...ahead.toReversed().filter((part) => part !== "")));
    }
  }

  /** Throws KernelError ENOENT (a MissingEntry), ENOTDIR or ELOOP. `follow`: through a symlink at the end, too. */
  walk(path: string, follow = true): Node {
    const ahead = path.split("/").reverse();
    const way: Node[] = [this.root];
    let links = 0;
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      const here = way.at(-1) ?? this.root;
      if (!here.stat.isDirectory()) throw failure("ENOTDIR", path);
      if (name === "" || name === ".") continue;
      if (name === "..") {
        if (way.length > 1) way.pop();
        continue;
      }
      const next = this.#entry(here, name, ahead);
      if (!next.stat.isSymbolicLink() || (ahead.length === 0 && !follow)) {
        way.push(next);
        continue;
      }
      this.release(next);
      if (++links > MOST_LINKS) throw failure("ELOOP", path);
      const target = readlinkSync(`/proc/self/fd/${here.fd}/${name}`);
      if (target.startsWith("/")) way.length = 1;
      ahead.push(...target.split("/").reverse());
    }
    const found = way.at(-1) ?? this.root;
    for (const node of way) if (node !== found) this.release(node);
    return found;
  }
}
