import { type Dirent, readdirSync } from "node:fs";

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
