import type { Flag, FlagTable } from "./flag.ts";

/** The table of flags in help, laid out and wrapped as docker's (pflag) is. `columns`: width of the terminal. */
export function flagUsages(flags: FlagTable, columns: number): string {
  const rows = Object.entries(flags)
    .filter(([, { hidden, deprecated }]) => !hidden && deprecated === undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => ({ head: headOf(name, flag), text: textOf(flag) }));
  // one more than the longest head, and a blank on either side: where the text begins
  const indent = Math.max(...rows.map(({ head }) => head.length)) + 3;
  return rows.map(({ head, text }) => `${head.padEnd(indent)}${wrap(text, indent, columns)}\n`).join("");
}

function headOf(name: string, { short, type }: Flag<unknown>): string {
  const names = short ? `  -${short}, --${name}` : `      --${name}`;
  return type ? `${names} ${type}` : names;
}

const textOf = ({ usage, shownDefault }: Flag<unknown>): string =>
  shownDefault === undefined ? usage : `${usage} (default ${shownDefault})`;

const NARROWEST = 24;
const SLOP = 5;

function wrap(text: string, indent: number, columns: number): string {
  const deep = columns - indent < NARROWEST ? 16 : indent;
  const width = columns - deep;
  const blanks = `\n${" ".repeat(deep)}`;
  const start = deep === indent ? "" : blanks;
  if (width < NARROWEST) return text.replaceAll("\n", start);
  const lines: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const [line, after] = cut(rest, width - SLOP);
    lines.push(line.replaceAll("\n", blanks));
    rest = after;
  }
  return start + lines.join(blanks);
}

/** The longest beginning that fits, cut at a blank or line feed; a word that is too long stays whole with the rest. */
function cut(text: string, width: number): readonly [string, string] {
  if (width + SLOP > text.length) return [text, ""];
  const part = text.slice(0, width);
  const blank = Math.max(part.lastIndexOf(" "), part.lastIndexOf("\t"), part.lastIndexOf("\n"));
  if (blank <= 0) return [text, ""];
  const feed = part.lastIndexOf("\n");
  const at = feed > 0 && feed < blank ? feed : blank;
  return [text.slice(0, at), text.slice(at + 1)];
}
