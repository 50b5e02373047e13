import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { execute } from "../support/docker-cli.ts";

/** Why tests on a pseudo-terminal are left out, or false. */
export const withoutPython =
  spawnSync("python3", ["-c", "import pty, termios"]).status === 0
    ? false
    : "needs python3 for a pseudo-terminal";

export type Step =
  | { readonly expect: string }
  | { readonly send: string }
  | { readonly size: readonly [number, number] }
  | { readonly signal: number };

export interface Played {
  readonly output: string;
  readonly code: number;
  readonly problem: string | null;
}

/** Runs a program (an absolute path, and its arguments) on a terminal of 30x100 and plays the steps with it. */
export async function playOnTerminal(
  program: readonly string[],
  steps: readonly Step[],
  env: Readonly<Record<string, string>>,
): Promise<Played> {
  const script = steps.map((step) => `${JSON.stringify(step)}\n`).join("");
  const python = join(import.meta.dirname, "on-terminal.py");
  const { stdout, stderr } = await execute("python3", [python, "30", "100", ...program], {
    env: { TERM: "xterm", ...env },
    input: script,
    timeout: 120_000,
  });
  assert.equal(stderr, "");
  const played = JSON.parse(stdout) as Played;
  assert.equal(played.problem, null, played.output);
  return played;
}
