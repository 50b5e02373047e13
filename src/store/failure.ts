import { systemError } from "../base/errors.ts";

/** Primary result codes of SQLite (sqlite.org/rescode.html) that call for something to be done, and what. */
const REMEDIES: ReadonlyMap<number, string> = new Map([
  [5, "another process has it locked: end that one"],
  [8, "it cannot be written: look at the mount options and permissions of its folder"],
  [10, "reading or writing failed: look at the disk in the kernel's log"],
  [11, "it is damaged: put it back from a backup together with its folder, or move both away to begin anew"],
  [13, "no space is left on its disk: make room"],
  [14, "it cannot be opened: look at its folder's permissions, mount options and free space"],
  [
    26,
    "the file is no database: put it back from a backup together with its folder, or move both away to begin anew",
  ],
]);

const primaryCode = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;

/** What went wrong with the database at `path`, for a person; what nothing can be done about is given back as it is. */
export function databaseFailure(path: string, error: unknown): unknown {
  const remedy = REMEDIES.get(primaryCode(error) ?? 0);
  return remedy ? systemError(`cannot use the metadata database ${path}: ${remedy}`, error) : error;
}
