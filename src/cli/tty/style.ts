import type { Writable } from "node:stream";

/** A stream people look at: how wide, and whether it understands colours and moving the cursor. */
export interface Screen {
  readonly write: (text: string) => void;
  /** A terminal: lines may be drawn over. */
  readonly live: boolean;
  readonly colour: boolean;
}

/** `NO_COLOR` (any value but the empty one) and `TERM=dumb` turn colours off. */
export function screenOf(stream: Writable & { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Screen {
  const live = stream.isTTY === true && env["TERM"] !== "dumb";
  return { write: (text) => stream.write(text), live, colour: live && !env["NO_COLOR"] };
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export function paint(screen: Screen, style: keyof typeof CODES, text: string): string {
  return screen.colour ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;
}
