import { VERSION } from "../../src/base/version.ts";
import { GROUPS, NOUNS, ROWS, type Row } from "../../src/cli/catalog/index.ts";
import type { CommandModule } from "../../src/cli/command/command.ts";
import { aliases } from "../../src/cli/command/help.ts";
import type { FlagTable } from "../../src/cli/flags/flag.ts";
import { GLOBAL_FLAGS } from "../../src/cli/flags/global.ts";
import { type Item, items, page, prose, references, section, subsection, synopsis } from "./roff.ts";

const VOLUME = 1;
const PROGRAM = "wharf";

/** Files by their names, relative to the folder of manual pages. */
export type Pages = ReadonlyMap<string, string>;

const fileOf = (name: string): string => `man${VOLUME}/${name}.${VOLUME}`;
const nameOf = (path: string): string => path.replaceAll(" ", "-");

/** A page for each command and noun, one for `wharf`, and for each other name of a command a reference to its page. */
export async function commandPages(): Promise<Pages> {
  const pages = new Map<string, string>();
  pages.set(fileOf(PROGRAM), rootPage());
  for (const [noun, { summary, about, unserved }] of Object.entries(NOUNS)) {
    if (unserved !== undefined) continue;
    pages.set(fileOf(`${PROGRAM}-${noun}`), nounPage(noun, summary, about));
  }
  for (const row of ROWS.filter(({ hidden }) => !hidden)) {
    const [own = "", ...others] = aliases(row).map(nameOf);
    pages.set(fileOf(own), commandPage(row, (await row.load()).default));
    for (const other of others)
      if (!pages.has(fileOf(other))) pages.set(fileOf(other), `.so ${fileOf(own)}\n`);
  }
  return pages;
}

/** Flags as help shows them, in the order of their names. */
function flagItems(flags: FlagTable): string {
  const shown = Object.entries(flags).filter(
    ([, { hidden, deprecated }]) => !hidden && deprecated === undefined,
  );
  return items(
    shown
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { short, type, usage, shownDefault }]): Item => {
        const term = short ? `-${short}, --${name}` : `--${name}`;
        const text = shownDefault === undefined ? usage : `${usage} (default ${shownDefault})`;
        return { term, value: type, text };
      }),
  );
}

function commandPage(row: Row, module: CommandModule): string {
  const [path = "", ...others] = aliases(row);
  const [noun, verb] = row.words;
  const flags = Object.keys(module.flags).length > 0 ? [section("OPTIONS", flagItems(module.flags))] : [];
  const alias = others.length > 0 ? [section("OTHER NAMES", prose([path, ...others].join("\n")))] : [];
  const above = verb === undefined ? [] : [[`${PROGRAM}-${noun}`, VOLUME] as const];
  return page(nameOf(path), VOLUME, row.summary, VERSION, [
    section("SYNOPSIS", synopsis(path, row.usage.split("\n"))),
    section("DESCRIPTION", prose(module.about ?? row.summary)),
    ...flags,
    ...alias,
    section("SEE ALSO", references([[PROGRAM, VOLUME], ...above, ["wharfd", 8]])),
  ]);
}

function nounPage(noun: string, summary: string, about = summary): string {
  const own = ROWS.filter(({ words, hidden }) => words[0] === noun && words[1] && !hidden);
  const verbs = own.map(
    ({ words, summary: text }): Item => ({ term: `${PROGRAM} ${noun} ${words[1]}`, text }),
  );
  return page(`${PROGRAM}-${noun}`, VOLUME, summary, VERSION, [
    section("SYNOPSIS", synopsis(`${PROGRAM} ${noun}`, ["COMMAND"])),
    section("DESCRIPTION", prose(about)),
    section("COMMANDS", items([...verbs].sort((a, b) => (a.term < b.term ? -1 : 1)))),
    section(
      "SEE ALSO",
      references([
        [PROGRAM, VOLUME],
        ...own.map(({ words }) => [nameOf(`${PROGRAM} ${words.join(" ")}`), VOLUME] as const),
      ]),
    ),
  ]);
}

const ENVIRONMENT: readonly Item[] = [
  {
    term: "WHARF_HOST, DOCKER_HOST",
    text: "The engine to talk to, when neither --host nor --context says it.",
  },
  { term: "DOCKER_CONTEXT", text: "The context to use." },
  { term: "DOCKER_CONFIG", text: "The folder of config.json and contexts; ~/.docker when it is not set." },
  {
    term: "DOCKER_TLS_VERIFY, DOCKER_CERT_PATH",
    text: "TLS for tcp addresses, and where its certificates are.",
  },
  { term: "DOCKER_API_VERSION", text: "The version of the API to speak." },
  { term: "NO_COLOR", text: "Any value but the empty one: no colours." },
  { term: "WHARF_DEBUG", text: "1 adds the stack to an error." },
];

const FILES: readonly Item[] = [
  { term: "~/.docker/config.json", text: "Settings of the command, and credentials or who keeps them." },
  { term: "~/.docker/contexts", text: "Contexts." },
  { term: "/run/wharf/wharf.sock", text: "The socket of this machine's engine." },
];

const EXIT: readonly Item[] = [
  { term: "0", text: "All went well." },
  { term: "1", text: "Something went wrong, and was said." },
  { term: "125", text: "The command line could not be read; of run: the container could not be made." },
  { term: "126, 127", text: "Of run: the container's command could not be called, or was not found." },
  {
    term: "others",
    text: "Of run, exec, start -a and attach: what the process in the container ended with.",
  },
];

function rootPage(): string {
  const groups = GROUPS.map(([title, names]) => {
    const list = names.flatMap((name): readonly Item[] => {
      const row = ROWS.find(({ words, top }) => top?.includes(name) || (!words[1] && words[0] === name));
      const summary = NOUNS[name]?.summary ?? row?.summary ?? "";
      return NOUNS[name]?.unserved ? [] : [{ term: `${PROGRAM} ${name}`, text: summary }];
    });
    return list.length > 0 ? subsection(title, items(list)) : "";
  });
  return page(PROGRAM, VOLUME, "containers, images, networks and volumes", VERSION, [
    section("SYNOPSIS", synopsis(PROGRAM, ["[OPTIONS] COMMAND [ARG...]"])),
    section(
      "DESCRIPTION",
      prose(
        "The command line of a container engine that speaks Docker's API. It takes what the docker command takes: the same commands, flags, arguments, tables and exit codes. Each command has a page of its own: wharf-run(1) is that of wharf run.",
      ),
    ),
    section("OPTIONS", flagItems(homeless(GLOBAL_FLAGS))),
    section("COMMANDS", groups.filter((group) => group !== "").join("\n")),
    section("EXIT STATUS", items(EXIT)),
    section("ENVIRONMENT", items(ENVIRONMENT)),
    section("FILES", items(FILES)),
    section(
      "SEE ALSO",
      references([
        ["wharfd", 8],
        ["wharf-daemon.json", 5],
      ]),
    ),
  ]);
}

/** Defaults below somebody's home are everybody's in a page. */
const homeless = (flags: FlagTable): FlagTable =>
  Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      flag.shownDefault?.includes("/.docker")
        ? { ...flag, shownDefault: flag.shownDefault.replace(/^"[^"]*?\/\.docker/, '"~/.docker') }
        : flag,
    ]),
  );
