import { type Dirent, readdirSync } from "node:fs";
import { systemError } from "./errors.ts";

/** Text, or the bytes of a name or path that is no UTF-8: for Linux every byte but "/" and NUL will do. */
export type FileName = string | Buffer;

/** What Node puts in place of bytes that are no UTF-8. */
const UNREADABLE = "\ufffd";

/**
 * The entries of a folder. Names are text where all of them are, and else bytes: a name that Node cannot read as text
 * would lead nowhere.
 */
export function entriesOf(folder: FileName): readonly (Dirent | Dirent<Buffer>)[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes(UNREADABLE))) return entries;
  return readdirSync(folder, { withFileTypes: true, encoding: "buffer" });
}

/** A path below a folder. */
export const below = (folder: FileName, name: FileName): FileName =>
  typeof folder === "string" && typeof name === "string"
    ? `${folder}/${name}`
    : Buffer.concat([Buffer.from(folder), Buffer.from("/"), Buffer.from(name)]);

/** Bytes of the longest path that Linux takes (PATH_MAX, without the NUL at its end). */
const LONGEST_PATH = 4095;

/** Whether Linux takes a path of this length. */
export const isPathLength = (path: FileName): boolean => Buffer.byteLength(path) <= LONGEST_PATH;

/** Whether this text is a path that Linux takes: short enough, and not with names in it that are no UTF-8. */
export const isPathable = (path: string): boolean => isPathLength(path) && !path.includes(UNREADABLE);

/**
 * Throws for a path that no program could use as a whole (`what`: what cannot be done with it). Also the bound of walks
 * that take a descriptor and a stack frame for each level: at most some two thousand.
 */
export function refuseLongPath(path: FileName, what: string): void {
  if (isPathLength(path)) return;
  throw systemError(
    `cannot ${what} ${JSON.stringify(String(path).slice(0, 100))}...: its path is longer than ${LONGEST_PATH} bytes; remove or flatten that folder`,
  );
}
