import { posix } from "node:path";

/** One side of `cp`: a path in a container, or of this machine ("-" is stdin or stdout). */
export interface Place {
  readonly container: string;
  readonly path: string;
}

/** `container:path`; a path that begins with `.` or `/` is never a container. */
export function readPlace(word: string): Place {
  if (word.startsWith("/")) return { container: "", path: word };
  const colon = word.indexOf(":");
  if (colon < 0 || word.startsWith(".")) return { container: "", path: word };
  return { container: word.slice(0, colon), path: word.slice(colon + 1) };
}

/** What is known of one end of a copy. */
export interface End {
  readonly path: string;
  readonly exists: boolean;
  readonly isDirectory: boolean;
}

/** Whether a path says that it is a folder: `a/`, `a/.`. */
export const assertsDirectory = (path: string): boolean => /\/\.?$/.test(path) || path === ".";

/** A clean path that keeps saying what it said: `a//b/.` is `a/b/.`. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path).replace(/(?<=.)\/$/, "");
  if (clean !== "." && /(^|\/)\.$/.test(path)) return clean === "/" ? "/." : `${clean}/.`;
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

export function splitPath(path: string): { readonly folder: string; readonly base: string } {
  const bare = path.replace(/(?<=.)\/+$/, "");
  const base = bare === "/" ? "/" : bare.slice(bare.lastIndexOf("/") + 1);
  return { folder: posix.dirname(bare), base };
}

export interface Plan {
  /** The folder that the archive is unpacked into. */
  readonly folder: string;
  /** Name of the archive's top there; undefined: as it is. */
  readonly rename?: { readonly from: string; readonly to: string };
}

/** Where an archive of `source` goes, as docker's `cp` decides (the same as of `cp -a`). Throws what cannot be. */
export function planCopy(source: End, target: End): Plan {
  const { folder, base: to } = splitPath(target.path);
  const { base: from } = splitPath(source.path);
  if (target.exists && target.isDirectory) return { folder: target.path };
  if (target.exists && source.isDirectory) throw new Error("cannot copy directory");
  if (!target.exists && !source.isDirectory && assertsDirectory(target.path))
    throw new Error("no such directory");
  return { folder, rename: { from, to } };
}

/** Calls the top of an archive otherwise; `.` and `/` are tops without a name. */
export function renameTop({
  from,
  to,
}: {
  readonly from: string;
  readonly to: string;
}): (name: string) => string {
  if (from === "." || from === "/")
    return (name) => (name === "." || name === "" ? to : `${to}/${name.replace(/^\.\//, "")}`);
  return (name) => (name === from || name.startsWith(`${from}/`) ? to + name.slice(from.length) : name);
}
