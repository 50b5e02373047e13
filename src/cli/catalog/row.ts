import type { CommandModule } from "../command/command.ts";

/** A command by its words. Its file is loaded when it is called, so that no command pays for the others. */
export interface Row {
  /** One word, or noun and verb. */
  readonly words: readonly [string] | readonly [string, string];
  /** Other verbs of the noun that mean the same ("container list"). */
  readonly also?: readonly string[];
  /** Words of their own that mean the same ("ps"). */
  readonly top?: readonly string[];
  /** Places under another noun ("builder build"). */
  readonly elsewhere?: readonly string[];
  /** What is written behind the words. A line feed begins a second form. */
  readonly usage: string;
  readonly summary: string;
  /** Works, but is not listed. */
  readonly hidden?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: commands of any flags
  readonly load: () => Promise<{ readonly default: CommandModule<any> }>;
}

export interface Noun {
  readonly summary: string;
  /** Longer, for its own help. */
  readonly about?: string;
  /** Why none of its verbs works here: all of them answer with this. */
  readonly unserved?: string;
  /** Verbs of docker's that do not work here while others do, and why. */
  readonly lacks?: { readonly verbs: readonly string[]; readonly why: string };
}
