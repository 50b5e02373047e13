import { invalidParameter } from "../../base/errors.ts";
import type { Command, Pair } from "./instructions.ts";

/** A JSON array of strings, undefined for anything else: exec form, or not. */
export function parseJsonWords(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: by the Dockerfile's rules this is then shell form ("[ -e /x ] && ..." is a shell's test).
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (!value.every((entry) => typeof entry === "string")) {
    throw invalidParameter("when using JSON array syntax, arrays must be comprised of strings only");
  }
  return value;
}

export function parseCommand(text: string): Command {
  const args = parseJsonWords(text);
  return args ? { form: "exec", args } : { form: "shell", text };
}

/** A JSON array or words between white space. */
export const parseList = (text: string): readonly string[] =>
  parseJsonWords(text) ?? text.split(/\s+/).filter((word) => word !== "");

/** Words as ENV, LABEL and ARG read them: white space separates outside quotes; quotes and escapes stay in. */
export function splitWords(text: string, escapeToken: string): readonly string[] {
  const words: string[] = [];
  let [word, quote, isWord] = ["", "", false];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (!quote && /\s/.test(char)) {
      if (isWord) words.push(word);
      [word, isWord] = ["", false];
      continue;
    }
    isWord = true;
    word += char;
    if (char === escapeToken && quote !== "'") word += text[++i] ?? "";
    else if (quote === char) quote = "";
    else if (!quote && (char === "'" || char === '"')) quote = char;
  }
  return isWord ? [...words, word] : words;
}

/** `KEY=value ...`, or the old `KEY value with spaces`. */
export function parsePairs(kind: string, text: string, escapeToken: string): readonly Pair[] {
  const words = splitWords(text, escapeToken);
  const first = words[0];
  if (first === undefined) throw invalidParameter(`${kind} requires at least one argument`);
  if (!first.includes("=")) return [parseOldPair(kind, text)];
  return words.map((word) => {
    const at = word.indexOf("=");
    if (at < 0) {
      throw invalidParameter(
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    }
    if (at === 0) throw invalidParameter(`${kind} names can not be blank`);
    return { key: word.slice(0, at), value: word.slice(at + 1) };
  });
}

function parseOldPair(kind: string, text: string): Pair {
  const match = /^(\S+)\s+([\s\S]*)$/.exec(text.trim());
  if (!match) throw invalidParameter(`${kind} must have two arguments`);
  return { key: match[1]!, value: match[2]! };
}

export interface Flags {
  readonly flags: readonly { readonly name: string; readonly value: string | undefined }[];
  readonly rest: string;
}

/** Takes leading `--name[=value]` words off; a word of two dashes alone ends them. */
export function takeFlags(text: string, escapeToken: string): Flags {
  const flags: { readonly name: string; readonly value: string | undefined }[] = [];
  let rest = text.trimStart();
  while (rest.startsWith("--")) {
    const { word, length } = flagWord(rest, escapeToken);
    rest = rest.slice(length).trimStart();
    if (word === "--") break;
    const at = word.indexOf("=");
    flags.push(
      at < 0
        ? { name: word.slice(2), value: undefined }
        : { name: word.slice(2, at), value: word.slice(at + 1) },
    );
  }
  return { flags, rest };
}

/** The first word without its quotes and escapes, and its length as written. */
function flagWord(text: string, escapeToken: string): { readonly word: string; readonly length: number } {
  let [word, quote] = ["", ""];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (!quote && /\s/.test(char)) return { word, length: i };
    if (char === escapeToken && quote !== "'" && i + 1 < text.length) word += text[++i];
    else if (char === quote) quote = "";
    else if (!quote && (char === "'" || char === '"')) quote = char;
    else word += char;
  }
  return { word, length: text.length };
}
