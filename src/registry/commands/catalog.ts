import type { Command } from "commander";
import { configureBackup, configureCollect, configureRestore, configureVerify } from "./maintenance.ts";
import { configureServe } from "./serve.ts";
import {
  configureHtpasswdImport,
  configureUserAdd,
  configureUserList,
  configureUserPassword,
} from "./users.ts";

export interface RegistryCommand {
  readonly words: readonly string[];
  readonly summary: string;
  readonly configure: (command: Command) => void;
}

export const COMMANDS: readonly RegistryCommand[] = [
  { words: ["serve"], summary: "run the registry", configure: configureServe },
  {
    words: ["user", "add"],
    summary: "add an account; the first one closes the registry",
    configure: configureUserAdd,
  },
  { words: ["user", "passwd"], summary: "set an account's password", configure: configureUserPassword },
  { words: ["user", "ls"], summary: "list accounts", configure: configureUserList },
  {
    words: ["htpasswd", "import"],
    summary: "take over an htpasswd file",
    configure: configureHtpasswdImport,
  },
  {
    words: ["gc"],
    summary: "collect garbage of a registry that is not running",
    configure: configureCollect,
  },
  {
    words: ["verify"],
    summary: "compare records and contents; a registry may be running",
    configure: configureVerify,
  },
  { words: ["backup"], summary: "copy a registry, which may be running", configure: configureBackup },
  {
    words: ["restore"],
    summary: "make an empty folder a registry's data from a backup",
    configure: configureRestore,
  },
];
