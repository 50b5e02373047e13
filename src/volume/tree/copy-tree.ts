import {
  type BigIntStats,
  constants,
  copyFileSync,
  fstatSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readlinkSync,
} from "node:fs";
import { errnoOf } from "../../base/errors.ts";
import type { Files, NodeKind } from "../../kernel/index.ts";

const SPECIAL_BITS = 0o6000;
const NANOSECONDS = 1_000_000_000n;

const major = (device: number): number => (device >> 8) & 0xfff;
const minor = (device: number): number => (device & 0xff) | ((device >> 12) & 0xfff00);

const time = (nanoseconds: bigint) => ({
  seconds: Number(nanoseconds / NANOSECONDS),
  nanoseconds: Number(nanoseconds % NANOSECONDS),
});

/** A folder held by its descriptor, and where it is below the top of the copy. */
interface Folder {
  readonly fd: number;
  readonly path: string;
}
const entryOf = ({ fd }: Folder, name: string): string => `/proc/self/fd/${fd}/${name}`;

function kindOf(stat: BigIntStats): NodeKind {
  if (stat.isFIFO()) return "fifo";
  if (stat.isSocket()) return "socket";
  return stat.isBlockDevice() ? "block" : "char";
}

/**
 * A copy under way. Both trees are walked by descriptors, one entry at a time and never through a symlink: whoever uses
 * the target meanwhile cannot turn a write of ours to another place.
 */
class TreeCopy {
  readonly #files: Files;
  readonly #top: number;
  /** Where the first name of each file with several was copied to, by device and inode. */
  readonly #linked = new Map<string, { readonly folder: string; readonly name: string }>();
  #sharesBlocks = true;

  constructor(files: Files, top: number) {
    this.#files = files;
    this.#top = top;
  }

  children(from: Folder, to: Folder): void {
    for (const name of readdirSync(`/proc/self/fd/${from.fd}`)) this.#entry(from, to, name);
  }

  #entry(from: Folder, to: Folder, name: string): void {
    const stat = lstatSync(entryOf(from, name), { bigint: true });
    if (stat.isDirectory()) {
      this.#folder(from, to, name, stat);
      return;
    }
    if (stat.nlink > 1n && this.#link(to, name, `${stat.dev}:${stat.ino}`)) return;
    if (stat.isSymbolicLink()) this.#files.symlinkAt(readlinkSync(entryOf(from, name)), to.fd, name);
    else if (stat.isFile()) this.#file(entryOf(from, name), entryOf(to, name));
    else this.#node(to, name, stat);
    this.attributes(entryOf(from, name), to.fd, name, stat);
  }

  /** Shares the blocks where that is possible; where it is not, it is asked for once. */
  #file(from: string, to: string): void {
    if (this.#sharesBlocks) {
      try {
        copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
        return;
      } catch (error) {
        if (errnoOf(error) === "EEXIST" || errnoOf(error) === "ENOSPC") throw error;
        this.#sharesBlocks = false;
      }
    }
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }

  #folder(from: Folder, to: Folder, name: string, stat: BigIntStats): void {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
    this.#files.mkdirAt(to.fd, name, 0o700);
    const path = `${to.path}/${name}`;
    const source = { fd: this.#files.openIn(from.fd, name, flags), path };
    try {
      const target = { fd: this.#files.openIn(to.fd, name, flags), path };
      try {
        this.children(source, target);
      } finally {
        this.#files.close(target.fd);
      }
    } finally {
      this.#files.close(source.fd);
    }
    this.attributes(entryOf(from, name), to.fd, name, stat);
  }

  /** True when the file was copied before under another name, and has got this one as well. */
  #link(to: Folder, name: string, key: string): boolean {
    const first = this.#linked.get(key);
    if (!first) {
      this.#linked.set(key, { folder: to.path, name });
      return false;
    }
    const folder = this.#files.openIn(
      this.#top,
      first.folder || "/",
      constants.O_RDONLY | constants.O_DIRECTORY,
    );
    try {
      this.#files.linkAt(folder, first.name, to.fd, name);
    } finally {
      this.#files.close(folder);
    }
    return true;
  }

  #node(to: Folder, name: string, stat: BigIntStats): void {
    const device = Number(stat.rdev);
    this.#files.mknodAt(to.fd, name, kindOf(stat), Number(stat.mode) & 0o777, major(device), minor(device));
  }

  attributes(from: string, dir: number, name: string, stat: BigIntStats): void {
    const to = `/proc/self/fd/${dir}/${name}`;
    const isOurs = stat.uid === 0n && stat.gid === 0n;
    if (!isOurs) lchownSync(to, Number(stat.uid), Number(stat.gid));
    const mode = Number(stat.mode) & 0o7777;
    // A copied file has its mode already, but a change of owner takes the special bits away.
    const hasMode = stat.isFile() && (isOurs || (mode & SPECIAL_BITS) === 0);
    if (!stat.isSymbolicLink() && !hasMode) this.#files.chmodAt(dir, name, mode);
    for (const attribute of this.#files.listXattrs(from)) {
      // overlay's own marks mean something only inside its layers
      if (attribute.startsWith("trusted.overlay.")) continue;
      const value = this.#files.getXattr(from, attribute);
      if (value) this.#files.setXattr(to, attribute, value);
    }
    this.#files.setTimesAt(dir, name, time(stat.atimeNs), time(stat.mtimeNs));
  }
}

/**
 * Copies what is in the folder `from` into the existing folder `to`, with owners, modes, times, extended attributes,
 * hard links and device nodes; then gives `to` the attributes of `from`. Symlinks are copied, never followed. Blocking:
 * for worker threads and small trees.
 */
export function copyTree(files: Files, from: number, to: number): void {
  const copy = new TreeCopy(files, to);
  copy.children({ fd: from, path: "" }, { fd: to, path: "" });
  copy.attributes(`/proc/self/fd/${from}/.`, to, ".", fstatSync(from, { bigint: true }));
}

/** Whether a tree has at most so many entries and so many bytes. */
export function isSmall(folder: string, entries: number, bytes: number): boolean {
  const waiting = [folder];
  let [count, size] = [0, 0];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (++count > entries) return false;
      if (entry.isDirectory()) waiting.push(`${path}/${entry.name}`);
      else if (entry.isFile()) size += lstatSync(`${path}/${entry.name}`).size;
      if (size > bytes) return false;
    }
  }
  return true;
}
