import type { Command } from "commander";
import type { Context } from "./context.ts";

/** A command's file: declares its arguments and options, and what to do with them. */
export interface CommandModule {
  readonly configure: (command: Command, context: Context) => void;
}

/** A command by its words. Its file is loaded when it is called, so that no command pays for the others. */
export interface CatalogEntry {
  /** One word, or noun and verb. */
  readonly words: readonly [string] | readonly [string, string];
  /** Short forms: other verbs of the noun, and words of their own ("ps" for "container ls"). */
  readonly verbs?: readonly string[];
  readonly shortcuts?: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

export const NOUNS: Readonly<Record<string, string>> = {
  container: "manage containers",
  image: "manage images",
};

export const CATALOG: readonly CatalogEntry[] = [
  {
    words: ["demo"],
    summary: "build, run and fetch a small web server, and clean up",
    load: () => import("./commands/demo/demo.ts"),
  },
  {
    words: ["container", "ls"],
    verbs: ["ps", "list"],
    shortcuts: ["ps"],
    summary: "list containers",
    load: () => import("./commands/container/ls.ts"),
  },
  {
    words: ["image", "bootstrap"],
    summary: "make a base image from packages, without a registry",
    load: () => import("./commands/image/bootstrap.ts"),
  },
  {
    words: ["image", "ls"],
    verbs: ["list"],
    shortcuts: ["images"],
    summary: "list images",
    load: () => import("./commands/image/ls.ts"),
  },
  {
    words: ["version"],
    summary: "show the versions of this command and of the engine",
    load: () => import("./commands/system/version.ts"),
  },
];

/** The entry that the first words of a command line name. */
export function findEntry(words: readonly string[]): CatalogEntry | undefined {
  const [first = "", second = ""] = words;
  return CATALOG.find(({ words: [noun, verb], verbs = [], shortcuts = [] }) => {
    if (shortcuts.includes(first)) return true;
    if (noun !== first) return false;
    return verb === undefined || verb === second || verbs.includes(second);
  });
}
