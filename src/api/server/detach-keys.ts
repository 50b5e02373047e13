import { invalidParameter } from "../../base/errors.ts";

const DEFAULT_KEYS: readonly number[] = [16, 17];
const CONTROL: Readonly<Record<string, number>> = { "@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, _: 31 };

function keyCode(key: string): number | undefined {
  if (key.length === 1) return key.charCodeAt(0);
  const letter = /^ctrl-(.)$/.exec(key)?.[1];
  if (letter !== undefined && /[a-z]/.test(letter)) return letter.charCodeAt(0) - 96;
  return letter === undefined ? undefined : CONTROL[letter];
}

/** `ctrl-p,ctrl-q` -> bytes; absent: Docker's default, which is that. */
export function parseDetachKeys(keys: string | undefined): readonly number[] {
  if (keys === undefined || keys === "") return DEFAULT_KEYS;
  return keys.split(",").map((key) => {
    const code = keyCode(key);
    if (code === undefined) throw invalidParameter(`Invalid detach keys (${keys}) provided`);
    return code;
  });
}

export interface Scanned {
  /** What the process shall get. */
  readonly forward: Uint8Array;
  readonly detached: boolean;
}

/**
 * Looks for the detach sequence in typed bytes, however they are cut. A sequence begun is held back until it is clear
 * whether it is one, and is given to the process when it is not.
 */
export function detachScanner(keys: readonly number[] | undefined): (chunk: Uint8Array) => Scanned {
  if (!keys || keys.length === 0) return (forward) => ({ forward, detached: false });
  let held = 0;
  const [first = -1] = keys;
  return (chunk) => {
    if (held === 0 && !chunk.includes(first)) return { forward: chunk, detached: false };
    const out: number[] = [];
    for (const byte of chunk) {
      if (byte !== keys[held]) {
        out.push(...keys.slice(0, held));
        held = 0;
      }
      if (byte === keys[held]) held++;
      else out.push(byte);
      if (held === keys.length) return { forward: Uint8Array.from(out), detached: true };
    }
    return { forward: Uint8Array.from(out), detached: false };
  };
}
