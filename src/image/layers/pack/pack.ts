import { type BigIntStats, constants, readlinkSync, readSync } from "node:fs";
import { deviceNumbers, NO_DEVICE } from "../../../base/device-numbers.ts";
import { errnoOf } from "../../../base/errors.ts";
import type { EntryType, TarEntry } from "../../../base/tar/entry.ts";
import { inChunks } from "../../../base/tar/in-chunks.ts";
import { entryTypeOf, timestampOf } from "../../../base/tar/stat.ts";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "../../../base/tar/writer.ts";
import type { Files } from "../../../kernel/index.ts";
import { OPAQUE_NAME, whiteoutName } from "../apply/entry-path.ts";
import type { LayerSource } from "../worker/jobs.ts";
import { ownXattrs, pathBelow, type UpperItem, walkUpper } from "./walk.ts";

const CHUNK = 256 * 1024;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/**
 * A writable layer as a tar: sorted, times to the nanosecond, whiteouts as `.wh.` files, hard links kept. The same
 * content always gives the same bytes. Chunks are of one size and own their buffers.
 */
export function* packLayer(files: Files, source: LayerSource): Generator<Uint8Array<ArrayBuffer>> {
  yield* inChunks(parts(files, source), CHUNK);
}

function* parts(files: Files, source: LayerSource): Generator<Uint8Array> {
  const links = new Map<string, string>();
  for (const item of walkUpper(files, source)) {
    const name = item.path.slice(1);
    if (!item.stat) {
      yield encodeEntry(marker(name.slice(0, name.length - item.name.length) + whiteoutName(item.name)));
      continue;
    }
    yield* member(files, item, item.stat, links);
    if (item.isOpaque) yield encodeEntry(marker(`${name}/${OPAQUE_NAME}`));
  }
  yield END_OF_ARCHIVE;
}

/** Whiteouts have no time of their own; a fixed one keeps the archive the same. */
const marker = (name: string): TarEntry => ({
  type: "file",
  name,
  linkName: "",
  size: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  major: 0,
  minor: 0,
  xattrs: NO_XATTRS,
});

function* member(
  files: Files,
  item: UpperItem,
  stat: BigIntStats,
  links: Map<string, string>,
): Generator<Uint8Array> {
  const type = entryTypeOf(stat);
  if (!type) return;
  const inode = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1n && type !== "directory" ? links.get(inode) : undefined;
  const entry = entryOf(files, item, stat, type);
  if (first !== undefined)
    return yield encodeEntry({ ...entry, type: "link", linkName: first, size: 0, xattrs: NO_XATTRS });
  if (type === "file") yield* regularFile(files, item, entry);
  else yield encodeEntry(entry);
  if (stat.nlink > 1n) links.set(inode, entry.name);
}

function entryOf(files: Files, { path, dir, name }: UpperItem, stat: BigIntStats, type: EntryType): TarEntry {
  const place = pathBelow(dir, name);
  const xattrs = ownXattrs(files, place).map(
    (key) => [key, files.getXattr(place, key) ?? new Uint8Array(0)] as const,
  );
  const isDevice = type === "char" || type === "block";
  return {
    type,
    name: path.slice(1),
    linkName: type === "symlink" ? readlinkSync(place) : "",
    size: type === "file" ? Number(stat.size) : 0,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtime: timestampOf(stat.mtimeNs),
    ...(isDevice ? deviceNumbers(stat.rdev) : NO_DEVICE),
    xattrs: xattrs.length === 0 ? NO_XATTRS : new Map(xattrs),
  };
}

function* regularFile(files: Files, { dir, name }: UpperItem, entry: TarEntry): Generator<Uint8Array> {
  let fd: number;
  try {
    fd = files.openIn(dir, name, READ);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return; // deleted by the running container a moment ago
    throw error;
  }
  try {
    yield encodeEntry(entry);
    yield* contentOf(fd, entry.size);
    yield paddingAfter(entry.size);
  } finally {
    files.close(fd);
  }
}

/** Exactly `size` bytes: a file that shrinks while it is read is filled with zeros, one that grows is cut. */
function* contentOf(fd: number, size: number): Generator<Uint8Array> {
  const buffer = Buffer.alloc(CHUNK);
  for (let left = size; left > 0; ) {
    const wanted = Math.min(left, CHUNK);
    const count = readSync(fd, buffer, 0, wanted, null);
    if (count === 0) buffer.fill(0);
    const given = count === 0 ? wanted : count;
    yield buffer.subarray(0, given);
    left -= given;
  }
}
