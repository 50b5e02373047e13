import { compile, type Step } from "./syntax.ts";

/** What the character before a place was, which `^` and `\b` ask about. */
type Before = "nothing" | "word" | "other";

/** Where the machine may be before it reads the next character. */
interface State {
  readonly steps: readonly number[];
  readonly before: Before;
  readonly next: Map<number, State | typeof MATCHED>;
}

const MATCHED = Symbol("matched");
/** Stands behind the last character. */
const END = -1;
/** States that are remembered before all are forgotten: memory stays flat whatever a pattern makes of a log. */
const MAX_STATES = 2000;
/** Characters of a line in which matches are looked for to be shown: each may begin anywhere. */
const SHOWN = 2000;

const isWord = (point: number): boolean =>
  (point >= 48 && point <= 57) ||
  (point >= 65 && point <= 90) ||
  point === 95 ||
  (point >= 97 && point <= 122);
const kindOf = (point: number): Before => (point === END ? "nothing" : isWord(point) ? "word" : "other");

/**
 * A regular expression in JavaScript's notation that takes time in proportion to the line, whatever the two are: it
 * follows all ways through the pattern at once and remembers where they lead. (V8's own machine tries one way after
 * another, and the one of it that does not knows neither case nor counted repetitions.) A leading `(?i)` leaves case
 * out of account. Throws Error on a pattern that is wrong or needs more than one pass.
 */
export class Pattern {
  readonly #program: readonly Step[];
  /** Begins anew at every character, and at one place only. */
  readonly #anywhere = new Map<string, State>();
  readonly #here = new Map<string, State>();

  constructor(pattern: string) {
    try {
      this.#program = compile(pattern);
    } catch (error) {
      throw new Error(`invalid pattern ${JSON.stringify(pattern)}: ${(error as Error).message}`);
    }
  }

  /** Whether the text holds a match. */
  test(text: string): boolean {
    let state = this.#state(this.#anywhere, [0], "nothing");
    for (let at = 0; ; at++) {
      const point = at < text.length ? (text.codePointAt(at) ?? END) : END;
      const next = state.next.get(point) ?? this.#step(this.#anywhere, state, point);
      if (next === MATCHED) return true;
      if (point === END) return false;
      if (point > 0xffff) at++;
      state = next;
    }
  }

  /** Places of the matches, the longest at each beginning, as indices [from, to); in the first 2000 characters. */
  find(text: string): readonly (readonly [from: number, to: number])[] {
    const found: (readonly [number, number])[] = [];
    const limit = Math.min(text.length, SHOWN);
    for (let from = 0; from < limit; from++) {
      const to = this.#longest(text.slice(0, limit), from);
      if (to <= from) continue;
      found.push([from, to]);
      from = to - 1;
    }
    return found;
  }

  /** Where the longest match ends that begins here; -1 for none. */
  #longest(text: string, from: number): number {
    let steps: readonly number[] = [0];
    let before: Before = from === 0 ? "nothing" : kindOf(text.charCodeAt(from - 1));
    let longest = -1;
    for (let at = from; steps.length > 0; ) {
      const point = at < text.length ? (text.codePointAt(at) ?? END) : END;
      const state = this.#state(this.#here, steps, before);
      const { reached, isMatch } = this.#closure(state, point);
      if (isMatch) longest = at;
      if (point === END) break;
      steps = this.#advance(reached, point);
      before = kindOf(point);
      at += point > 0xffff ? 2 : 1;
    }
    return longest;
  }

  #state(states: Map<string, State>, steps: readonly number[], before: Before): State {
    const key = `${before} ${steps.join(" ")}`;
    const known = states.get(key);
    if (known) return known;
    if (states.size >= MAX_STATES) {
      for (const { next } of states.values()) next.clear();
      states.clear();
    }
    const state: State = { steps, before, next: new Map() };
    states.set(key, state);
    return state;
  }

  #step(states: Map<string, State>, state: State, point: number): State | typeof MATCHED {
    const { reached, isMatch } = this.#closure(state, point);
    const next = isMatch
      ? MATCHED
      : this.#state(
          states,
          [...new Set([0, ...this.#advance(reached, point)])].sort((a, b) => a - b),
          kindOf(point),
        );
    if (state.next.size >= MAX_STATES) state.next.clear();
    state.next.set(point, next);
    return next;
  }

  #advance(reached: readonly number[], point: number): readonly number[] {
    return reached.flatMap((index) => {
      const step = this.#program[index];
      return step?.kind === "character" && point !== END && step.is(point) ? [index + 1] : [];
    });
  }

  /** The steps that are reached without reading: those that want a character, and whether the end is among them. */
  #closure(
    { steps, before }: State,
    point: number,
  ): { readonly reached: readonly number[]; readonly isMatch: boolean } {
    const seen = new Set<number>();
    const reached: number[] = [];
    let isMatch = false;
    const open = [...steps];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const step = this.#program[index];
      if (step === undefined || seen.has(index)) continue;
      seen.add(index);
      if (step.kind === "match") isMatch = true;
      else if (step.kind === "character") reached.push(index);
      else if (step.kind === "jump") open.push(step.to);
      else if (step.kind === "split") open.push(index + 1, step.to);
      else if (this.#holds(step.what, before, point)) open.push(index + 1);
    }
    return { reached, isMatch };
  }

  #holds(what: Extract<Step, { readonly kind: "assert" }>["what"], before: Before, point: number): boolean {
    if (what === "start") return before === "nothing";
    if (what === "end") return point === END;
    const isBoundary = (before === "word") !== (point !== END && isWord(point));
    return what === "word" ? isBoundary : !isBoundary;
  }
}
