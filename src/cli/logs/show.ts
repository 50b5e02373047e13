import { colouredText, plainText } from "../tty/plain.ts";
import type { Screen } from "../tty/style.ts";
import { decoded, encoded, type LogLine } from "./lines.ts";
import type { Pattern } from "./pattern.ts";

/** A container whose log is shown. */
export interface Speaker {
  readonly id: string;
  readonly name: string;
  /** Which colour it has. */
  readonly index: number;
}

export interface SpokenLine extends LogLine {
  readonly speaker: Speaker;
}

export interface ShowOptions {
  readonly timestamps: boolean;
  /** Each line stands behind its container's name. */
  readonly named: boolean;
  readonly pattern: Pattern | undefined;
}

/** Colours of names, those next to each other well apart. Not red, which is for errors. */
const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
const RED = 31;
const DIM = 2;

const painted = (code: number | string, text: string): string => `\x1b[${code}m${text}\x1b[0m`;

/**
 * Writes lines of several logs: what came from stdout to ours, the rest to stderr. On a terminal names and matches are
 * coloured and nothing but colours of the containers gets through, so that no line draws over another's name;
 * elsewhere their bytes are written as they are.
 */
export class LogPrinter {
  readonly #screens: Readonly<Record<1 | 2, Screen>>;
  readonly #options: ShowOptions;
  #width = 0;

  constructor({ out, err }: { readonly out: Screen; readonly err: Screen }, options: ShowOptions) {
    this.#screens = { 1: out, 2: err };
    this.#options = options;
  }

  /** Names are filled up to the longest. */
  makeRoom({ name }: Speaker): void {
    this.#width = Math.max(this.#width, name.length);
  }

  /** Writes them before it returns; neighbouring lines of one stream at once. */
  show(lines: readonly SpokenLine[]): void {
    let parts = "";
    let stream: 1 | 2 = 1;
    const flush = () => {
      if (parts !== "") this.#screens[stream].write(Buffer.from(parts, "latin1"));
      parts = "";
    };
    for (const line of lines) {
      if (line.stream !== stream) flush();
      stream = line.stream;
      const text = this.#text(line);
      if (text !== undefined) parts += `${this.#before(line)}${text}\n`;
    }
    flush();
  }

  #before({ speaker: { name, index }, stream, time }: SpokenLine): string {
    const { named, timestamps } = this.#options;
    const { colour } = this.#screens[stream];
    const stamp = timestamps ? `${time} ` : "";
    const padded = named ? `${name.padEnd(this.#width)} ` : "";
    if (!colour) return `${padded}${named ? "| " : ""}${stamp}`;
    const bar = named ? `${painted(stream === 2 ? RED : DIM, "|")} ` : "";
    const shownName = named ? painted(COLOURS[index % COLOURS.length] ?? 0, padded) : "";
    return `${shownName}${bar}${stamp && painted(DIM, stamp)}`;
  }

  /** Undefined for a line without a match. */
  #text({ text: bytes, stream }: SpokenLine): string | undefined {
    const { pattern } = this.#options;
    const { live, colour } = this.#screens[stream];
    if (pattern === undefined && !live) return bytes;
    const text = decoded(bytes);
    if (pattern === undefined) return encoded(colour ? colouredText(text) : plainText(text));
    const plain = plainText(text);
    if (!pattern.test(plain)) return undefined;
    return live ? encoded(colour ? highlighted(plain, pattern) : plain) : bytes;
  }
}

function highlighted(text: string, pattern: Pattern): string {
  let shown = "";
  let last = 0;
  for (const [from, to] of pattern.find(text)) {
    shown += `${text.slice(last, from)}${painted(`1;${RED}`, text.slice(from, to))}`;
    last = to;
  }
  return shown + text.slice(last);
}
