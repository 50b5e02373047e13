import { Command, CommanderError } from "commander";
import { firstFailure, messageOf } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { CATALOG, type CatalogEntry, findEntry, NOUNS } from "./catalog.ts";
import { chooseEndpoint } from "./connection/endpoint.ts";
import type { Context } from "./context.ts";
import { paint, screenOf } from "./tty/style.ts";

/** Runs the command line `args` (without node and script) and gives the exit code. Never throws. */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = new Command("wharf");
  const context: Context = {
    env: process.env,
    out: screenOf(process.stdout, process.env),
    err: screenOf(process.stderr, process.env),
    endpoint: () => chooseEndpoint(program.opts<{ host?: string }>().host, process.env),
  };
  try {
    await build(program, args, context);
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    context.err.write(`${paint(context.err, "red", "wharf:")} ${messageOf(error)}\n`);
    if (process.env["WHARF_DEBUG"]) context.err.write(`${stackOf(firstFailure(error))}\n`);
    return 1;
  }
}

const stackOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack}${error.cause ? `\ncaused by ${stackOf(error.cause)}` : ""}`
    : String(error);

async function build(program: Command, args: readonly string[], context: Context): Promise<void> {
  program
    .description("A container engine that speaks Docker's API; any docker command works with it too.")
    .version(VERSION, "-v, --version", "show the version")
    .option(
      "-H, --host <address>",
      "engine to talk to: unix:///path or tcp://address:port (WHARF_HOST, DOCKER_HOST)",
    )
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("(see --help)")
    .enablePositionalOptions();
  const called = findEntry(wordsOf(args));
  for (const entry of CATALOG) await add(program, entry, entry === called ? context : undefined);
}

/** The words of a command line that come before anything else but `-H`. */
function wordsOf(args: readonly string[]): readonly string[] {
  const rest = [...args];
  while (rest[0] === "-H" || rest[0] === "--host") rest.splice(0, 2);
  while (rest[0]?.startsWith("-H") || rest[0]?.startsWith("--host=")) rest.shift();
  return rest;
}

/** Adds a command by name; with a context (the command that is called) also what it takes and does. */
async function add(program: Command, entry: CatalogEntry, context: Context | undefined): Promise<void> {
  const [first, verb] = entry.words;
  const parent = verb === undefined ? program : nounOf(program, first);
  const places = [parent.command(verb ?? first).aliases([...(entry.verbs ?? [])])];
  for (const shortcut of entry.shortcuts ?? []) places.push(program.command(shortcut));
  const module = context && (await entry.load());
  for (const command of places) {
    command.description(entry.summary);
    if (module && context) module.configure(command, context);
  }
}

function nounOf(program: Command, noun: string): Command {
  const known = program.commands.find((command) => command.name() === noun);
  return (
    known ??
    program
      .command(noun)
      .description(NOUNS[noun] ?? "")
      .helpCommand(false)
  );
}
