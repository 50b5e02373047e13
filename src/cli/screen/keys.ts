/** A key by its name ("up", "enter", "ctrl-c"), or the character it writes. */
export type Key = string;

const SEQUENCES: Readonly<Record<string, Key>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "[H": "home",
  "[F": "end",
  "[1~": "home",
  "[4~": "end",
  "[7~": "home",
  "[8~": "end",
  "[3~": "delete",
  "[5~": "pageup",
  "[6~": "pagedown",
  "[Z": "backtab",
};
const CONTROLS: Readonly<Record<string, Key>> = {
  "\t": "tab",
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
};
const ESCAPE = "\x1b";
/** What follows the escape of a sequence that a key sends: CSI or SS3. */
const ESCAPED = /^(?:(\[[0-?]*[ -/]*[@-~])|O([A-Z]))/;
const UNFINISHED = /^(?:\[[0-?]*[ -/]*|O)?$/;

/** Makes keys of what a terminal sends, however it is cut. */
export class KeyReader {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The keys that are whole. */
  push(bytes: Uint8Array): readonly Key[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#rest !== "" && !isUnfinished(this.#rest)) {
      const [taken, key] = first(this.#rest);
      this.#rest = this.#rest.slice(taken);
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }

  /** Whether something has begun that may be a key of several bytes. */
  get isWaiting(): boolean {
    return this.#rest !== "";
  }

  /** Nothing more has come for a while: an escape was the key itself. */
  flush(): readonly Key[] {
    if (this.#rest === "") return [];
    this.#rest = "";
    return ["escape"];
  }
}

const isUnfinished = (text: string): boolean => text.startsWith(ESCAPE) && UNFINISHED.test(text.slice(1));

function first(text: string): readonly [taken: number, key: Key | undefined] {
  if (text.startsWith(ESCAPE)) {
    const [sequence, csi, letter] = ESCAPED.exec(text.slice(1)) ?? [];
    return sequence ? [1 + sequence.length, SEQUENCES[csi ?? `[${letter}`]] : [1, "escape"];
  }
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  const control = CONTROLS[character];
  if (control) return [1, control];
  if (character < " ") return [1, `ctrl-${String.fromCharCode(character.charCodeAt(0) + 96)}`];
  return [character.length, character];
}
