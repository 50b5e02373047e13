import { VERSION } from "../base/version.ts";
import { type Found, findRow, NOUNS, type Row } from "./catalog/index.ts";
import { type CommandModule, checkArguments } from "./command/command.ts";
import { ArgumentsError, ExitError, UsageError } from "./command/failure.ts";
import type { Context } from "./context.ts";
import type { FlagTable, Parsed } from "./flags/flag.ts";
import { GLOBAL_FLAGS } from "./flags/global.ts";
import { HelpWanted, parseFlags } from "./flags/parse.ts";
import { type Screen, screenOf } from "./tty/style.ts";

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
    const heard = listenTo(err);
    const path = [PROGRAM, ...words.slice(0, found.words)].join(" ");
    return await runRow(
      found,
      words.slice(found.words),
      createContext(globals, env, heard.screen, path),
      heard.said,
    );
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
  const lacking = noun?.lacks?.verbs.includes(second ?? "") ? noun.lacks.why : noun?.unserved;
  if (lacking) throw new ExitError(1, `${PROGRAM} ${first} ${second}: ${lacking}`);
  const { unknownCommand } = await import("./command/show-failure.ts");
  const { meantCommands } = await import("./command/meant-command.ts");
  const [path, word] = noun ? [`${PROGRAM} ${first}`, second ?? ""] : [PROGRAM, first];
  throw new ExitError(1, unknownCommand(path, word, meantCommands(first, second), noun !== undefined));
}

/** What a failure is looked up in: more than an error message is long. */
const REMEMBERED = 4096;

/** The same screen, and the end of what is written on it. */
function listenTo(screen: Screen): { readonly screen: Screen; readonly said: () => string } {
  let said = "";
  const write: Screen["write"] = (text) => {
    if (typeof text === "string") said = (said + text).slice(-REMEMBERED);
    screen.write(text);
  };
  return { screen: { ...screen, write }, said: () => said };
}

async function runRow(
  { row }: Found,
  words: readonly string[],
  context: Context,
  said: () => string,
): Promise<number> {
  const module = (await row.load()).default as CommandModule;
  const { err, env, path } = context;
  let parsed: Parsed<FlagTable> | undefined;
  let code: number;
  try {
    parsed = parseFlags(module.flags, words, module.interspersed !== false, (text) => err.write(`${text}\n`));
    checkArguments(module.arguments, parsed.args, path);
    code = (await module.run(context, parsed)) ?? 0;
  } catch (error) {
    if (error instanceof HelpWanted) return showCommandHelp(row, module, context);
    const [{ usageLine }, { showFailure }] = await Promise.all([
      import("./command/help.ts"),
      import("./command/show-failure.ts"),
    ]);
    const unread = error instanceof UsageError || error instanceof ArgumentsError;
    code = showFailure(error, err, env, unread ? path : PROGRAM, usageLine(row, path));
    if (unread) return code;
  }
  // rm -f says what was not there, and has done its work
  if (parsed !== undefined && (code === 0 ? /no such/i.test(said()) : said() !== "")) {
    const { showMeant } = await import("./command/meant.ts");
    await showMeant(context, module, parsed, said());
  }
  return code;
}

async function showCommandHelp(row: Row, module: CommandModule, context: Context): Promise<number> {
  const { commandHelp } = await import("./command/help.ts");
  context.out.write(commandHelp(row, module, context.path, helpColumns()));
  return 0;
}
