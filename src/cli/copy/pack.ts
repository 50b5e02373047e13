import { type BigIntStats, createReadStream, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { deviceNumbers, NO_DEVICE } from "../../base/device-numbers.ts";
import { BLOCK, type TarEntry } from "../../base/tar/entry.ts";
import { entryTypeOf, timestampOf } from "../../base/tar/stat.ts";
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
  readonly stat: BigIntStats;
}

/** An entry of a tree of files, and where it is. */
export interface PackedEntry {
  readonly path: string;
  readonly entry: TarEntry;
  readonly stat: BigIntStats;
}

/** A file or folder as a tar, read as it is sent. Sockets and files that vanish meanwhile are left out. */
export async function* packTree(top: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  for (const { path, entry } of entriesOf(top, options)) {
    yield encodeEntry(entry);
    if (entry.type === "file" && entry.size > 0) yield* contentOf(path, entry.size);
  }
  yield END_OF_ARCHIVE;
}

/** The members of the archive that `packTree` makes. Blocks for each: to be used where nothing else waits. */
export function* entriesOf(top: string, options: PackOptions): Generator<PackedEntry> {
  const links = new Map<string, string>();
  for (const found of walk({ path: top, relative: "", stat: lstatSync(top, { bigint: true }) }, options)) {
    const entry = entryOf(found, options, links);
    if (entry !== undefined) yield { path: found.path, entry, stat: found.stat };
  }
}

function* walk(found: Found, options: PackOptions): Generator<Found> {
  const { path, relative, stat } = found;
  const left = relative !== "" && options.ignores?.(relative) === true;
  if (!left) yield found;
  else if (!options.looksInto?.(relative)) return;
  if (!stat.isDirectory()) return;
  for (const name of readdirSync(path).sort()) {
    const below = join(path, name);
    const inside = lstatSync(below, { bigint: true, throwIfNoEntry: false });
    if (inside)
      yield* walk(
        { path: below, relative: relative === "" ? name : `${relative}/${name}`, stat: inside },
        options,
      );
  }
}

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

function entryOf(
  { path, relative, stat }: Found,
  { name, anonymous = false }: PackOptions,
  links: Map<string, string>,
): TarEntry | undefined {
  const kind = entryTypeOf(stat);
  if (kind === undefined) return undefined;
  const inside = relative === "" ? name : name === "." || name === "" ? relative : `${name}/${relative}`;
  const before = kind === "file" && stat.nlink > 1n ? links.get(`${stat.dev}:${stat.ino}`) : undefined;
  if (kind === "file" && stat.nlink > 1n && before === undefined)
    links.set(`${stat.dev}:${stat.ino}`, inside);
  const type = before === undefined ? kind : "link";
  const device = type === "char" || type === "block";
  return {
    type,
    name: inside,
    linkName: before ?? (type === "symlink" ? readlinkSync(path) : ""),
    size: type === "file" ? Number(stat.size) : 0,
    mode: Number(stat.mode) & 0o7777,
    uid: anonymous ? 0 : Number(stat.uid),
    gid: anonymous ? 0 : Number(stat.gid),
    mtime: timestampOf(stat.mtimeNs),
    ...(device ? deviceNumbers(stat.rdev) : NO_DEVICE),
    xattrs: NO_XATTRS,
  };
}

/** A file as an archive holds it, filled up to whole blocks. */
async function* contentOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  yield* bytesOf(path, size);
  yield paddingAfter(size);
}

/** Exactly as many bytes as were promised, whatever happens to the file meanwhile. */
export async function* bytesOf(path: string, size: number): AsyncGenerator<Uint8Array> {
  if (size === 0) return;
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
}
