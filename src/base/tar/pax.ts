import { badArchive, decodeText } from "./entry.ts";
import type { SparseMap } from "./sparse.ts";
import type { Timestamp } from "./timestamp.ts";

/** What the extended header before a member overrides (POSIX pax(1)); xattrs as star and GNU tar write them. */
export interface PaxOverrides {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: Timestamp;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  readonly sparse?: PaxSparse;
}

/** GNU's sparse formats inside pax: 0.x bring the map here, 1.0 puts it in front of the data. */
export interface PaxSparse {
  readonly name?: string;
  readonly realSize: number;
  readonly map?: SparseMap;
}

const XATTR = "SCHILY.xattr.";

/**
 * Reads the records of an extended header. Values stay bytes until their key says that they are text: extended
 * attributes are binary. Throws invalidParameter.
 */
export function parsePax(content: Buffer): PaxOverrides {
  const texts = new Map<string, string>();
  const xattrs = new Map<string, Uint8Array>();
  const pieces: number[] = [];
  for (const { key, value } of records(content)) {
    if (key.startsWith(XATTR)) xattrs.set(key.slice(XATTR.length), Uint8Array.from(value));
    else if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes")
      pieces.push(integer(key, decodeText(value, key)));
    else if (USED.has(key) || key.startsWith("GNU.sparse.")) texts.set(key, decodeText(value, key));
  }
  const at = (key: string) => texts.get(key) || undefined;
  const count = (key: string) => {
    const value = at(key);
    return value === undefined ? undefined : integer(key, value);
  };
  const mtime = at("mtime");
  return {
    path: at("path"),
    linkPath: at("linkpath"),
    size: count("size"),
    uid: count("uid"),
    gid: count("gid"),
    mtime: mtime === undefined ? undefined : parseTime(mtime),
    xattrs,
    sparse: sparseOf(at, pieces),
  };
}

const USED = new Set(["path", "linkpath", "size", "uid", "gid", "mtime"]);

function* records(content: Buffer): Generator<{ readonly key: string; readonly value: Buffer }> {
  let offset = 0;
  while (offset < content.length) {
    const space = content.indexOf(0x20, offset);
    const size =
      space < 0 || space - offset > 10 ? Number.NaN : Number(content.toString("latin1", offset, space));
    const end = offset + size;
    if (!Number.isInteger(size) || end > content.length || end <= space + 1 || content[end - 1] !== 0x0a) {
      throw badArchive("an extended header is damaged");
    }
    const equals = content.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) throw badArchive("an extended header has a record without a value");
    yield {
      key: decodeText(content.subarray(space + 1, equals), "a key of an extended header"),
      value: content.subarray(equals + 1, end - 1),
    };
    offset = end;
  }
}

function integer(key: string, text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw badArchive(`${key} in an extended header is not a number in range`);
  return value;
}

function sparseOf(at: (key: string) => string | undefined, pieces: readonly number[]): PaxSparse | undefined {
  const name = at("GNU.sparse.name");
  if (at("GNU.sparse.major") === "1" && at("GNU.sparse.minor") === "0") {
    return { name, realSize: integer("GNU.sparse.realsize", at("GNU.sparse.realsize") ?? "") };
  }
  const listed = at("GNU.sparse.map");
  if (listed === undefined && pieces.length === 0 && at("GNU.sparse.size") === undefined) return undefined;
  const numbers =
    listed === undefined ? pieces : listed.split(",").map((part) => integer("GNU.sparse.map", part));
  const map = Array.from({ length: Math.ceil(numbers.length / 2) }, (_, i) => ({
    offset: numbers[2 * i] ?? Number.NaN,
    length: numbers[2 * i + 1] ?? Number.NaN,
  }));
  return { name, realSize: integer("GNU.sparse.size", at("GNU.sparse.size") ?? ""), map };
}

/** Seconds since the epoch with an optional fraction, to the nanosecond; longer fractions are cut. */
export function parseTime(text: string): Timestamp {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text);
  if (!match) throw badArchive("a time in an extended header is not a number in range");
  const [, sign, whole = "", fraction = ""] = match;
  const seconds = Number(whole);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (!sign) return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: -seconds, nanoseconds }
    : { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}

export function formatTime({ seconds, nanoseconds }: Timestamp): string {
  if (nanoseconds === 0) return String(seconds);
  const isNegative = seconds < 0;
  const whole = isNegative ? -(seconds + 1) : seconds;
  const rest = isNegative ? 1e9 - nanoseconds : nanoseconds;
  return `${isNegative ? "-" : ""}${whole}.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
}

/** The content of an extended header: "<length> <key>=<value>\n" each, the length counting itself. */
export function encodePax(values: ReadonlyMap<string, string | Uint8Array>): Buffer {
  const keys = [...values.keys()].sort();
  return Buffer.concat(keys.map((key) => encodeRecord(key, Buffer.from(values.get(key) ?? ""))));
}

function encodeRecord(key: string, value: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let size = body.length + String(body.length).length;
  if (body.length + String(size).length > size) size++;
  return Buffer.concat([Buffer.from(String(size)), body]);
}

export const xattrKey = (name: string): string => XATTR + name;
