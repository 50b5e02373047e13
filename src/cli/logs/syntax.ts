/** One character that a pattern asks for: `at` says whether a code point is one. */
export type Matcher = (at: number) => boolean;
export type Assertion = "start" | "end" | "word" | "notWord";

/** A step of the machine that a pattern becomes: what it wants, and where it goes on. */
export type Step =
  | { readonly kind: "character"; readonly is: Matcher }
  | { readonly kind: "assert"; readonly what: Assertion }
  /** Goes on at both places. */
  | { readonly kind: "split"; to: number }
  | { readonly kind: "jump"; to: number }
  | { readonly kind: "match" };

/** Repetitions are written out: a pattern may not become longer than this. */
const MAX_STEPS = 5000;

type Node =
  | { readonly kind: "character"; readonly is: Matcher }
  | { readonly kind: "assert"; readonly what: Assertion }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Node[] }
  | { readonly kind: "repeat"; readonly part: Node; readonly min: number; readonly max: number };

/** One character of a class, an escape or the character itself, by the notation of JavaScript. */
const ATOM =
  /\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\.|[\s\S]/uy;
const REPEAT = /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y;
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  "^": "start",
  $: "end",
  "\\b": "word",
  "\\B": "notWord",
};

/** Reads a pattern; the steps begin at the first. Throws Error, which says what is wrong with the pattern. */
export function compile(pattern: string): readonly Step[] {
  const source = pattern.replace(/^\(\?i\)/, "");
  // The notation is JavaScript's: whatever is wrong with it is said in its words. Without the "u" it takes a brace for a
  // brace and `\"` for a quotation mark.
  if (!isValid(source, "u")) new RegExp(source);
  const steps: Step[] = [];
  emit(new Reader(source, source !== pattern).read(), steps);
  steps.push({ kind: "match" });
  return steps;
}

function isValid(source: string, flags: string): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false;
  }
}

class Reader {
  readonly #source: string;
  readonly #anyCase: boolean;
  #at = 0;

  constructor(source: string, anyCase: boolean) {
    this.#source = source;
    this.#anyCase = anyCase;
  }

  read(): Node {
    const choices: Node[] = [];
    do choices.push(this.#sequence());
    while (this.#take("|"));
    return choices.length === 1 && choices[0] ? choices[0] : { kind: "choice", parts: choices };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at] ?? ""))
      parts.push(this.#repeated(this.#one()));
    return { kind: "sequence", parts };
  }

  #repeated(part: Node): Node {
    const word = this.#match(REPEAT);
    if (word === undefined) return part;
    const [, low, comma, high] = /^\{(\d+)(,?)(\d*)/.exec(word) ?? [];
    if (low === undefined)
      return {
        kind: "repeat",
        part,
        min: word[0] === "+" ? 1 : 0,
        max: word[0] === "?" ? 1 : Number.POSITIVE_INFINITY,
      };
    const max = comma === "" ? Number(low) : high === "" ? Number.POSITIVE_INFINITY : Number(high);
    return { kind: "repeat", part, min: Number(low), max };
  }

  #one(): Node {
    if (this.#take("(")) {
      if (this.#match(/\?(?:<?[=!])/y) !== undefined) refuse("looking ahead or behind");
      this.#match(/\?(?::|<[^>]*>)/y);
      if (this.#match(/\?/y) !== undefined) refuse("flags within a pattern, but for (?i) at its beginning,");
      const inner = this.read();
      this.#take(")");
      return inner;
    }
    const atom = this.#match(ATOM) ?? "";
    const what = ASSERTIONS[atom];
    if (what !== undefined) return { kind: "assert", what };
    if (/^\\(?:[1-9]|k)/.test(atom)) refuse("what was found before (a back reference)");
    return { kind: "character", is: matcher(atom, this.#anyCase) };
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

function refuse(what: string): never {
  throw new Error(`${what} cannot be matched in one pass over a line`);
}

/** What a class or an escape holds is left to the language's own expressions; each code point is asked about once. */
function matcher(atom: string, anyCase: boolean): Matcher {
  const literal = /^\\[^\p{L}\p{N}]$/u.test(atom) ? atom.slice(1) : /^[^.\\]$/u.test(atom) ? atom : undefined;
  const wanted = literal?.codePointAt(0);
  if (wanted !== undefined && !anyCase) return (point) => point === wanted;
  const source = wanted === undefined ? atom : `\\u{${wanted.toString(16)}}`;
  const flags = `${anyCase ? "i" : ""}${isValid(source, "u") ? "u" : ""}`;
  const expression = new RegExp(`^(?:${source})$`, flags);
  const known = new Map<number, boolean>();
  return (point) => {
    const answer = known.get(point) ?? expression.test(String.fromCodePoint(point));
    known.set(point, answer);
    return answer;
  };
}

function emit(node: Node, steps: Step[]): void {
  if (steps.length > MAX_STEPS) throw new Error("the pattern is too long with its repetitions written out");
  switch (node.kind) {
    case "sequence":
      for (const part of node.parts) emit(part, steps);
      break;
    case "choice":
      emitChoice(node.parts, steps);
      break;
    case "repeat":
      emitRepeat(node, steps);
      break;
    default:
      steps.push(node);
  }
}

function emitChoice(parts: readonly Node[], steps: Step[]): void {
  const ends: { to: number }[] = [];
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) {
      emit(part, steps);
      continue;
    }
    const split: Step = { kind: "split", to: 0 };
    steps.push(split);
    emit(part, steps);
    const end: Step = { kind: "jump", to: 0 };
    steps.push(end);
    ends.push(end);
    split.to = steps.length;
  }
  for (const end of ends) end.to = steps.length;
}

function emitRepeat({ part, min, max }: Extract<Node, { readonly kind: "repeat" }>, steps: Step[]): void {
  const length = steps.length;
  emit(part, steps);
  // What asks for nothing is the same however often.
  if (steps.length === length) return;
  steps.length = length;
  for (let count = 0; count < min; count++) emit(part, steps);
  if (max === Number.POSITIVE_INFINITY) {
    const split: Step = { kind: "split", to: 0 };
    const begin = steps.length;
    steps.push(split);
    emit(part, steps);
    steps.push({ kind: "jump", to: begin });
    split.to = steps.length;
    return;
  }
  const splits: { to: number }[] = [];
  for (let count = min; count < max; count++) {
    const split: Step = { kind: "split", to: 0 };
    steps.push(split);
    splits.push(split);
    emit(part, steps);
  }
  for (const split of splits) split.to = steps.length;
}
