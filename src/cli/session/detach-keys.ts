const CTRL: Readonly<Record<string, number>> = { "@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, _: 31 };

export const DEFAULT_KEYS = "ctrl-p,ctrl-q";

/** Bytes of a sequence such as `ctrl-p,ctrl-q` or `a,b`. */
export function readKeys(text: string): Buffer {
  const bytes = text.split(",").map((key) => {
    if ([...key].length === 1) return key.charCodeAt(0);
    const letter = /^ctrl-(.)$/.exec(key)?.[1];
    const code =
      letter === undefined ? undefined : /[a-z]/.test(letter) ? letter.charCodeAt(0) - 96 : CTRL[letter];
    if (code === undefined)
      throw new Error(`invalid detach keys (${text}) provided: Unknown character: '${key}'`);
    return code;
  });
  return Buffer.from(bytes);
}

/** Watches what is typed for the sequence that detaches. Keys that began it and did not finish it are passed on. */
export class DetachWatcher {
  readonly #keys: Buffer;
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  push(typed: Buffer): { readonly pass: Buffer; readonly detached: boolean } {
    const pass: number[] = [];
    for (const byte of typed) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched++;
        if (this.#matched === this.#keys.length) return { pass: Buffer.from(pass), detached: true };
        continue;
      }
      pass.push(...this.#keys.subarray(0, this.#matched));
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) pass.push(byte);
    }
    return { pass: Buffer.from(pass), detached: false };
  }
}
