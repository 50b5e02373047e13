/**
 * What is wrong with a text that is no JSON, in the words clients of Docker's API know (those of Go's encoding/json).
 * A scanner beside the parser: it runs only when `JSON.parse` has refused.
 */
export function jsonComplaint(text: string): string {
  const scanner = new Scanner(text);
  try {
    scanner.value("looking for beginning of value");
    scanner.space();
    return scanner.done ? "malformed" : "unexpected content after JSON";
  } catch (error) {
    if (error instanceof Complaint) return error.message;
    throw error;
  }
}

class Complaint extends Error {}

/** Deeper than anybody means; the scanner must not run out of stack on what an enemy sends. */
const DEEPEST = 1000;

class Scanner {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  value(where: string): void {
    this.space();
    const character = this.#text[this.#at] ?? "";
    if (character === "{") this.#object();
    else if (character === "[") this.#list();
    else if (character === '"') this.#string();
    else if (/[-0-9]/.test(character)) this.#number();
    else this.#word(["true", "false", "null"].find((known) => known[0] === character) ?? this.#refuse(where));
  }

  #refuse(where: string): never {
    const character = this.#text.codePointAt(this.#at);
    if (character === undefined) throw new Complaint("unexpected EOF");
    const shown = character === 39 ? "'\\''" : `'${String.fromCodePoint(character)}'`;
    throw new Complaint(`invalid character ${shown} ${where}`);
  }

  #enter(): void {
    this.#at++;
    if (++this.#depth > DEEPEST) throw new Complaint("exceeded max depth");
    this.space();
  }

  #leave(): void {
    this.#at++;
    this.#depth--;
  }

  #comma(where: string): void {
    if (this.#text[this.#at] !== ",") this.#refuse(where);
    this.#at++;
  }

  #object(): void {
    this.#enter();
    for (let more = this.#text[this.#at] !== "}"; more; ) {
      this.space();
      if (this.#text[this.#at] !== '"') this.#refuse("looking for beginning of object key string");
      this.#string();
      this.space();
      if (this.#text[this.#at] !== ":") this.#refuse("after object key");
      this.#at++;
      this.value("looking for beginning of value");
      this.space();
      more = this.#text[this.#at] !== "}";
      if (more) this.#comma("after object key:value pair");
    }
    this.#leave();
  }

  #list(): void {
    this.#enter();
    for (let more = this.#text[this.#at] !== "]"; more; ) {
      this.value("looking for beginning of value");
      this.space();
      more = this.#text[this.#at] !== "]";
      if (more) this.#comma("after array element");
    }
    this.#leave();
  }

  #string(): void {
    for (this.#at++; ; this.#at++) {
      const character = this.#text[this.#at];
      if (character === '"') break;
      if (character === undefined || character < " ") this.#refuse("in string literal");
      if (character === "\\") this.#escape();
    }
    this.#at++;
  }

  #escape(): void {
    this.#at++;
    const character = this.#text[this.#at] ?? "";
    if (!/["\\/bfnrtu]/.test(character)) this.#refuse("in string escape code");
    for (let digits = character === "u" ? 4 : 0; digits > 0; digits--) {
      this.#at++;
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ""))
        this.#refuse("in \\u hexadecimal character escape");
    }
  }

  #number(): void {
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else this.#digits("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at++;
      this.#digits("after decimal point in numeric literal");
    }
    if (!/[eE]/.test(this.#text[this.#at] ?? "")) return;
    this.#at++;
    if (/[-+]/.test(this.#text[this.#at] ?? "")) this.#at++;
    this.#digits("in exponent of numeric literal");
  }

  #digits(where: string): void {
    if (!/[0-9]/.test(this.#text[this.#at] ?? "")) this.#refuse(where);
    while (/[0-9]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #word(word: string): void {
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) this.#refuse(`in literal ${word} (expecting '${letter}')`);
      this.#at++;
    }
  }
}
