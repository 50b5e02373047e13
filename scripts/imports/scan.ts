/** One import of a source file: what it names, and where. `undefined`: the name is computed at run time. */
export interface ImportSite {
  readonly specifier: string | undefined;
  readonly line: number;
}

interface Token {
  readonly kind: "word" | "string" | "other";
  readonly text: string;
  readonly line: number;
}

/** Words after which a slash starts a regular expression, not a division. */
const BEFORE_REGEX = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "new",
  "await",
  "yield",
]);

const PATTERNS = {
  blank: /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y,
  string: /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y,
  regex: /\/(?![*/])(?:[^[/\\\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y,
  word: /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*|\d[\w.]*/uy,
  templateText: /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y,
} as const;

/** Cuts TypeScript into just enough tokens to see import statements: comments, texts and patterns cannot fool it. */
class Tokenizer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  /** For each open `${`, how many braces are open inside it. */
  readonly #templates: number[] = [];
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  all(): readonly Token[] {
    while (this.#at < this.#source.length) this.#next();
    return this.#tokens;
  }

  #next(): void {
    if (this.#match("blank") !== undefined) return;
    const line = this.#line;
    const string = this.#match("string");
    const word = string === undefined ? this.#match("word") : undefined;
    if (string !== undefined) this.#push("string", string.slice(1, -1), line);
    else if (word !== undefined) this.#push("word", word, line);
    else if (this.#regexMayStart() && this.#match("regex") !== undefined)
      this.#push("other", "/regex/", line);
    else this.#punctuation(this.#source[this.#at] ?? "");
  }

  #punctuation(char: string): void {
    const open = this.#templates.at(-1);
    this.#at++;
    if (char === "`") {
      this.#template("string");
    } else if (char === "}" && open === 0) {
      this.#templates.pop();
      this.#template("other");
    } else {
      if (open !== undefined && char === "{") this.#templates[this.#templates.length - 1] = open + 1;
      if (open !== undefined && char === "}") this.#templates[this.#templates.length - 1] = open - 1;
      this.#push("other", char, this.#line);
    }
  }

  /** The text of a template up to its end or to the next `${`, whose code is tokens again. */
  #template(kind: "string" | "other"): void {
    const line = this.#line;
    const text = this.#match("templateText") ?? "";
    if (this.#source[this.#at] === "$") {
      this.#at += 2;
      this.#templates.push(0);
      this.#push("other", "${", line);
    } else {
      this.#at++;
      this.#push(kind, text, line);
    }
  }

  #regexMayStart(): boolean {
    const last = this.#tokens.at(-1);
    if (!last || this.#source[this.#at] !== "/") return this.#source[this.#at] === "/";
    if (last.kind === "word") return BEFORE_REGEX.has(last.text);
    return last.kind === "other" && !/^[)\]}]$/.test(last.text);
  }

  #match(name: keyof typeof PATTERNS): string | undefined {
    const pattern = PATTERNS[name];
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    if (text === undefined) return undefined;
    this.#at += text.length;
    this.#line += text.split("\n").length - 1;
    return text;
  }

  #push(kind: Token["kind"], text: string, line: number): void {
    this.#tokens.push({ kind, text, line });
  }
}

/**
 * Every module a TypeScript file names: static, dynamic and type imports, re-exports, `require`, and files started by
 * URL (`new URL("./worker.ts", import.meta.url)`).
 */
export function scanImports(source: string): readonly ImportSite[] {
  const tokens = new Tokenizer(source).all();
  const sites: ImportSite[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "word" || isMember(tokens, index)) continue;
    const site = siteAt(tokens, index, token);
    if (site) sites.push(site);
  }
  return sites;
}

const isMember = (tokens: readonly Token[], index: number): boolean => {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  const spread = before?.text === "." && tokens[index - 2]?.text === ".";
  return (
    (before?.text === "." && before.kind === "other" && !spread) ||
    (after?.kind === "other" && after.text === ":")
  );
};

function siteAt(tokens: readonly Token[], index: number, token: Token): ImportSite | undefined {
  const next = tokens[index + 1];
  if (!next) return undefined;
  if (token.text === "import" || token.text === "require") {
    if (next.kind === "other" && next.text === "(") return called(tokens, index);
  }
  if (token.text === "import") {
    if (next.kind === "string") return { specifier: next.text, line: token.line };
    return next.text === "." ? undefined : fromClause(tokens, index);
  }
  if (token.text === "export" && ["{", "*", "type"].includes(next.text)) return fromClause(tokens, index);
  if (token.text === "URL" && next.text === "(" && tokens[index + 4]?.text === "import") {
    // a folder is no module
    return tokens[index + 2]?.text.endsWith("/") ? undefined : called(tokens, index);
  }
  return undefined;
}

function called(tokens: readonly Token[], index: number): ImportSite | undefined {
  const argument = tokens[index + 2];
  const end = tokens[index + 3]?.text ?? "";
  // A method that happens to be named `import`: its parameters carry types, or there are none.
  if (argument?.kind === "other" && argument.text !== "${") return undefined;
  if (argument?.kind === "word" && (end === ":" || end === "?")) return undefined;
  const literal = argument?.kind === "string" && (end === ")" || end === ",");
  return { specifier: literal ? argument.text : undefined, line: tokens[index]?.line ?? 0 };
}

/** `from "x"` within the same statement: only names, commas, stars and braces stand before it. */
function fromClause(tokens: readonly Token[], index: number): ImportSite | undefined {
  for (let at = index + 1; at < tokens.length; at++) {
    const token = tokens[at];
    const next = tokens[at + 1];
    if (token?.text === "from" && next?.kind === "string")
      return { specifier: next.text, line: tokens[index]?.line ?? 0 };
    if (token?.kind === "other" && !/^[{},*]$/.test(token.text)) return undefined;
  }
  return undefined;
}
