/**
 * Shell patterns of `${name#pattern}` and its kin: `*` any text, `?` one character, `\` takes the next one as it is.
 * Matching is by dynamic programming, never by a made-up regular expression: hostile patterns cost no more than
 * (length of the text) x (length of the pattern).
 */
type Token =
  | { readonly kind: "any" }
  | { readonly kind: "one" }
  | { readonly kind: "char"; readonly char: string };

function tokens(pattern: string): readonly Token[] {
  const list: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === "*") list.push({ kind: "any" });
    else if (char === "?") list.push({ kind: "one" });
    else list.push({ kind: "char", char: char === "\\" ? (pattern[++i] ?? "\\") : char });
  }
  return list;
}

/** Lengths of all prefixes of `text` from `from` on that the pattern matches, ascending. */
function matchLengths(text: string, from: number, pattern: readonly Token[]): readonly number[] {
  let reached = new Set([0]);
  for (const token of pattern) {
    const next = new Set<number>();
    for (const length of reached) {
      const char = text[from + length];
      if (token.kind === "any") for (let to = length; from + to <= text.length; to++) next.add(to);
      else if (char !== undefined && (token.kind === "one" || token.char === char)) next.add(length + 1);
      if (token.kind === "any") break;
    }
    reached = next;
    if (reached.size === 0) return [];
  }
  return [...reached].sort((a, b) => a - b);
}

const pick = (lengths: readonly number[], isGreedy: boolean): number =>
  (isGreedy ? lengths.at(-1) : lengths[0]) ?? 0;

export const trimPrefix = (text: string, pattern: string, isGreedy: boolean): string =>
  text.slice(pick(matchLengths(text, 0, tokens(pattern)), isGreedy));

/** A suffix is a prefix of the text read backwards, with the pattern's tokens backwards. */
export function trimSuffix(text: string, pattern: string, isGreedy: boolean): string {
  const backwards = [...text].reverse().join("");
  const length = pick(matchLengths(backwards, 0, tokens(pattern).toReversed()), isGreedy);
  return text.slice(0, text.length - length);
}

/** Replaces the first longest match, or all of them; an empty match replaces nothing. */
export function replacePattern(
  text: string,
  pattern: string,
  replacement: string,
  isGlobal: boolean,
): string {
  const parsed = tokens(pattern);
  let [result, at] = ["", 0];
  while (at < text.length) {
    const length = pick(matchLengths(text, at, parsed), true);
    result += length > 0 ? replacement : text[at];
    at += Math.max(length, 1);
    if (length > 0 && !isGlobal) break;
  }
  return result + text.slice(at);
}
