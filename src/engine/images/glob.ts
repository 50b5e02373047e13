import { invalidParameter } from "../../base/errors.ts";

const ESCAPED = /[.*+?^${}()|[\]\\]/g;
const literal = (text: string): string => text.replace(ESCAPED, "\\$&");
const bad = () => invalidParameter("syntax error in pattern");

/** A class such as `[a-z]` or `[^x]`: its expression and where it ends. */
function charClass(pattern: string, start: number): { readonly source: string; readonly end: number } {
  let at = start + 1;
  const isNegated = pattern[at] === "^";
  if (isNegated) at++;
  let source = "";
  const one = (): string => {
    if (pattern[at] === "\\") at++;
    const char = pattern[at++];
    if (char === undefined || char === "/") throw bad();
    return literal(char);
  };
  while (pattern[at] !== "]" || source === "") {
    if (pattern[at] === "]" || pattern[at] === "-") throw bad();
    const from = one();
    if (pattern[at] !== "-") source += from;
    else {
      at++;
      source += `${from}-${one()}`;
    }
  }
  return { source: `(?!/)[${isNegated ? "^" : ""}${source}]`, end: at + 1 };
}

/**
 * A shell pattern as Go's path.Match reads it: `*` and `?` stop at slashes, braces mean themselves.
 * Throws invalidParameter for a malformed one. Pure.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  let source = "";
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at] ?? "";
    if (char === "[") {
      const found = charClass(pattern, at);
      source += found.source;
      at = found.end;
      continue;
    }
    if (char === "\\") {
      at++;
      if (at >= pattern.length) throw bad();
      source += literal(pattern[at] ?? "");
    } else if (char === "*") {
      // Several in a row say no more than one, and would make matching slow.
      if (pattern[at - 1] !== "*" || source === "") source += "[^/]*";
    } else source += char === "?" ? "[^/]" : literal(char);
    at++;
  }
  let expression: RegExp;
  try {
    expression = new RegExp(`^${source}$`, "su");
  } catch {
    // A class whose range runs backwards.
    throw bad();
  }
  return (text) => expression.test(text);
}
