import { constants, fchmodSync, fchownSync, ftruncateSync, lstatSync, type Stats, writeSync } from "node:fs";
import { EngineError, errnoOf, invalidParameter, messageOf } from "../../../base/errors.ts";
import { badArchive, type TarEntry } from "../../../base/tar/entry.ts";
import type { TarSink } from "../../../base/tar/reader.ts";
import type { Files, Timestamp } from "../../../kernel/index.ts";
import { diskFull, isDiskFull } from "../../disk-full.ts";
import { Directories } from "./directories.ts";
import {
  type EntryPath,
  isOverlayXattr,
  type Marker,
  markerOf,
  OPAQUE_XATTR,
  parseEntryPath,
} from "./entry-path.ts";

/** What one layer may grow to before it is taken for an archive bomb. */
export interface LayerLimits {
  /** Of all its files together, holes counted. */
  readonly bytes: number;
  readonly entries: number;
}

interface Place {
  readonly dir: number;
  readonly name: string;
}
interface OpenFile extends Place {
  readonly fd: number;
  readonly entry: TarEntry;
  written: number;
}

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Errors of setxattr that mean "this filesystem cannot keep it": other engines go on as well. */
const XATTR_UNSUPPORTED: ReadonlySet<string | undefined> = new Set(["ENOTSUP", "EOPNOTSUPP"]);

/**
 * Writes the members of a layer archive below a folder in the form overlayfs reads: whiteouts as 0/0 devices, opaque
 * directories by extended attribute. The folder must belong to nobody else while this runs. Blocking calls throughout.
 */
export class LayerWriter implements TarSink {
  readonly #files: Files;
  readonly #limits: LayerLimits;
  readonly #directories: Directories;
  /** Times of directories are set last: every entry made inside changes them. */
  readonly #times = new Map<string, Timestamp>();
  #file: OpenFile | undefined;
  #bytes = 0;
  #entries = 0;

  constructor(files: Files, root: string, limits: LayerLimits) {
    this.#files = files;
    this.#limits = limits;
    this.#directories = new Directories(files, root);
  }

  /** Directories the archive uses without describing them, "" for the root; for `inherit`. */
  get implicit(): readonly string[] {
    return this.#directories.implicit;
  }

  /** Bytes of all files written so far. */
  get size(): number {
    return this.#bytes;
  }

  entry(entry: TarEntry): void {
    this.#count(entry);
    this.#directories.trim();
    this.#explained(entry.name, () => {
      const path = parseEntryPath(entry.name);
      const marker = path.name === undefined ? undefined : markerOf(path.name);
      if (path.name === undefined) this.#applyRoot(entry);
      else if (marker) this.#applyMarker(path, marker);
      else this.#apply(entry, path, path.name);
    });
  }

  data(chunk: Uint8Array, position: number): void {
    const file = this.#file;
    if (!file) return;
    this.#explained(file.entry.name, () => {
      for (let done = 0; done < chunk.length; ) {
        done += writeSync(file.fd, chunk, done, chunk.length - done, position + done);
      }
      file.written = Math.max(file.written, position + chunk.length);
    });
  }

  end(): void {
    const file = this.#file;
    this.#file = undefined;
    if (!file) return;
    this.#explained(file.entry.name, () => {
      try {
        if (file.written < file.entry.size) ftruncateSync(file.fd, file.entry.size);
        fchownSync(file.fd, file.entry.uid, file.entry.gid);
        fchmodSync(file.fd, file.entry.mode);
      } finally {
        this.#files.close(file.fd);
      }
      this.#setXattrs(file, file.entry);
      this.#files.setTimesAt(file.dir, file.name, file.entry.mtime, file.entry.mtime);
    });
  }

  /** Sets what had to wait. To be called once, after the whole archive was read. */
  finish(): void {
    for (const [key, time] of this.#times) {
      this.#directories.trim();
      const { parents, name } = parseEntryPath(key);
      if (name === undefined) this.#files.setTimesAt(this.#directories.root, ".", time, time);
      else this.#files.setTimesAt(this.#directories.open(parents, false), name, time, time);
    }
  }

  close(): void {
    if (this.#file) this.#files.close(this.#file.fd);
    this.#file = undefined;
    this.#directories.close();
  }

  #count(entry: TarEntry): void {
    this.#entries++;
    // A link takes the length of its target, as stat(2) counts it.
    this.#bytes += entry.type === "symlink" ? Buffer.byteLength(entry.linkName) : entry.size;
    if (this.#entries > this.#limits.entries) {
      throw invalidParameter(
        `the layer has more than ${this.#limits.entries} entries: the limit for one layer`,
      );
    }
    if (this.#bytes > this.#limits.bytes) {
      throw invalidParameter(
        `the files of the layer take more than ${this.#limits.bytes} bytes: the limit for one layer`,
      );
    }
  }

  #explained(name: string, body: () => void): void {
    try {
      body();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      if (isDiskFull(error)) throw diskFull("cannot unpack a layer", error);
      throw invalidParameter(`cannot unpack "${name}" of the layer: ${messageOf(error)}`, error);
    }
  }

  #applyRoot(entry: TarEntry): void {
    if (entry.type !== "directory") throw badArchive(`the root of the layer is a ${entry.type}`);
    const place = { dir: this.#directories.root, name: "." };
    this.#setOwnerAndMode(place, entry);
    this.#setXattrs(place, entry);
    this.#times.set("", entry.mtime);
    this.#directories.settle("");
  }

  #apply(entry: TarEntry, path: EntryPath, name: string): void {
    const place = { dir: this.#directories.open(path.parents, true), name };
    if (entry.type === "directory") this.#makeDirectory(place, entry, path);
    else if (entry.type === "file") this.#makeFile(place, entry, path);
    else if (entry.type === "link") this.#makeHardLink(place, entry, path);
    else this.#makeSpecial(place, entry, path);
  }

  #makeDirectory(place: Place, entry: TarEntry, path: EntryPath): void {
    const existing = statOf(place);
    if (existing && !existing.isDirectory()) this.#removeExisting(place, existing, path);
    if (!existing?.isDirectory()) this.#files.mkdirAt(place.dir, place.name, 0o700);
    // A directory in place of a whiteout hides what is below: the layer deleted the old one and made its own.
    if (existing && isWhiteout(existing)) this.#setOpaque(place);
    this.#setOwnerAndMode(place, entry);
    this.#setXattrs(place, entry);
    const key = [...path.parents, place.name].join("/");
    this.#times.set(key, entry.mtime);
    this.#directories.settle(key);
  }

  #makeFile(place: Place, entry: TarEntry, path: EntryPath): void {
    const fd = this.#replacing(place, path, () => this.#files.openIn(place.dir, place.name, CREATE, 0o600));
    this.#file = { ...place, fd, entry, written: 0 };
  }

  #makeHardLink(place: Place, entry: TarEntry, path: EntryPath): void {
    const target = parseEntryPath(entry.linkName);
    if (target.name === undefined)
      throw badArchive(`the hard link "${entry.name}" leads to the root of the layer`);
    const isItself = target.name === place.name && target.parents.join("/") === path.parents.join("/");
    if (isItself) throw badArchive(`the hard link "${entry.name}" leads to itself`);
    const name = target.name;
    const from = this.#directories.open(target.parents, false);
    this.#replacing(place, path, () => this.#files.linkAt(from, name, place.dir, place.name));
  }

  #makeSpecial(place: Place, entry: TarEntry, path: EntryPath): void {
    this.#replacing(place, path, () => {
      if (entry.type === "symlink") this.#files.symlinkAt(entry.linkName, place.dir, place.name);
      else this.#makeNode(place, entry);
    });
    this.#setOwnerAndMode(place, entry);
    this.#setXattrs(place, entry);
    this.#files.setTimesAt(place.dir, place.name, entry.mtime, entry.mtime);
  }

  #makeNode(place: Place, { type, mode, major, minor, name }: TarEntry): void {
    if (type !== "char" && type !== "block" && type !== "fifo") throw badArchive(`"${name}" is a ${type}`);
    if (major > 0xfff || minor > 0xfffff)
      throw badArchive(`the device number ${major}:${minor} of "${name}" is out of range`);
    this.#files.mknodAt(place.dir, place.name, type, mode & 0o777, major, minor);
  }

  /** Later members of the same name replace earlier ones. */
  #replacing<T>(place: Place, path: EntryPath, make: () => T): T {
    try {
      return make();
    } catch (error) {
      const existing = errnoOf(error) === "EEXIST" ? statOf(place) : undefined;
      if (!existing) throw error;
      this.#removeExisting(place, existing, path);
      return make();
    }
  }

  #removeExisting(place: Place, existing: Stats, path: EntryPath): void {
    if (!existing.isDirectory()) {
      this.#files.unlinkAt(place.dir, place.name);
    } else {
      this.#files.removeTree(place.dir, place.name);
      const gone = [...path.parents, place.name].join("/");
      this.#directories.dropped(gone);
      for (const key of this.#times.keys())
        if (key === gone || key.startsWith(`${gone}/`)) this.#times.delete(key);
    }
    if (existing.isDirectory() || existing.isSymbolicLink()) this.#directories.outdate();
  }

  #applyMarker(path: EntryPath, marker: Marker): void {
    if (marker.kind === "ignored") return;
    const dir = this.#directories.open(path.parents, true);
    if (marker.kind === "opaque") {
      this.#setOpaque({ dir, name: "." });
      return;
    }
    const place = { dir, name: marker.name };
    const existing = statOf(place);
    // A whiteout speaks of the layers below only: what this layer itself brought stays (layer.md).
    if (existing?.isDirectory()) this.#setOpaque(place);
    if (!existing) this.#files.mknodAt(dir, marker.name, "char", 0, 0, 0);
  }

  #setOpaque(place: Place): void {
    this.#files.setXattr(pathOf(place), OPAQUE_XATTR, Buffer.from("y"));
  }

  #setOwnerAndMode(place: Place, entry: TarEntry): void {
    this.#files.chownAt(place.dir, place.name, entry.uid, entry.gid);
    if (entry.type !== "symlink") this.#files.chmodAt(place.dir, place.name, entry.mode);
  }

  #setXattrs(place: Place, entry: TarEntry): void {
    for (const [name, value] of entry.xattrs) {
      if (isOverlayXattr(name)) continue;
      try {
        this.#files.setXattr(pathOf(place), name, value);
      } catch (error) {
        if (!XATTR_UNSUPPORTED.has(errnoOf(error))) throw error;
      }
    }
  }
}

/** Through the descriptor, whose directory cannot be swapped; the last component is not followed by the calls used. */
const pathOf = ({ dir, name }: Place): string => `/proc/self/fd/${dir}/${name}`;

const statOf = (place: Place): Stats | undefined => lstatSync(pathOf(place), { throwIfNoEntry: false });

/** overlayfs' mark for a name that hides the one below: a character device 0/0. */
export const isWhiteout = (stat: Pick<Stats, "isCharacterDevice" | "rdev">): boolean =>
  stat.isCharacterDevice() && stat.rdev === 0;
