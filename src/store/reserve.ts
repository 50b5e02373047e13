import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { errnoOf } from "../base/errors.ts";

/** What SQLite's journal grows to before it begins again at its start: 1,000 pages of 4 KiB, each with a header. */
const JOURNAL_BYTES = 4_200_000;
const PIECE = new Uint8Array(64 * 1024);

/**
 * Takes the space of a write-ahead log beforehand, by zeros behind what is in it (SQLite reads to the first frame that is
 * none). On a disk that fills up, records can then still be changed: containers stopped and removed, which makes room.
 * The log must exist. Where there is no room even now, there is none to keep.
 */
export function reserveJournal(database: string): void {
  const fd = openSync(`${database}-wal`, "r+");
  try {
    for (let at = fstatSync(fd).size; at < JOURNAL_BYTES; )
      at += writeSync(fd, PIECE, 0, Math.min(PIECE.length, JOURNAL_BYTES - at), at);
  } catch (error) {
    if (errnoOf(error) !== "ENOSPC" && errnoOf(error) !== "EDQUOT") throw error;
  } finally {
    closeSync(fd);
  }
}
