import type { Machine } from "./machine.ts";

/** "unseen": could not be looked at, mostly for want of root. */
export type State = "ok" | "warn" | "fail" | "unseen";

/** What a check came to. */
export interface Finding {
  readonly name: string;
  readonly state: State;
  /** What is there, or what is wrong. */
  readonly text: string;
  /** What does not work because of it. */
  readonly breaks?: string;
  /** The command that mends it, or what to do where it is not one command. */
  readonly mend?: string;
}

/** What the checks are told besides the machine. */
export interface Question {
  readonly machine: Machine;
  /** Where images and containers are kept. */
  readonly dataRoot: string;
  /** As the engine that answers tells it. */
  readonly driver: string | undefined;
  /** Sockets at which an engine may answer, the one that was chosen first. */
  readonly sockets: readonly string[];
  /** Registries that may be asked: named by the user, or configured. */
  readonly registries: readonly string[];
  /** Address blocks that containers' networks are taken from. */
  readonly pools: readonly string[];
  /** Keys of daemon.json. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Checks that belong together. */
export interface Group {
  readonly name: string;
  readonly run: (question: Question) => Promise<readonly Finding[]> | readonly Finding[];
}

type Words = Pick<Finding, "breaks" | "mend">;

export const ok = (name: string, text: string): Finding => ({ name, state: "ok", text });
export const warn = (name: string, text: string, words: Words): Finding => ({
  name,
  state: "warn",
  text,
  ...words,
});
export const fail = (name: string, text: string, words: Words): Finding => ({
  name,
  state: "fail",
  text,
  ...words,
});
export const unseen = (name: string, text: string): Finding => ({ name, state: "unseen", text });

/** Version numbers in a text: "runc version 1.1.5+ds1" -> [1, 1, 5]. */
export function versionIn(text: string): readonly number[] | undefined {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return found?.slice(1).map((part) => Number(part ?? 0));
}

export function isOlder(version: readonly number[], than: readonly number[]): boolean {
  const at = than.findIndex((part, index) => (version[index] ?? 0) !== part);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}
