import { Command, CommanderError } from "commander";
import { firstFailure, messageOf } from "../../base/errors.ts";
import { VERSION } from "../../base/version.ts";
import { COMMANDS } from "./catalog.ts";
import { completions } from "./complete.ts";

function makeProgram(): Command {
  const program = new Command("wharf registry")
    .description("An OCI registry: images, accounts, roles, an audit trail and a page, in one process.")
    .version(VERSION, "-v, --version", "show the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("(see --help)");
  for (const { words, summary, configure } of COMMANDS) {
    const parent = words.slice(0, -1).reduce((above, word) => groupOf(above, word), program);
    configure(parent.command(words.at(-1) ?? "").description(summary));
  }
  return program;
}

/** Answers `wharf __complete registry WORD...` for a shell. */
export function completeRegistryCommand(words: readonly string[], told: boolean): number {
  process.stdout.write(completions(makeProgram(), words, told));
  return 0;
}

/** Runs `wharf registry ARGUMENT...` and gives the exit code. Never throws. */
export async function runRegistryCommand(args: readonly string[]): Promise<number> {
  const program = makeProgram();
  try {
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`wharf registry: ${messageOf(error)}\n`);
    const first = firstFailure(error);
    if (process.env["WHARF_DEBUG"] && first instanceof Error) process.stderr.write(`${first.stack}\n`);
    return 1;
  }
}

function groupOf(parent: Command, word: string): Command {
  return (
    parent.commands.find((command) => command.name() === word) ?? parent.command(word).helpCommand(false)
  );
}
