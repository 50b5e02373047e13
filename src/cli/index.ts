import { VERSION } from "../base/version.ts";
import { type Found, findRow, NOUNS, ROWS, type Row } from "./catalog.ts";
import { type CommandModule, checkArguments } from "./command/command.ts";
import { ArgumentsError, ExitError, UsageError } from "./command/failure.ts";
import type { Context } from "./context.ts";
import type { Parsed } from "./flags/flag.ts";
import { GLOBAL_FLAGS } from "./flags/global.ts";
import { HelpWanted, nearest, parseFlags } from "./flags/parse.ts";
import { screenOf } from "./tty/style.ts";

const PROGRAM = "wharf";

/** Runs the command line `args` (without node and script) and gives the exit code. Never throws. */
export async function runCli(args: readonly string[]): Promise<number> {
  const { env } = process;
  const err = screenOf(2, env);
  try {
    const warn = (text: string) => err.write(`${text}\n`);
    const globals = readGlobals(args, warn);
    if (globals.values.version) return say(`Wharf version ${VERSION}\n`);
    const words = globals.args[0] === "help" ? [...globals.args.slice(1), "--help"] : globals.args;
    const [first, second] = words;
    if (first === "__complete" || first === "__completeNoDesc") {
      const { answer } = await import("./completion/answer.ts");
      return await answer(first, words.slice(1), screenOf(1, env), env);
    }
    if (first === undefined || first === "--help") return await showRootHelp(first === undefined ? 2 : 1);
    const found = findRow(first, second);
    if (!found) return await withoutCommand(first, second);
    const { createContext } = await import("./command/surroundings.ts");
    const context = createContext(globals, env, err, [PROGRAM, ...words.slice(0, found.words)].join(" "));
    return await runRow(found, words.slice(found.words), context, warn);
  } catch (error) {
    const { showFailure } = await import("./command/show-failure.ts");
    return showFailure(error, err, env, PROGRAM, "Usage:  wharf [OPTIONS] COMMAND [ARG...]");
  }
}

function readGlobals(args: readonly string[], warn: (text: string) => void): Parsed<typeof GLOBAL_FLAGS> {
  try {
    return parseFlags(GLOBAL_FLAGS, args, false, warn);
  } catch (error) {
    if (!(error instanceof HelpWanted)) throw error;
    return parseFlags(GLOBAL_FLAGS, ["help"], false, warn);
  }
}

/** Help that was asked for is a result; help because nothing was asked for is a message. */
function say(text: string, fd: 1 | 2 = 1): number {
  screenOf(fd, process.env).write(text);
  return 0;
}

/** Help is as wide as the terminal, 80 columns without one; the last column stays free. */
const helpColumns = (): number => (screenOf(1, process.env).live ? (process.stdout.columns ?? 80) : 80) - 1;

async function showRootHelp(fd: 1 | 2): Promise<number> {
  const { rootHelp } = await import("./command/help.ts");
  return say(rootHelp(helpColumns()), fd);
}

/** A noun alone, a verb it does not have, or no command at all. */
async function withoutCommand(first: string, second: string | undefined): Promise<number> {
  const noun = Object.hasOwn(NOUNS, first) ? NOUNS[first] : undefined;
  if (noun && (second === undefined || second === "--help" || second === "-h")) {
    const { nounHelp } = await import("./command/help.ts");
    return say(nounHelp(first, noun), second === undefined ? 2 : 1);
  }
  if (noun?.unserved) throw new ExitError(1, `${PROGRAM} ${first} ${second}: ${noun.unserved}`);
  const { unknownCommand } = await import("./command/show-failure.ts");
  if (noun) {
    const verbs = ROWS.filter(({ words }) => words[0] === first).map(({ words }) => words[1] ?? "");
    throw new ExitError(
      1,
      unknownCommand(`${PROGRAM} ${first}`, second ?? "", nearest(second ?? "", verbs), true),
    );
  }
  const names = [
    ...Object.keys(NOUNS),
    ...ROWS.flatMap(({ words, top = [] }) => (words[1] ? top : [words[0]])),
  ];
  throw new ExitError(1, unknownCommand(PROGRAM, first, nearest(first, names), false));
}

async function runRow(
  { row }: Found,
  words: readonly string[],
  context: Context,
  warn: (text: string) => void,
): Promise<number> {
  const module = (await row.load()).default as CommandModule;
  try {
    const parsed = parseFlags(module.flags, words, module.interspersed !== false, warn);
    checkArguments(module.arguments, parsed.args, context.path);
    return (await module.run(context, parsed)) ?? 0;
  } catch (error) {
    if (error instanceof HelpWanted) return showCommandHelp(row, module, context);
    if (!(error instanceof UsageError || error instanceof ArgumentsError)) throw error;
    const [{ usageLine }, { showFailure }] = await Promise.all([
      import("./command/help.ts"),
      import("./command/show-failure.ts"),
    ]);
    return showFailure(error, context.err, context.env, context.path, usageLine(row, context.path));
  }
}

async function showCommandHelp(row: Row, module: CommandModule, context: Context): Promise<number> {
  const { commandHelp } = await import("./command/help.ts");
  context.out.write(commandHelp(row, module, context.path, helpColumns()));
  return 0;
}
