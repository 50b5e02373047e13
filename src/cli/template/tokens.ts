import { TemplateError } from "./failure.ts";

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "space"
  | "word"
  | "field"
  | "variable"
  | "number"
  | "string"
  | "char"
  | "punctuation"
  | "end";

/** One piece of a template; `at` is its offset in the text. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const INSIDE: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /[ \t\r\n]+/y],
  ["field", /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ["variable", /\$[\p{L}\p{N}_]*/uy],
  [
    "number",
    /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+(?![\d.])|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y,
  ],
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["char", /'(?:[^'\\\n]|\\.[^']*)'/uy],
  ["word", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["punctuation", /:=|[=|(),.]/y],
];

const lineAt = (text: string, at: number): number => text.slice(0, at).split("\n").length;

const TRIMMED_END = /[ \t\r\n]+$/;
const TRIMMED_START = /[ \t\r\n]*/y;

/** Cuts a template into tokens. `{{-` and `-}}` have taken their blanks off the text, comments are gone. */
export function tokenize(text: string, name: string): readonly Token[] {
  const tokens: Token[] = [];
  const fail = (at: number, message: string): never => {
    throw new TemplateError(`template: ${name}:${lineAt(text, at)}: ${message}`);
  };
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("{{", at);
    const trims = open >= 0 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
    const plain = open < 0 ? text.slice(at) : text.slice(at, open);
    const shown = trims ? plain.replace(TRIMMED_END, "") : plain;
    if (shown) tokens.push({ kind: "text", text: shown, at });
    if (open < 0) break;
    at = open + (trims ? 4 : 2);
    const comment = /^\s*\/\*/.exec(text.slice(at));
    if (comment) {
      const end = text.indexOf("*/", at + comment[0].length);
      if (end < 0) fail(open, "unclosed comment");
      const close =
        /^\s*?( -)?\}\}/.exec(text.slice(end + 2)) ?? fail(open, "comment ends before closing delimiter");
      at = end + 2 + close[0].length;
      if (close[1]) at = skipBlanks(text, at);
      continue;
    }
    tokens.push({ kind: "open", text: "{{", at: open });
    at = readAction(text, at, tokens, fail);
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

function skipBlanks(text: string, at: number): number {
  TRIMMED_START.lastIndex = at;
  return at + (TRIMMED_START.exec(text)?.[0].length ?? 0);
}

/** Reads up to and including `}}`; gives the offset after it. */
function readAction(
  text: string,
  from: number,
  tokens: Token[],
  fail: (at: number, message: string) => never,
): number {
  let at = from;
  let depth = 0;
  for (;;) {
    if (at >= text.length) fail(at, "unclosed action");
    const trims = /^[ \t\r\n]-\}\}/.test(text.slice(at, at + 4));
    if (trims || text.startsWith("}}", at)) {
      if (depth > 0) fail(at, "unclosed left paren");
      tokens.push({ kind: "close", text: "}}", at });
      return trims ? skipBlanks(text, at + 4) : at + 2;
    }
    const token = readToken(text, at, tokens.at(-1));
    if (!token) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      if (character === '"') fail(at, "unterminated quoted string");
      if (character === "`") fail(at, "unterminated raw quoted string");
      if (character === "\n") fail(at, "unclosed action");
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      return fail(at, `unexpected U+${code} '${character}' in ${character === "}" ? "operand" : "command"}`);
    }
    if (token.text === "(") depth++;
    if (token.text === ")" && --depth < 0) fail(at, "unexpected right paren");
    if (token.kind === "number" && /^[\p{L}\p{N}_]/u.test(text.slice(at + token.text.length)))
      fail(at, `bad number syntax: ${JSON.stringify(text.slice(at, at + token.text.length + 1))}`);
    tokens.push(token);
    at += token.text.length;
  }
}

function readToken(text: string, at: number, before: Token | undefined): Token | undefined {
  for (const [kind, pattern] of INSIDE) {
    // "x.1" is no number after an operand; a sign belongs to a number only where one can begin
    if (kind === "number" && before !== undefined && !["space", "open", "punctuation"].includes(before.kind))
      continue;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return { kind, text: found[0], at };
  }
  return undefined;
}
