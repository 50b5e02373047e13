import type { Client } from "../connection/connect.ts";
import type { Context } from "../context.ts";

/** A word that may stand here, and what it is. */
export type Candidate = string | readonly [word: string, about: string];

/** What the shell is told besides the words: bits of cobra's ShellCompDirective. */
export const DIRECTIVE = {
  /** Files may stand here, too, when no word fits. */
  files: 0,
  error: 1,
  /** The word goes on: no blank behind it. */
  noSpace: 2,
  noFiles: 4,
  folders: 16,
} as const;

export interface Candidates {
  readonly words: readonly Candidate[];
  readonly directive: number;
}

/** What stands on the command line around the word that is asked for. */
export interface Asking {
  readonly context: Context;
  /** Gives up what the engine has not answered in the time a person waits for a key. */
  readonly client: () => Pick<Client, "call">;
  /** The word as far as it is typed. */
  readonly word: string;
  /** Arguments before it. */
  readonly args: readonly string[];
  /** Values of the flags that were written, and initial values of the others. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Finds the words that may stand in one place. What it throws means that there are none. */
export type Source = (asking: Asking) => Candidates | Promise<Candidates>;

export const NOTHING: Candidates = { words: [], directive: DIRECTIVE.noFiles };

/** These words and no files. */
export const only = (words: readonly Candidate[]): Candidates => ({ words, directive: DIRECTIVE.noFiles });

/** Words that more is written behind at once: `key=`. */
export const begun = (words: readonly Candidate[]): Candidates => ({
  words,
  directive: DIRECTIVE.noFiles | DIRECTIVE.noSpace,
});

export const wordOf = (candidate: Candidate): string =>
  typeof candidate === "string" ? candidate : candidate[0];

/** The same words with something before and behind each. */
export const around = (before: string, words: readonly Candidate[], behind = ""): readonly Candidate[] =>
  words.map((candidate) =>
    typeof candidate === "string"
      ? `${before}${candidate}${behind}`
      : ([`${before}${candidate[0]}${behind}`, candidate[1]] as const),
  );
