import { BLOCK, type EntryType, type TarEntry } from "./entry.ts";
import { encodeHeader, octalLimit } from "./header.ts";
import { encodePax, formatTime, xattrKey } from "./pax.ts";

const FLAGS: Readonly<Record<EntryType, string>> = {
  file: "0",
  link: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Two zero blocks end an archive. */
export const END_OF_ARCHIVE: Uint8Array = Buffer.alloc(2 * BLOCK);

/** The zeros after `size` bytes of data up to the next block. */
export const paddingAfter = (size: number): Uint8Array => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/**
 * The header of one member: a plain ustar block where everything fits, else a pax header in front of it. The same
 * entry always gives the same bytes.
 */
export function encodeEntry(entry: TarEntry): Uint8Array {
  const name = entry.type === "directory" && !entry.name.endsWith("/") ? `${entry.name}/` : entry.name;
  const overrides = overridesOf(entry, name);
  const fitting = (value: number, size: number) => (value >= 0 && value <= octalLimit(size) ? value : 0);
  const header = encodeHeader({
    flag: FLAGS[entry.type],
    name: cutToBytes(name, 100),
    linkName: cutToBytes(entry.linkName, 100),
    size: fitting(entry.size, 12),
    mode: entry.mode & 0o7777,
    uid: fitting(entry.uid, 8),
    gid: fitting(entry.gid, 8),
    mtime: fitting(entry.mtime.seconds, 12),
    major: entry.major,
    minor: entry.minor,
  });
  return overrides.size === 0 ? header : Buffer.concat([paxMember(name, overrides), header]);
}

function overridesOf(entry: TarEntry, name: string): ReadonlyMap<string, string | Uint8Array> {
  const overrides = new Map<string, string | Uint8Array>();
  const { seconds, nanoseconds } = entry.mtime;
  if (!fitsField(name)) overrides.set("path", name);
  if (!fitsField(entry.linkName)) overrides.set("linkpath", entry.linkName);
  if (entry.size > octalLimit(12)) overrides.set("size", String(entry.size));
  if (entry.uid > octalLimit(8)) overrides.set("uid", String(entry.uid));
  if (entry.gid > octalLimit(8)) overrides.set("gid", String(entry.gid));
  if (nanoseconds !== 0 || seconds < 0 || seconds > octalLimit(12))
    overrides.set("mtime", formatTime(entry.mtime));
  for (const [key, value] of entry.xattrs) overrides.set(xattrKey(key), value);
  return overrides;
}

const fitsField = (text: string): boolean => Buffer.byteLength(text) <= 100 && !/[^\x20-\x7e]/.test(text);

function cutToBytes(text: string, limit: number): string {
  let cut = text.slice(0, limit);
  while (Buffer.byteLength(cut) > limit) cut = cut.slice(0, -1);
  return cut;
}

function paxMember(name: string, overrides: ReadonlyMap<string, string | Uint8Array>): Buffer {
  const content = encodePax(overrides);
  const base = name.split("/").filter(Boolean).at(-1) ?? "";
  const header = encodeHeader({
    flag: "x",
    name: cutToBytes(`PaxHeaders.0/${base}`, 100),
    linkName: "",
    size: content.length,
    mode: 0,
    uid: 0,
    gid: 0,
    mtime: 0,
    major: 0,
    minor: 0,
  });
  return Buffer.concat([header, content, paddingAfter(content.length)]);
}
