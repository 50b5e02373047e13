import type { Stats } from "node:fs";
import type { EntryType } from "./entry.ts";
import type { Timestamp } from "./timestamp.ts";

type Kinds = Pick<
  Stats,
  "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO" | "isCharacterDevice" | "isBlockDevice"
>;

/** Undefined for sockets: an archive cannot hold them, and they mean nothing without their process. */
export function entryTypeOf(stat: Kinds): EntryType | undefined {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isFIFO()) return "fifo";
  if (stat.isCharacterDevice()) return "char";
  return stat.isBlockDevice() ? "block" : undefined;
}

/** Of nanoseconds since 1970, as `mtimeNs` gives them; those of a time before it count forwards too. */
export function timestampOf(nanoseconds: bigint): Timestamp {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: Number((nanoseconds - rest) / 1_000_000_000n), nanoseconds: Number(rest) };
}
