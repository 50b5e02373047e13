import { InstructionError } from "../errors.ts";
import { findHeredocs, type Heredoc, type HeredocMark } from "./heredoc.ts";

/** One instruction as it is written: continuation lines joined, comments taken out. */
export interface LogicalLine {
  readonly text: string;
  /** First and last line in the file, counted from 1; heredocs are included. */
  readonly first: number;
  readonly last: number;
  readonly heredocs: readonly Heredoc[];
  /** An empty line stands among its continuation lines. */
  readonly hasGap: boolean;
}

/** The special comments at the top (Dockerfile reference, "Parser directives"). */
export interface Directives {
  readonly escapeToken: "\\" | "`";
  readonly syntax?: string;
  readonly check?: string;
}

export interface DockerfileSource {
  readonly directives: Directives;
  readonly lines: readonly LogicalLine[];
}

/** Splits a Dockerfile into instructions. Throws InstructionError. */
export function readSource(text: string): DockerfileSource {
  const physical = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (physical.at(-1) === "") physical.pop();
  const directives = readDirectives(physical);
  const reader = new LineReader(physical, directives.escapeToken);
  const lines: LogicalLine[] = [];
  for (let line = reader.next(); line; line = reader.next()) lines.push(line);
  return { directives, lines };
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+)$/;

function readDirectives(lines: readonly string[]): Directives {
  const found = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const match = DIRECTIVE.exec(line.trim());
    const name = match?.[1]?.toLowerCase() ?? "";
    if (!match || !["escape", "syntax", "check"].includes(name)) break;
    if (found.has(name))
      throw new InstructionError(`only one ${name} parser directive can be used`, index + 1);
    if (name === "escape" && !["\\", "`"].includes(match[2]!)) {
      throw new InstructionError(`invalid escape token '${match[2]}' does not match \` or \\`, index + 1);
    }
    found.set(name, match[2]!);
  }
  const escapeToken = found.get("escape") === "`" ? "`" : "\\";
  return { escapeToken, syntax: found.get("syntax"), check: found.get("check") };
}

const isComment = (line: string): boolean => /^\s*#/.test(line);
const isBlank = (line: string): boolean => line.trim() === "";

class LineReader {
  readonly #lines: readonly string[];
  readonly #escape: string;
  readonly #continued: RegExp;
  #at = 0;
  #hasGap = false;

  constructor(lines: readonly string[], escapeToken: string) {
    this.#lines = lines;
    this.#escape = escapeToken;
    const token = escapeToken === "\\" ? "\\\\" : "`";
    this.#continued = new RegExp(`(^|[^${token}])${token}[ \\t]*$`);
  }

  next(): LogicalLine | undefined {
    this.#skip();
    if (this.#at >= this.#lines.length) return undefined;
    const first = this.#at + 1;
    this.#hasGap = false;
    const text = this.#joined();
    const heredocs = findHeredocs(text, this.#escape).map((mark) => this.#heredoc(mark, first));
    return { text, first, last: this.#at, heredocs, hasGap: this.#hasGap };
  }

  #skip(): void {
    while (this.#at < this.#lines.length && (isBlank(this.#line()) || isComment(this.#line()))) {
      this.#hasGap ||= isBlank(this.#line());
      this.#at++;
    }
  }

  #line(): string {
    return this.#lines[this.#at] ?? "";
  }

  /** Lines ending in the escape character run on; comments and empty lines between them do not count. */
  #joined(): string {
    let text = "";
    while (this.#at < this.#lines.length) {
      const line = text === "" ? this.#line().trimStart() : this.#line();
      this.#at++;
      if (!this.#continued.test(line)) return text + line.trimEnd();
      text += line.replace(this.#continued, "$1");
      this.#skip();
    }
    return text.trimEnd();
  }

  #heredoc(mark: HeredocMark, first: number): Heredoc {
    const content: string[] = [];
    while (this.#at < this.#lines.length) {
      const line = this.#line();
      this.#at++;
      if ((mark.stripTabs ? line.replace(/^\t+/, "") : line) === mark.name) {
        return { ...mark, content: content.map((text) => `${text}\n`).join("") };
      }
      content.push(line);
    }
    throw new InstructionError(
      `unterminated heredoc: no line consists of ${mark.name} alone`,
      first,
      this.#at,
    );
  }
}
