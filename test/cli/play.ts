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
  /** Waits until this has been written. */
  | { readonly expect: string }
  /** Waits until this is to be seen on one row of the screen. */
  | { readonly shows: string }
  | { readonly send: string }
  | { readonly size: readonly [number, number] }
  | { readonly signal: number }
  /** Waits until the program has stopped, as its terminal's key stops one. */
  | { readonly stopped: true }
  /** Another program, meanwhile. */
  | { readonly run: readonly string[] };

export interface Played {
  readonly output: string;
  /** The rows as they were at the end. */
  readonly screen: readonly string[];
  readonly code: number;
  readonly problem: string | null;
  /** The terminal's modes are at the end as they were at the beginning. */
  readonly restored: boolean;
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
  assert.equal(played.problem, null, `${played.output}\n${played.screen.join("\n")}`);
  return played;
}
