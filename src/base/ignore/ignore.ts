import { posix } from "node:path";
import { invalidParameter, messageOf } from "../errors.ts";
import { compileGlob, type Glob, matchGlob } from "./glob.ts";

/** Decides which paths (relative, with slashes) are left out. */
export interface IgnoreRules {
  readonly isEmpty: boolean;
  /** Some rule takes in again (`!`): an ignored folder may hold what is not ignored. */
  readonly includesAny: boolean;
  ignores(path: string): boolean;
}

interface Rule {
  readonly glob: Glob;
  /** The rule begins with `!`: what it matches is taken in again. */
  readonly includes: boolean;
}

/** Reads a .dockerignore file. Throws invalidParameter for patterns that mean nothing. */
export function parseIgnoreFile(text: string): IgnoreRules {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  return ignoreRules(lines.filter((line) => !line.startsWith("#")));
}

/** Rules from a list of patterns in the notation of .dockerignore; the last one that matches decides. */
export function ignoreRules(patterns: readonly string[]): IgnoreRules {
  const rules = patterns.flatMap((pattern) => readRule(pattern.trim()) ?? []);
  return {
    isEmpty: rules.length === 0,
    includesAny: rules.some(({ includes }) => includes),
    ignores(path) {
      const paths = withParents(path);
      let ignored = false;
      for (const { glob, includes } of rules) {
        if (ignored === includes && paths.some((candidate) => matchGlob(glob, candidate)))
          ignored = !includes;
      }
      return ignored;
    },
  };
}

function readRule(text: string): Rule | undefined {
  if (text === "") return undefined;
  const includes = text.startsWith("!");
  const pattern = includes ? text.slice(1).trim() : text;
  if (pattern === "") throw invalidParameter('illegal exclusion pattern: "!"');
  const clean = posix.normalize(pattern).replace(/\/+$/, "").replace(/^\/+/, "");
  try {
    return { glob: compileGlob(clean || ".", { folders: true }), includes };
  } catch (cause) {
    throw invalidParameter(`error checking excludes: ${messageOf(cause)}`, cause);
  }
}

/** A rule that matches a folder matches all below it. */
function withParents(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
