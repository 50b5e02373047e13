import type { WhyAnswer } from "../../api/schema/own/why.ts";
import { paint, type Screen } from "../tty/style.ts";

const indented = (lines: readonly string[], by: string): string =>
  lines.map((line) => `${by}${line}\n`).join("");

/** An explanation as people read it: the sentence, by what it can be told, the last words, and what to do. */
export function drawWhy(screen: Screen, { Summary, Evidence, Log, Advice, Well }: WhyAnswer): string {
  const width = Math.max(0, ...Evidence.map(({ Name }) => Name.length));
  const facts = Evidence.map(({ Name, Text }) => `${paint(screen, "dim", Name.padEnd(width))}  ${Text}`);
  const todo = Advice.flatMap(({ Text, Command }) => [
    Command === "" ? Text : `${Text}:`,
    ...(Command === "" ? [] : [`    ${paint(screen, "cyan", Command)}`]),
  ]);
  const part = (title: string, lines: readonly string[], by: string) =>
    lines.length === 0 ? "" : `\n${title === "" ? "" : `${title}\n`}${indented(lines, by)}`;
  return [
    `${paint(screen, Well ? "green" : "bold", Summary)}\n`,
    part("", facts, "  "),
    part("The last lines of its log:", Log, `  ${paint(screen, "dim", "|")} `),
    part("What to do:", todo, "  "),
  ].join("");
}
