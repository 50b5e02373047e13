import { closeSync, constants, fchmodSync, fchownSync, ftruncateSync, writeSync } from "node:fs";
import {
  EngineError,
  errnoOf,
  forbidden,
  invalidParameter,
  messageOf,
  systemError,
} from "../../base/errors.ts";
import type { TarEntry } from "../../base/tar/entry.ts";
import type { TarSink } from "../../base/tar/reader.ts";
import type { Timestamp } from "../../base/tar/timestamp.ts";
import type { UnpackOptions } from "../../engine/index.ts";
import type { Files } from "../../kernel/index.ts";
import type { ContainerTree, Node } from "./tree.ts";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const UNSUPPORTED: ReadonlySet<string | undefined> = new Set(["ENOTSUP", "EOPNOTSUPP", "EPERM"]);

interface Place {
  readonly parent: Node;
  readonly name: string;
}

/** A member's name below the destination; refused when it leads out of it. */
export function memberPath(name: string): readonly string[] {
  const path: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") path.push(part);
    else if (path.pop() === undefined)
      throw invalidParameter(`invalid tar archive: ${JSON.stringify(name)} is outside of the destination`);
  }
  return path;
}

/** Writes the members of an archive below a folder of a container, which may be running. Blocking calls throughout. */
export class Unpacker implements TarSink {
  readonly #files: Files;
  readonly #tree: ContainerTree;
  readonly #top: Node;
  readonly #options: UnpackOptions;
  #parent: { readonly key: string; readonly node: Node } | undefined;
  #file:
    | { readonly fd: number; readonly place: Place; readonly entry: TarEntry; written: number }
    | undefined;
  /** Set last: every entry made inside changes them. */
  readonly #times = new Map<string, Timestamp>();

  constructor(files: Files, tree: ContainerTree, top: Node, options: UnpackOptions) {
    this.#files = files;
    this.#tree = tree;
    this.#top = top;
    this.#options = options;
  }

  entry(entry: TarEntry): void {
    this.#explained(entry.name, () => {
      const path = memberPath(entry.name);
      const name = path.at(-1);
      if (name !== undefined) this.#apply(entry, { parent: this.#folder(path.slice(0, -1), true), name });
      else if (this.#options.describesTop && entry.type === "directory")
        this.#describe({ parent: this.#top, name: "." }, entry);
    });
  }

  data(chunk: Uint8Array, position: number): void {
    const file = this.#file;
    if (!file) return;
    this.#explained(file.entry.name, () => {
      for (let done = 0; done < chunk.length; )
        done += writeSync(file.fd, chunk, done, chunk.length - done, position + done);
      file.written = Math.max(file.written, position + chunk.length);
    });
  }

  end(): void {
    const file = this.#file;
    this.#file = undefined;
    if (!file) return;
    this.#explained(file.entry.name, () => {
      const { uid, gid } = this.#options.owner ?? file.entry;
      try {
        if (file.written < file.entry.size) ftruncateSync(file.fd, file.entry.size);
        fchownSync(file.fd, uid, gid);
        fchmodSync(file.fd, file.entry.mode);
      } finally {
        closeSync(file.fd);
      }
      this.#setXattrs(file.place, file.entry);
      this.#setTimes(file.place, file.entry.mtime);
    });
  }

  finish(): void {
    for (const [path, time] of this.#times) {
      const parts = path.split("/");
      this.#explained(path, () => {
        const parent = this.#folder(parts.slice(0, -1), false);
        this.#setTimes({ parent, name: parts.at(-1) || "." }, time);
      });
    }
  }

  close(): void {
    if (this.#file) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  #explained(name: string, body: () => void): void {
    try {
      body();
    } catch (error) {
      if (error instanceof EngineError) throw error;
      const code = errnoOf(error);
      if (code === "EROFS") throw forbidden("container rootfs is marked read-only", error);
      if (code === "ENOSPC" || code === "EDQUOT") throw systemError("no space left on device", error);
      throw systemError(`cannot unpack ${JSON.stringify(name)}: ${messageOf(error)}`, error);
    }
  }

  /** A folder below the destination; symlinks on the way lead as they do in the container. */
  #folder(parts: readonly string[], makes: boolean): Node {
    if (parts.length === 0) return this.#top;
    const key = parts.join("/");
    if (this.#parent?.key === key) return this.#parent.node;
    const path = `${this.#top.path}/${key}`;
    const node = this.#opened(path, () => (makes ? this.#make(parts) : undefined));
    if (!node.stat.isDirectory())
      throw invalidParameter(`cannot unpack below ${path}: it is not a directory`);
    if (this.#parent) this.#tree.release(this.#parent.node);
    this.#parent = { key, node };
    return node;
  }

  #opened(path: string, otherwise: () => void): Node {
    try {
      return this.#tree.walk(path);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      otherwise();
      return this.#tree.walk(path);
    }
  }

  #make(parts: readonly string[]): void {
    const parent = this.#folder(parts.slice(0, -1), true);
    const name = parts.at(-1) ?? "";
    refuseReadonly(parent);
    this.#files.mkdirAt(parent.fd, name, 0o755);
    const { uid, gid } = this.#options.owner ?? { uid: 0, gid: 0 };
    this.#files.chownAt(parent.fd, name, uid, gid);
  }

  #apply(entry: TarEntry, place: Place): void {
    const existing = this.#existing(place);
    try {
      if (existing) this.#refuseOtherKind(entry, place, existing);
      if (existing?.stat.isDirectory() && entry.type === "directory") {
        this.#adopt(entry, place, existing);
      } else {
        refuseReadonly(place.parent);
        if (existing) this.#remove(place, existing);
        this.#create(entry, place);
      }
    } finally {
      if (existing) this.#tree.release(existing);
    }
  }

  #existing({ parent, name }: Place): Node | undefined {
    try {
      return this.#tree.child(parent, name);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  #refuseOtherKind(entry: TarEntry, { name }: Place, existing: Node): void {
    if (!this.#options.keepKinds) return;
    const isFolder = existing.stat.isDirectory();
    if (isFolder === (entry.type === "directory")) return;
    const [here, there] = isFolder ? ["directory", "non-directory"] : ["non-directory", "directory"];
    throw invalidParameter(`cannot overwrite ${here} "${existing.path}" with ${there} "${name}"`);
  }

  /** A folder that is there already keeps what is in it. */
  #adopt(entry: TarEntry, place: Place, existing: Node): void {
    refuseReadonly(existing);
    if (!this.#tree.isMount(existing.path)) {
      this.#describe(place, entry);
      return;
    }
    const { uid, gid } = this.#options.owner ?? entry;
    this.#files.chownAt(existing.fd, ".", uid, gid);
    this.#files.chmodAt(existing.fd, ".", entry.mode);
  }

  #remove(place: Place, existing: Node): void {
    if (this.#tree.hasMount(existing.path))
      throw systemError(
        `cannot replace ${existing.path}: device or resource busy: something is mounted there`,
      );
    this.#forget();
    this.#files.removeTree(place.parent.fd, place.name);
  }

  /** An open folder may be gone from the tree now. */
  #forget(): void {
    const kept = this.#parent;
    this.#parent = undefined;
    // Its descriptor is still used by the member being written; it is closed with the tree.
    if (kept) this.#times.delete(kept.key);
  }

  #create(entry: TarEntry, place: Place): void {
    const { parent, name } = place;
    const files = this.#files;
    if (entry.type === "file") {
      this.#file = { fd: files.openIn(parent.fd, name, CREATE, 0o600), place, entry, written: 0 };
    } else if (entry.type === "link") {
      this.#link(entry, place);
    } else {
      if (entry.type === "directory") files.mkdirAt(parent.fd, name, 0o700);
      else if (entry.type === "symlink") files.symlinkAt(entry.linkName, parent.fd, name);
      else files.mknodAt(parent.fd, name, entry.type, entry.mode & 0o777, entry.major, entry.minor);
      this.#describe(place, entry);
    }
  }

  #link(entry: TarEntry, { parent, name }: Place): void {
    const path = memberPath(entry.linkName);
    const from = path.at(-1);
    if (from === undefined)
      throw invalidParameter(`invalid tar archive: ${entry.name} is a link to a directory`);
    const folder = this.#tree.walk([this.#top.path, ...path.slice(0, -1)].join("/"));
    try {
      this.#files.linkAt(folder.fd, from, parent.fd, name);
    } finally {
      if (folder !== parent && folder !== this.#top) this.#tree.release(folder);
    }
  }

  #describe(place: Place, entry: TarEntry): void {
    const { uid, gid } = this.#options.owner ?? entry;
    const { parent, name } = place;
    this.#files.chownAt(parent.fd, name, uid, gid);
    if (entry.type !== "symlink") this.#files.chmodAt(parent.fd, name, entry.mode);
    this.#setXattrs(place, entry);
    if (entry.type === "directory") this.#times.set(memberPath(entry.name).join("/"), entry.mtime);
    else this.#setTimes(place, entry.mtime);
  }

  #setTimes({ parent, name }: Place, time: Timestamp): void {
    try {
      this.#files.setTimesAt(parent.fd, name, time, time);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error; // the running container has removed it already
    }
  }

  #setXattrs({ parent, name }: Place, entry: TarEntry): void {
    for (const [key, value] of entry.xattrs) {
      // With these an archive could steer the union file system itself.
      if (/^(trusted|user)\.overlay\./.test(key)) continue;
      try {
        this.#files.setXattr(`/proc/self/fd/${parent.fd}/${name}`, key, value);
      } catch (error) {
        if (!UNSUPPORTED.has(errnoOf(error))) throw error;
      }
    }
  }
}

export function refuseReadonly(node: Node): void {
  if (node.readonly === "rootfs") throw forbidden("container rootfs is marked read-only");
  if (node.readonly === "volume") throw forbidden("mounted volume is marked read-only");
}
