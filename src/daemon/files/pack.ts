import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { deviceNumbers, NO_DEVICE } from "../../base/device-numbers.ts";
import { refuseLongPath } from "../../base/entries.ts";
import { errnoOf, systemError } from "../../base/errors.ts";
import type { EntryType, TarEntry } from "../../base/tar/entry.ts";
import { inChunks } from "../../base/tar/in-chunks.ts";
import { entryTypeOf, timestampOf } from "../../base/tar/stat.ts";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "../../base/tar/writer.ts";
import type { Files } from "../../kernel/index.ts";
import type { ContainerTree, Node } from "./tree.ts";

const CHUNK = 128 * 1024;
/** The one attribute Docker's archives carry. */
const CAPABILITY = "security.capability";
const GONE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * A file or folder with all below it as a tar whose first member is called `name`. Chunks of 128 KiB. `keepsXattrs`: all
 * extended attributes, else the one that Docker's archives have.
 */
export function* packTree(
  files: Files,
  tree: ContainerTree,
  node: Node,
  name: string,
  keepsXattrs: boolean,
): Generator<Uint8Array> {
  yield* inChunks(new Packer(files, tree, keepsXattrs).archive(node, name), CHUNK);
}

class Packer {
  readonly #files: Files;
  readonly #tree: ContainerTree;
  readonly #keepsXattrs: boolean;
  /** Name in the archive by inode, of files with several names. */
  readonly #links = new Map<string, string>();

  constructor(files: Files, tree: ContainerTree, keepsXattrs: boolean) {
    this.#files = files;
    this.#tree = tree;
    this.#keepsXattrs = keepsXattrs;
  }

  *archive(node: Node, name: string): Generator<Uint8Array> {
    const place = node.stat.isDirectory() ? `/proc/self/fd/${node.fd}/.` : undefined;
    yield* this.#member(node, name, place);
    yield END_OF_ARCHIVE;
  }

  /** `place`: the entry by its folder, for what a path descriptor cannot be asked. */
  *#member(node: Node, name: string, place: string | undefined): Generator<Uint8Array> {
    const type = entryTypeOf(node.stat);
    if (!type) return;
    const inode = `${node.stat.dev}:${node.stat.ino}`;
    const isShared = node.stat.nlink > 1n && type !== "directory";
    const first = isShared ? this.#links.get(inode) : undefined;
    const entry = this.#entry(node, type, name, place);
    if (first !== undefined)
      yield encodeEntry({ ...entry, type: "link", linkName: first, size: 0, xattrs: new Map() });
    else if (type === "file") yield* fileMember(node, entry);
    else yield encodeEntry(entry);
    if (isShared && first === undefined) this.#links.set(inode, name);
    if (type === "directory") yield* this.#inside(node, name);
  }

  *#inside(folder: Node, name: string): Generator<Uint8Array> {
    const path = `/proc/self/fd/${folder.fd}`;
    for (const bytes of readdirSync(path, { encoding: "buffer" })) {
      const child = text(bytes);
      refuseLongPath(`${folder.path}/${child}`, "archive");
      let node: Node;
      try {
        node = this.#tree.child(folder, child);
      } catch (error) {
        if (GONE.has(errnoOf(error))) continue; // deleted by the running container a moment ago
        throw error;
      }
      try {
        yield* this.#member(node, `${name.replace(/\/$/, "")}/${child}`, `${path}/${child}`);
      } finally {
        this.#tree.release(node);
      }
    }
  }

  #entry({ fd, path, stat }: Node, type: EntryType, name: string, place: string | undefined): TarEntry {
    const isDevice = type === "char" || type === "block";
    return {
      type,
      name,
      linkName: type === "symlink" ? linkText(this.#tree, { fd, path }, place) : "",
      size: type === "file" ? Number(stat.size) : 0,
      mode: Number(stat.mode) & 0o7777,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      mtime: timestampOf(stat.mtimeNs),
      ...(isDevice ? deviceNumbers(stat.rdev) : NO_DEVICE),
      xattrs: place ? this.#xattrs(place, type) : new Map(),
    };
  }

  #xattrs(place: string, type: EntryType): ReadonlyMap<string, Uint8Array> {
    const docker = type === "file" ? [CAPABILITY] : [];
    const names = this.#keepsXattrs ? this.#files.listXattrs(place) : docker;
    return new Map(
      names.flatMap((name) => {
        if (name.startsWith("trusted.overlay.")) return [];
        const value = this.#files.getXattr(place, name);
        return value ? [[name, value] as const] : [];
      }),
    );
  }
}

function linkText(
  tree: ContainerTree,
  { path }: Pick<Node, "fd" | "path">,
  place: string | undefined,
): string {
  if (place) return readlinkSync(place);
  const cut = path.lastIndexOf("/");
  const folder = tree.walk(path.slice(0, cut) || "/");
  try {
    return readlinkSync(`/proc/self/fd/${folder.fd}/${path.slice(cut + 1)}`);
  } finally {
    tree.release(folder);
  }
}

function* fileMember({ fd, stat }: Node, entry: TarEntry): Generator<Uint8Array> {
  // The same file as looked at: through its descriptor no name can be swapped.
  const content = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    yield encodeEntry(entry);
    const buffer = Buffer.alloc(Math.min(CHUNK, Number(stat.size)));
    for (let left = entry.size; left > 0; ) {
      const count = readSync(content, buffer, 0, Math.min(left, buffer.length), null);
      // A file that shrinks while it is read is filled with zeros, one that grows is cut.
      if (count === 0) buffer.fill(0);
      const piece = buffer.subarray(0, count || Math.min(left, buffer.length));
      yield piece;
      left -= piece.length;
    }
    yield paddingAfter(entry.size);
  } finally {
    closeSync(content);
  }
}

function text(name: Buffer): string {
  try {
    return decoder.decode(name);
  } catch (cause) {
    throw systemError(
      `the file name ${JSON.stringify(name.toString("latin1"))} is not valid UTF-8: rename it`,
      cause,
    );
  }
}
