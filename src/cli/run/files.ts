import { readFileOrPipe } from "../../base/regular-file.ts";

const BYTE_ORDER_MARK = "\uFEFF";

/** A file's text; what is wrong with it is said as Go does. */
export function readText(path: string): string {
  try {
    return readFileOrPipe(path).toString();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why: Readonly<Record<string, string>> = {
      ENOENT: "no such file or directory",
      EACCES: "permission denied",
      EISDIR: "is a directory",
    };
    if (code === undefined) throw error;
    throw new Error(`open ${path}: ${why[code] ?? code}`, { cause: error });
  }
}

/**
 * Pairs of files with one pair a line (`#` begins a comment) and of words after them. A name alone takes its value from
 * `lookup`, and is left out where that has none; without `lookup` it stands alone.
 */
export function readPairs(
  files: readonly string[],
  words: readonly string[],
  lookup?: (name: string) => string | undefined,
): readonly string[] {
  const fromFiles = files.flatMap((path) => linesOf(path).flatMap((line) => resolve(line, lookup)));
  return [...fromFiles, ...words.flatMap((word) => resolve(word, lookup))];
}

function linesOf(path: string): readonly string[] {
  const text = readText(path);
  const lines = (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).split(/\r?\n/);
  const kept = lines.map((line) => line.trimStart()).filter((line) => line !== "" && !line.startsWith("#"));
  for (const line of kept) {
    const name = line.split("=")[0] ?? "";
    if (name === "") throw new Error(`invalid environment file: ${path}: no variable name on line '${line}'`);
    if (/\s/.test(name))
      throw new Error(`invalid environment file: ${path}: variable '${name}' contains whitespaces`);
  }
  return kept;
}

function resolve(
  pair: string,
  lookup: ((name: string) => string | undefined) | undefined,
): readonly string[] {
  if (pair.includes("=") || lookup === undefined) return [pair];
  const value = lookup(pair);
  return value === undefined ? [] : [`${pair}=${value}`];
}

/** Pairs as an object; a name alone has the empty value. */
export const pairsToMap = (pairs: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
