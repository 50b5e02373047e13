import { invalidParameter } from "../errors.ts";

type Token =
  | { readonly kind: "char"; readonly char: string }
  /** `?` or `[a-z]`: one character that is not a slash. */
  | { readonly kind: "one"; readonly accepts: (char: string) => boolean }
  /** `*`: any text without a slash. */
  | { readonly kind: "star" }
  /** A final `**`: any text. */
  | { readonly kind: "rest" }
  /** `**` and `**` with a slash: any number of whole folders. */
  | { readonly kind: "folders" };

/** A compiled wildcard pattern. */
export type Glob = readonly Token[];

export const hasWildcard = (pattern: string): boolean => /[*?[]/.test(pattern.replace(/\\./g, ""));

/** Takes the backslashes off a pattern without wildcards: the name it stands for. */
export const literalOf = (pattern: string): string => pattern.replace(/\\(.)/g, "$1");

/**
 * Compiles a pattern of Go's filepath.Match; with `folders`, `**` spans folders as in .dockerignore files.
 * Throws invalidParameter "syntax error in pattern".
 */
export function compileGlob(pattern: string, { folders }: { readonly folders: boolean }): Glob {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === "*" && folders && pattern[i + 1] === "*") {
      i += pattern[i + 2] === "/" ? 2 : 1;
      tokens.push({ kind: i + 1 >= pattern.length ? "rest" : "folders" });
    } else if (char === "*") tokens.push({ kind: "star" });
    else if (char === "?") tokens.push({ kind: "one", accepts: () => true });
    else if (char === "[") {
      const set = readSet(pattern, i);
      tokens.push({ kind: "one", accepts: set.accepts });
      i = set.end;
    } else if (char === "\\") {
      const next = pattern[++i];
      if (next === undefined) throw syntaxError(pattern);
      tokens.push({ kind: "char", char: next });
    } else tokens.push({ kind: "char", char });
  }
  return tokens;
}

const syntaxError = (pattern: string) =>
  invalidParameter(`syntax error in pattern: ${JSON.stringify(pattern)}`);

interface CharacterSet {
  readonly accepts: (char: string) => boolean;
  /** Position of the closing bracket. */
  readonly end: number;
}

function readSet(pattern: string, start: number): CharacterSet {
  let i = start + 1;
  const isNegated = pattern[i] === "^";
  if (isNegated) i++;
  const ranges: (readonly [from: string, to: string])[] = [];
  const next = (): string => {
    const char = pattern[i];
    if (char === "\\") i++;
    const taken = pattern[i++];
    if (taken === undefined || char === "-") throw syntaxError(pattern);
    return taken;
  };
  while (pattern[i] !== "]" || ranges.length === 0) {
    const from = next();
    const isRange = pattern[i] === "-";
    if (isRange) i++;
    ranges.push([from, isRange ? next() : from]);
  }
  const accepts = (char: string) => ranges.some(([from, to]) => from <= char && char <= to) !== isNegated;
  return { accepts, end: i };
}

/**
 * Whether the whole text fits. All ways are followed side by side, so the cost is at most
 * (length of the text) x (length of the pattern), whatever a hostile pattern looks like.
 */
export function matchGlob(glob: Glob, text: string): boolean {
  let states = new Set<number>();
  enter(glob, states, 0);
  for (const char of text) {
    const next = new Set<number>();
    for (const state of states) step(glob, next, state, char);
    if (next.size === 0) return false;
    states = next;
  }
  return states.has(2 * glob.length);
}

/** A state is twice a token's index; one more while inside the folders of a `**`. */
function enter(glob: Glob, states: Set<number>, from: number): void {
  for (let index = from; ; index++) {
    states.add(2 * index);
    const kind = glob[index]?.kind;
    if (kind !== "star" && kind !== "rest" && kind !== "folders") return;
  }
}

function step(glob: Glob, next: Set<number>, state: number, char: string): void {
  const index = state >> 1;
  const token = glob[index];
  if (!token) return;
  if (
    token.kind === "char" ? token.char === char : token.kind === "one" && char !== "/" && token.accepts(char)
  ) {
    enter(glob, next, index + 1);
  } else if (token.kind === "rest" || (token.kind === "star" && char !== "/")) enter(glob, next, index);
  else if (token.kind === "folders") {
    next.add(2 * index + 1);
    if (char === "/") enter(glob, next, index + 1);
  }
}
