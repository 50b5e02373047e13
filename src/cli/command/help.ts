import { GROUPS, NOUNS, type Noun, ROWS, type Row } from "../catalog/index.ts";
import { bool, type FlagTable } from "../flags/flag.ts";
import { GLOBAL_FLAGS } from "../flags/global.ts";
import { flagUsages } from "../flags/help.ts";
import type { CommandModule } from "./command.ts";

export const PROGRAM = "wharf";

type Line = readonly [name: string, summary: string];

function section(title: string, lines: readonly Line[]): string {
  const width = Math.max(11, ...lines.map(([name]) => name.length));
  return `${title}:\n${lines.map(([name, summary]) => `  ${name.padEnd(width)} ${summary}`).join("\n")}\n`;
}

const linesOf = (names: readonly string[]): readonly Line[] =>
  names.map((name) => [name, NOUNS[name]?.summary ?? rowOf(name)?.summary ?? ""]);
const rowOf = (name: string): Row | undefined =>
  ROWS.find(({ words, top = [] }) => top.includes(name) || (words[1] === undefined && words[0] === name));

/** What `wharf --help` says. */
export function rootHelp(columns: number): string {
  const sections = GROUPS.map(([title, names]) => section(title, linesOf(names))).join("\n");
  const flags = flagUsages(GLOBAL_FLAGS, columns);
  return `Usage:  ${PROGRAM} [OPTIONS] COMMAND

A container engine that speaks Docker's API

${sections}
Global Options:
${flags}
Run '${PROGRAM} COMMAND --help' for more information on a command.
`;
}

export function nounHelp(name: string, { summary, about }: Noun): string {
  const rows = ROWS.filter(({ words, hidden }) => words[0] === name && words[1] !== undefined && !hidden);
  const own = rows.map(({ words, summary: text }): Line => [words[1] ?? "", text]);
  const guests = ROWS.flatMap(({ elsewhere = [], summary: text }) =>
    elsewhere
      .filter((path) => path.startsWith(`${name} `))
      .map((path): Line => [path.slice(name.length + 1), text]),
  );
  const lines = [...own, ...guests];
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  const verbs = sorted.length > 0 ? `\n${section("Commands", sorted)}` : "";
  return `Usage:  ${PROGRAM} ${name} COMMAND

${about ?? summary}
${verbs}
Run '${PROGRAM} ${name} COMMAND --help' for more information on a command.
`;
}

/** The usage lines of a command called by `path` ("wharf ps"). */
export const usageLine = (row: Row, path: string): string =>
  `Usage:  ${row.usage
    .split("\n")
    .map((line) => `${path} ${line}`.trimEnd())
    .join("\n\t")}`;

const HELP_FLAG = bool("", "Print usage");

export function commandHelp(row: Row, module: CommandModule, path: string, columns: number): string {
  const names = aliases(row);
  // Where -h means something else, help has its own line
  const ownH = Object.values(module.flags).some(({ short }) => short === "h");
  const flags: FlagTable = ownH ? { ...module.flags, help: HELP_FLAG } : module.flags;
  const shown = Object.values(flags).some(({ hidden, deprecated }) => !hidden && deprecated === undefined);
  const parts = [usageLine(row, path), module.about ?? row.summary];
  if (names.length > 1) parts.push(`Aliases:\n  ${names.join(", ")}`);
  if (shown) parts.push(`Options:\n${flagUsages(flags, columns).trimEnd()}`);
  return `${parts.join("\n\n")}\n`;
}

/** Every way to call it. */
export function aliases({
  words: [noun, verb],
  also = [],
  top = [],
  elsewhere = [],
}: Row): readonly string[] {
  const verbs = verb === undefined ? [] : [verb, ...also].map((name) => `${PROGRAM} ${noun} ${name}`);
  const own = verb === undefined ? [`${PROGRAM} ${noun}`] : [];
  return [
    ...own,
    ...verbs,
    ...top.map((name) => `${PROGRAM} ${name}`),
    ...elsewhere.map((path) => `${PROGRAM} ${path}`),
  ];
}
