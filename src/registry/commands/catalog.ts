import type { Command } from "commander";
import { configureServe } from "./serve.ts";

export interface RegistryCommand {
  readonly words: readonly string[];
  readonly summary: string;
  readonly configure: (command: Command) => void;
}

/** Options that most commands take. */
export const dataOption = (command: Command): Command =>
  command.requiredOption("--data <folder>", "folder of the registry's data");

export const COMMANDS: readonly RegistryCommand[] = [
  { words: ["serve"], summary: "run the registry", configure: configureServe },
];
