import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { deviceNumbers, NO_DEVICE } from "../../base/device-numbers.ts";
import { BLOCK, type TarEntry } from "../../base/tar/entry.ts";
import { entryTypeOf } from "../../base/tar/stat.ts";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "../../base/tar/writer.ts";

export interface PackOptions {
  /** Name that the top has in the archive; "." puts what is in a folder at the archive's root. */
  readonly name: string;
  /** Paths below the top (with slashes) that are left out. */
  readonly ignores?: (path: string) => boolean;
  /** A folder that is left out may hold what is not: it is looked into all the same. */
  readonly looksInto?: (path: string) => boolean;
  /** Everything belongs to root, and is writable by its owner only, as docker sends a build's context. */
  readonly anonymous?: boolean;
}

interface Found {
  readonly path: string;
  /** Below the top; "" is the top itself. */
  readonly relative: string;
}

/** A file or folder as a tar, read as it is sent. Sockets and files that vanish meanwhile are left out. */
export async function* packTree(top: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  const links = new Map<string, string>();
  for await (const found of walk({ path: top, relative: "" }, options)) {
    const entry = await entryOf(found, options, links);
    if (entry === undefined) continue;
    yield encodeEntry(entry);
    if (entry.type === "file" && entry.size > 0) yield* content(found.path, entry.size);
  }
  yield END_OF_ARCHIVE;
}

async function* walk(found: Found, options: PackOptions): AsyncGenerator<Found> {
  const { path, relative } = found;
  const left = relative !== "" && options.ignores?.(relative) === true;
  if (!left) yield found;
  else if (!options.looksInto?.(relative)) return;
  const stat = await lstat(path);
  if (!stat.isDirectory()) return;
  for (const name of (await readdir(path)).sort())
    yield* walk(
      { path: join(path, name), relative: relative === "" ? name : `${relative}/${name}` },
      options,
    );
}

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

async function entryOf(
  { path, relative }: Found,
  { name, anonymous = false }: PackOptions,
  links: Map<string, string>,
): Promise<TarEntry | undefined> {
  const stat = await lstat(path);
  const kind = entryTypeOf(stat);
  if (kind === undefined) return undefined;
  const inside = relative === "" ? name : name === "." || name === "" ? relative : `${name}/${relative}`;
  const before = kind === "file" && stat.nlink > 1 ? links.get(`${stat.dev}:${stat.ino}`) : undefined;
  if (kind === "file" && stat.nlink > 1 && before === undefined) links.set(`${stat.dev}:${stat.ino}`, inside);
  const type = before === undefined ? kind : "link";
  const device = type === "char" || type === "block";
  return {
    type,
    name: inside,
    linkName: before ?? (type === "symlink" ? await readlink(path) : ""),
    size: type === "file" ? stat.size : 0,
    mode: stat.mode & 0o7777,
    uid: anonymous ? 0 : stat.uid,
    gid: anonymous ? 0 : stat.gid,
    mtime: { seconds: Math.floor(stat.mtimeMs / 1000), nanoseconds: Math.round((stat.mtimeMs % 1000) * 1e6) },
    ...(device ? deviceNumbers(stat.rdev) : NO_DEVICE),
    xattrs: NO_XATTRS,
  };
}

/** Exactly as many bytes as the header has promised, whatever happens to the file meanwhile. */
async function* content(path: string, size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of createReadStream(path, { end: size - 1 }) as AsyncIterable<Buffer>) {
    left -= chunk.length;
    yield chunk;
  }
  while (left > 0) {
    const zeros = Buffer.alloc(Math.min(left, 128 * BLOCK));
    left -= zeros.length;
    yield zeros;
  }
  yield paddingAfter(size);
}
