import {
  type BigIntStats,
  closeSync,
  constants,
  lchownSync,
  lstatSync,
  openSync,
  readlinkSync,
} from "node:fs";
import { below, entriesOf, type FileName, isPathLength, refuseLongPath } from "../../base/entries.ts";
import type { FileCopier, Files, NodeKind } from "../../kernel/index.ts";

const NANOSECONDS = 1_000_000_000n;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;

const major = (device: number): number => (device >> 8) & 0xfff;
const minor = (device: number): number => (device & 0xff) | ((device >> 12) & 0xfff00);

/** The nanoseconds of a time before 1970 count forwards too. */
function time(nanoseconds: bigint) {
  const rest = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { seconds: Number((nanoseconds - rest) / NANOSECONDS), nanoseconds: Number(rest) };
}

/** overlay's own marks mean something only inside its layers. */
const keepsXattr = (name: string): boolean => !name.startsWith("trusted.overlay.");

/** A folder held by its descriptor, and where it is below the top of the copy. */
interface Folder {
  readonly fd: number;
  readonly path: FileName;
}
const entryOf = ({ fd }: Folder, name: FileName): FileName => below(`/proc/self/fd/${fd}`, name);

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
  readonly #copier: FileCopier;
  readonly #top: number;
  /** Where the first name of each entry with several was copied to. */
  readonly #linked = new Map<string, { readonly folder: FileName; readonly name: FileName }>();
  /** Where the file that is copied now goes to. */
  #place: { readonly to: Folder; readonly name: FileName } | undefined;

  constructor(files: Files, top: number) {
    this.#files = files;
    this.#top = top;
    this.#copier = files.copier({ isLinked: (inode) => this.#isLinked(inode), keepsXattr });
  }

  /** What is in an open folder, then what is known of the folder itself. */
  folder(from: Folder, to: Folder): void {
    for (const entry of entriesOf(`/proc/self/fd/${from.fd}`)) {
      const { name } = entry;
      if (entry.isFile()) this.#file(from, to, name);
      else if (entry.isDirectory()) this.#subfolder(from, to, name);
      else this.#other(from, to, name);
    }
    this.#copier.attributes(from.fd, to.fd, to.path);
  }

  #file(from: Folder, to: Folder, name: FileName): void {
    this.#place = { to, name };
    this.#copier.file(from.fd, name, to.fd);
  }

  #isLinked(inode: string): boolean {
    return this.#place !== undefined && this.#link(this.#place.to, this.#place.name, inode);
  }

  #subfolder(from: Folder, to: Folder, name: FileName): void {
    const path = below(to.path, name);
    refuseLongPath(path, "copy");
    this.#files.mkdirAt(to.fd, name, 0o700);
    const source = this.#files.openIn(from.fd, name, FOLDER | constants.O_NOFOLLOW);
    try {
      const target = this.#files.openIn(to.fd, name, FOLDER | constants.O_NOFOLLOW);
      try {
        this.folder({ fd: source, path }, { fd: target, path });
      } finally {
        this.#files.close(target);
      }
    } finally {
      this.#files.close(source);
    }
  }

  /** Symlinks and nodes, which are not opened. */
  #other(from: Folder, to: Folder, name: FileName): void {
    const path = entryOf(from, name);
    const stat = lstatSync(path, { bigint: true });
    if (stat.nlink > 1n && this.#link(to, name, `${stat.dev}:${stat.ino}`)) return;
    if (stat.isSymbolicLink()) this.#files.symlinkAt(readlinkSync(path, "buffer"), to.fd, name);
    else this.#node(to, name, stat);
    const target = entryOf(to, name);
    lchownSync(target, Number(stat.uid), Number(stat.gid));
    if (!stat.isSymbolicLink()) this.#files.chmodAt(to.fd, name, Number(stat.mode) & 0o7777);
    for (const attribute of this.#files.listXattrs(path).filter(keepsXattr)) {
      const value = this.#files.getXattr(path, attribute);
      if (value) this.#files.setXattr(target, attribute, value);
    }
    this.#files.setTimesAt(to.fd, name, time(stat.atimeNs), time(stat.mtimeNs));
  }

  #node(to: Folder, name: FileName, stat: BigIntStats): void {
    const device = Number(stat.rdev);
    this.#files.mknodAt(to.fd, name, kindOf(stat), Number(stat.mode) & 0o777, major(device), minor(device));
  }

  /** True when the entry was copied before under another name, and has got this one as well. */
  #link(to: Folder, name: FileName, inode: string): boolean {
    const first = this.#linked.get(inode);
    if (!first) {
      this.#linked.set(inode, { folder: to.path, name });
      return false;
    }
    const folder = this.#files.openIn(this.#top, first.folder || "/", FOLDER);
    try {
      this.#files.linkAt(folder, first.name, to.fd, name);
    } finally {
      this.#files.close(folder);
    }
    return true;
  }
}

/**
 * Copies what is in the folder `from` into the existing folder `to`, with owners, modes, times, extended attributes,
 * hard links, holes and device nodes; then gives `to` the attributes of `from`. Symlinks are copied, never followed.
 * Blocking: for worker threads and small trees.
 */
export function copyTree(files: Files, from: number, to: number): void {
  new TreeCopy(files, to).folder({ fd: from, path: "" }, { fd: to, path: "" });
}

/** Owner, mode, times and extended attributes of one folder for another. */
export function copyAttributes(files: Files, from: string, to: string): void {
  const source = openSync(from, FOLDER);
  try {
    const target = openSync(to, FOLDER);
    try {
      files.copier({ isLinked: () => false, keepsXattr }).attributes(source, target, to);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Whether a tree has at most so many entries and so many bytes, and no path that is too long. */
export function isSmall(folder: string, entries: number, bytes: number): boolean {
  const waiting: FileName[] = [folder];
  let [count, size] = [0, 0];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of entriesOf(path)) {
      const inside = below(path, entry.name);
      if (++count > entries || !isPathLength(inside)) return false;
      if (entry.isDirectory()) waiting.push(inside);
      else if (entry.isFile()) size += lstatSync(inside).size;
      if (size > bytes) return false;
    }
  }
  return true;
}
