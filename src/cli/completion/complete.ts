import { type Found, findRow, GROUPS, NOUNS, ROWS } from "../catalog/index.ts";
import type { CommandModule } from "../command/command.ts";
import { UsageError } from "../command/failure.ts";
import { createContext } from "../command/surroundings.ts";
import type { Context } from "../context.ts";
import type { Flag, FlagTable, Parsed } from "../flags/flag.ts";
import { GLOBAL_FLAGS } from "../flags/global.ts";
import { HelpWanted, MissingValue, parseFlags } from "../flags/parse.ts";
import type { Screen } from "../tty/style.ts";
import { type Asking, type Candidate, type Candidates, NOTHING, only, wordOf } from "./candidates.ts";
import { askingOf, offered } from "./offered.ts";

const SILENT: Screen = { write: () => undefined, live: false, colour: false, fd: 2 };

/**
 * What may stand at the end of a command line: `words` are all behind the program's name, the last one as far as it is
 * typed. Never throws: where nothing is known, or no engine answers, nothing is offered.
 */
export async function complete(words: readonly string[], env: NodeJS.ProcessEnv): Promise<Candidates> {
  const word = words.at(-1) ?? "";
  const found = await candidatesFor(words.slice(0, -1), word, env);
  // Behind `--flag=` the shell puts the flag before the value itself.
  const typed = word.startsWith("-") && word.includes("=") ? word.slice(word.indexOf("=") + 1) : word;
  return { ...found, words: found.words.filter((candidate) => wordOf(candidate).startsWith(typed)) };
}

async function candidatesFor(
  before: readonly string[],
  word: string,
  env: NodeJS.ProcessEnv,
): Promise<Candidates> {
  const globals = locate(GLOBAL_FLAGS, before, false);
  if (globals === undefined) return NOTHING;
  const { args } = globals.parsed;
  // A key that asks for names starts no engine.
  const asked = { ...globals.parsed, values: { ...globals.parsed.values, "no-autostart": true } };
  const context = createContext(asked, env, SILENT, "wharf");
  const line = args[0] === "help" ? args.slice(1) : args;
  const [first, second] = line;
  if (first === undefined)
    return (await flagCandidates(GLOBAL_FLAGS, globals, context, word)) ?? only(commandNames());
  const found = findRow(first, second);
  const verbs = second === undefined ? verbsOf(first) : [];
  if (found === undefined || args[0] === "help") return only(verbs);
  const own = await commandCandidates(found, line.slice(found.words), context, word);
  return { ...own, words: [...verbs, ...own.words] };
}

interface Position<F extends FlagTable> {
  readonly parsed: Parsed<F>;
  /** The flag whose value comes next. */
  readonly pending?: string;
  /** What follows is no flag, whatever it looks like. */
  readonly ended: boolean;
}

/** Where in a command line the next word stands; undefined when the line cannot be read, or asks for help. */
function locate<F extends FlagTable>(
  flags: F,
  words: readonly string[],
  interspersed: boolean,
): Position<F> | undefined {
  const parse = (line: readonly string[]) => parseFlags(flags, line, interspersed, () => undefined);
  try {
    const parsed = parse(words);
    // A -- that counts as an argument is not the first thing to end the flags.
    return { parsed, ended: parse([...words, "--"]).args.length > parsed.args.length };
  } catch (error) {
    if (error instanceof MissingValue)
      return { parsed: parse(words.slice(0, -1)), pending: error.flag, ended: false };
    if (error instanceof HelpWanted || error instanceof UsageError) return undefined;
    throw error;
  }
}

/** Flags, or a flag's value, when that is what comes next. */
async function flagCandidates<F extends FlagTable>(
  flags: F,
  { parsed, pending, ended }: Position<F>,
  context: Context,
  word: string,
): Promise<Candidates | undefined> {
  const asking = askingOf(context, parsed);
  if (pending !== undefined) return valueCandidates(flags[pending], asking(word));
  if (ended || !word.startsWith("-")) return undefined;
  const [, long = "", short = "", value] = /^-(?:-([^=]+)|[^-=]*([^-=]))=(.*)$/s.exec(word) ?? [];
  if (value === undefined) return only(flagNames(flags, parsed.changed));
  const flag = flags[long] ?? Object.values(flags).find((one) => one.short !== "" && one.short === short);
  return valueCandidates(flag, asking(value));
}

async function valueCandidates(flag: Flag<unknown> | undefined, asking: Asking): Promise<Candidates> {
  if (flag?.type === "") return only(["true", "false"]);
  return flag?.offers === undefined ? NOTHING : offered(flag.offers, asking);
}

/** Flags that may still be written: what is repeated stays. */
function flagNames(flags: FlagTable, written: ReadonlySet<string>): readonly Candidate[] {
  const open = Object.entries(flags).filter(
    ([name, { hidden, deprecated, initial }]) =>
      !hidden && deprecated === undefined && (!written.has(name) || typeof initial === "object"),
  );
  const named = open.flatMap(([name, { short, usage }]): readonly Candidate[] => {
    const about = usage.split("\n")[0] ?? "";
    return [[`--${name}`, about], ...(short === "" ? [] : [[`-${short}`, about] as const])];
  });
  return [...named.sort((a, b) => (wordOf(a) < wordOf(b) ? -1 : 1)), ["--help", "Print usage"]];
}

async function commandCandidates(
  { row }: Found,
  words: readonly string[],
  context: Context,
  word: string,
): Promise<Candidates> {
  const module = (await row.load()).default as CommandModule;
  const position = locate(module.flags, words, module.interspersed !== false);
  if (position === undefined) return NOTHING;
  const flags = await flagCandidates(module.flags, position, context, word);
  if (flags !== undefined) return flags;
  const { args } = position.parsed;
  const { max, offers } = module.arguments;
  const offer = args.length < max ? (offers[args.length] ?? offers.at(-1)) : undefined;
  if (offer === undefined) return NOTHING;
  const found = await offered(offer, askingOf(context, position.parsed)(word));
  // What has been named is not named again.
  const rest = found.words.filter((candidate) => !args.includes(wordOf(candidate)));
  return { ...found, words: rest };
}

/** What `wharf --help` lists, but for what only says that it is not there. */
function commandNames(): readonly Candidate[] {
  const names = GROUPS.flatMap(([, group]) => group);
  return names.flatMap((name): readonly Candidate[] => {
    const noun = NOUNS[name];
    const row = ROWS.find(({ words, top }) => top?.includes(name) || (!words[1] && words[0] === name));
    return noun?.unserved ? [] : [[name, noun?.summary ?? row?.summary ?? ""]];
  });
}

/** The verbs of a noun, those that are under other nouns by right, too. */
function verbsOf(noun: string): readonly Candidate[] {
  return ROWS.flatMap(({ words, elsewhere = [], hidden, summary }): readonly Candidate[] => {
    const own = words[0] === noun && words[1] && !hidden ? [words[1]] : [];
    const guests = elsewhere.filter((path) => path.startsWith(`${noun} `));
    return [...own, ...guests.map((path) => path.slice(noun.length + 1))].map((verb) => [verb, summary]);
  });
}
