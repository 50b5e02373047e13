import { invalidParameter } from "../../base/errors.ts";
import { Fields } from "./fields.ts";
import { replacePattern, trimPrefix, trimSuffix } from "./shell-pattern.ts";

/** Value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface LexerOptions {
  /** The Dockerfile's escape character. */
  readonly escapeToken: string;
  /** Keep quotes, escapes and variables as they are written: to find where words end, not what they mean. */
  readonly raw?: boolean;
  /** Quotes are ordinary characters and only `$` and the escape itself can be escaped: the content of a heredoc. */
  readonly heredoc?: boolean;
}

/** Text as one value, or as words: split at white space outside quotes, also inside the values of bare variables. */
export interface Lexed {
  readonly value: string;
  readonly words: readonly string[];
}

/**
 * Reads the small shell language of Dockerfile words: quotes, escapes, `$name`, and `${name}` with `:-`, `-`, `:+`,
 * `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/` and `//` (Dockerfile reference, "Environment replacement").
 * Throws invalidParameter.
 */
export function lex(text: string, lookup: Lookup, options: LexerOptions): Lexed {
  try {
    const fields = new Lexer(text, lookup, options).until("");
    return { value: fields.value, words: fields.end() };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidParameter(`failed to process ${JSON.stringify(text)}: ${reason}`, cause);
  }
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?\-$!]/y;

class Lexer {
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #escape: string;
  readonly #raw: boolean;
  readonly #heredoc: boolean;
  #at = 0;

  constructor(text: string, lookup: Lookup, options: LexerOptions) {
    this.#text = text;
    this.#lookup = lookup;
    this.#escape = options.escapeToken;
    this.#raw = options.raw ?? false;
    this.#heredoc = options.heredoc ?? false;
  }

  /** Everything up to the unquoted character `stop`, which is taken, too; "" stands for the end of the text. */
  until(stop: string): Fields {
    const fields = new Fields();
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        if (stop) throw invalidParameter(`syntax error: missing '${stop}'`);
        return fields;
      }
      if (char === stop) {
        this.#at++;
        return fields;
      }
      this.#piece(char, fields);
    }
  }

  #piece(char: string, fields: Fields): void {
    if (char === "'" && !this.#heredoc) fields.addWhole(this.#single());
    else if (char === '"' && !this.#heredoc) fields.addWhole(this.#double());
    else if (char === "$") fields.addSplit(this.#variable());
    else if (char === this.#escape)
      fields.addWhole(this.#heredoc ? this.#escapedInDouble() : this.#escaped());
    else {
      this.#at++;
      fields.addSplit(char);
    }
  }

  #escaped(): string {
    const pair = this.#text.slice(this.#at, this.#at + 2);
    this.#at += 2;
    return this.#raw ? pair : pair.slice(1);
  }

  #single(): string {
    const from = this.#at;
    const end = this.#text.indexOf("'", from + 1);
    if (end < 0)
      throw invalidParameter("unexpected end of statement while looking for matching single-quote");
    this.#at = end + 1;
    return this.#raw ? this.#text.slice(from, end + 1) : this.#text.slice(from + 1, end);
  }

  #double(): string {
    this.#at++;
    let value = "";
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) {
        throw invalidParameter("unexpected end of statement while looking for matching double-quote");
      }
      if (char === "$") value += this.#variable();
      else if (char === this.#escape) value += this.#escapedInDouble();
      else {
        this.#at++;
        if (char === '"') return this.#raw ? `"${value}"` : value;
        value += char;
      }
    }
  }

  /** Within double quotes only the quote, the dollar and the escape character itself can be escaped. */
  #escapedInDouble(): string {
    const pair = this.#text.slice(this.#at, this.#at + 2);
    this.#at += 2;
    const isSpecial = pair[1] === '"' || pair[1] === "$" || pair[1] === this.#escape;
    return this.#raw || !isSpecial ? pair : pair.slice(1);
  }

  /** At a dollar: the value of what it begins; as it is written in raw mode. */
  #variable(): string {
    const from = this.#at++;
    const value = this.#text[this.#at] === "{" ? this.#braced() : this.#bare();
    return this.#raw ? this.#text.slice(from, this.#at) : value;
  }

  #bare(): string {
    const name = this.#name();
    return name ? (this.#lookup(name) ?? "") : "$";
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0] ?? "";
    this.#at += name.length;
    return name;
  }

  #braced(): string {
    this.#at++;
    const name = this.#name();
    if (!name) throw invalidParameter("syntax error: bad substitution");
    const char = this.#text[this.#at++];
    if (char === "}") return this.#lookup(name) ?? "";
    if (char === undefined) throw invalidParameter("syntax error: missing '}'");
    if (char === "#" || char === "%") return this.#trimmed(name, char);
    if (char === "/") return this.#replaced(name);
    if (char === ":") return this.#conditional(name, this.#text[this.#at++] ?? "", true);
    return this.#conditional(name, char, false);
  }

  #conditional(name: string, modifier: string, emptyIsUnset: boolean): string {
    if (!["-", "+", "?"].includes(modifier)) {
      const shown = `${emptyIsUnset ? ":" : ""}${modifier}`;
      throw invalidParameter(`unsupported modifier (${shown}) in substitution`);
    }
    const word = this.until("}").value;
    const value = this.#lookup(name);
    const isSet = value !== undefined && !(emptyIsUnset && value === "");
    if (modifier === "+") return isSet ? word : "";
    if (isSet) return value;
    // Raw mode only looks for the end of words: nothing is evaluated, so nothing can be missing.
    if (modifier === "-" || this.#raw) return word;
    throw invalidParameter(
      `${name}: ${word || (emptyIsUnset ? "not allowed to be empty" : "not allowed to be unset")}`,
    );
  }

  #trimmed(name: string, modifier: string): string {
    const isGreedy = this.#text[this.#at] === modifier;
    if (isGreedy) this.#at++;
    const pattern = this.#pattern("}");
    const value = this.#lookup(name) ?? "";
    return modifier === "#" ? trimPrefix(value, pattern, isGreedy) : trimSuffix(value, pattern, isGreedy);
  }

  #replaced(name: string): string {
    const isGlobal = this.#text[this.#at] === "/";
    if (isGlobal) this.#at++;
    const pattern = this.#pattern("/");
    const replacement = this.until("}").value;
    return replacePattern(this.#lookup(name) ?? "", pattern, replacement, isGlobal);
  }

  /** A glob pattern: variables are replaced, escapes stay for the pattern to read. */
  #pattern(stop: string): string {
    let pattern = "";
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) throw invalidParameter(`syntax error: missing '${stop}'`);
      if (char === "$") {
        pattern += this.#variable();
        continue;
      }
      this.#at++;
      if (char === stop) return pattern;
      pattern += char;
      if (char === "\\" || char === this.#escape) pattern += this.#text[this.#at++] ?? "";
    }
  }
}
