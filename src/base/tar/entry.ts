import { invalidParameter } from "../errors.ts";
import type { Timestamp } from "./timestamp.ts";

export const BLOCK = 512;

export type EntryType = "file" | "link" | "symlink" | "char" | "block" | "directory" | "fifo";

/** One member of a layer archive. */
export interface TarEntry {
  readonly type: EntryType;
  /** As in the archive: not yet normalised, may be absolute or lead upwards. */
  readonly name: string;
  /** Target of a symlink or a hard link; empty for others. */
  readonly linkName: string;
  /** Bytes of the file as it will be, holes included; 0 for all but files. */
  readonly size: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Timestamp;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

export const badArchive = (detail: string, cause?: unknown) =>
  invalidParameter(`invalid tar archive: ${detail}`, cause);

const strict = new TextDecoder("utf-8", { fatal: true });

/** Text of a header field. Names that are not UTF-8 are refused: they could not be told apart once decoded. */
export function decodeText(bytes: Uint8Array, what: string): string {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch (cause) {
    throw badArchive(`${what} is not valid UTF-8`, cause);
  }
  if (text.includes("\0")) throw badArchive(`${what} contains a NUL character`);
  return text;
}
