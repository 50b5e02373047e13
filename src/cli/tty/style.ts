import { fstatSync, writeSync } from "node:fs";

/** A stream people look at: whether it understands colours and moving the cursor. */
export interface Screen {
  /** Writes at once: when it returns, the bytes are with the reader. */
  readonly write: (text: string | Uint8Array) => void;
  /** A terminal: lines may be drawn over. */
  readonly live: boolean;
  readonly colour: boolean;
  /** The file descriptor. */
  readonly fd: number;
}

/** `NO_COLOR` (any value but the empty one) and `TERM=dumb` turn colours off. */
export function screenOf(fd: number, env: NodeJS.ProcessEnv): Screen {
  const live = isTerminal(fd) && env["TERM"] !== "dumb";
  return { fd, write: (text) => writeAll(fd, text), live, colour: live && !env["NO_COLOR"] };
}

/** Major number of /dev/null and its like. */
const MEMORY_DEVICES = 1;

/** Loading node:tty costs milliseconds: only what may be a terminal is worth asking about. */
export function isTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    const maybe = stat.isCharacterDevice() && stat.rdev >> 8 !== MEMORY_DEVICES;
    return maybe && process.getBuiltinModule("node:tty").isatty(fd);
  } catch {
    return false;
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
/** What a shell sees of a program that SIGPIPE has ended. */
const BROKEN_PIPE = 141;

/**
 * Every byte, in order, straight to the descriptor: process.stdout costs milliseconds to set up and gathers what a
 * slow reader does not take. A reader that has gone ends the command, as SIGPIPE ends others.
 */
export function writeAll(fd: number, text: string | Uint8Array): void {
  let rest: Uint8Array = typeof text === "string" ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") process.exit(BROKEN_PIPE);
      if (code !== "EAGAIN") throw error;
      // Somebody made the pipe non-blocking, and its reader is slower than we are.
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Style = keyof typeof CODES;

export function paint(screen: Screen, style: Style, text: string): string {
  return screen.colour ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
}
