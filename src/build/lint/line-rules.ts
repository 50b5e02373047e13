import type { LogicalLine } from "../dockerfile/index.ts";
import type { Finding } from "./lint.ts";

const RESERVED = ["context", "scratch"];
const wordOf = (line: LogicalLine): string => /^\S+/.exec(line.text)?.[0] ?? "";

type Casing = "lowercase" | "uppercase" | "mixed";
const casingOf = (word: string): Casing =>
  word === word.toLowerCase() ? "lowercase" : word === word.toUpperCase() ? "uppercase" : "mixed";

/** What can be seen by how lines are written. */
export function lineRules(lines: readonly LogicalLine[]): readonly Finding[] {
  return [...lines.flatMap(lineFindings), ...casingFindings(lines)];
}

function lineFindings(line: LogicalLine): readonly Finding[] {
  const found: Finding[] = [];
  const add = (rule: string, message: string) => found.push({ rule, message, at: line });
  const word = wordOf(line);
  const kind = word.toUpperCase();
  if (line.hasGap) add("NoEmptyContinuation", "Empty continuation line");
  if (kind === "MAINTAINER")
    add("MaintainerDeprecated", "Maintainer instruction is deprecated in favor of using label");
  if (kind === "FROM") fromFindings(line, word, add);
  if ((kind === "ENV" || kind === "LABEL") && isLegacyPair(line.text.slice(word.length).trim()))
    add(
      "LegacyKeyValueFormat",
      `"${kind} key=value" should be used instead of legacy "${kind} key value" format`,
    );
  return found;
}

const isLegacyPair = (rest: string): boolean =>
  !/^(?:"[^"]*"|'[^']*'|[^\s=])+=/.test(rest) && /\s/.test(rest);

function fromFindings(line: LogicalLine, word: string, add: (rule: string, message: string) => void): void {
  const match = /\s(as)\s+(\S+)$/i.exec(line.text);
  if (!match) return;
  const [, as = "", name = ""] = match;
  if (casingOf(as) !== casingOf(word))
    add("FromAsCasing", `'${as}' and '${word}' keywords' casing do not match`);
  if (name !== name.toLowerCase()) add("StageNameCasing", `Stage name '${name}' should be lowercase`);
  if (RESERVED.includes(name.toLowerCase())) {
    add(
      "ReservedStageName",
      `Stage name should not use the same name as reserved stage "${name.toLowerCase()}"`,
    );
  }
}

function casingFindings(lines: readonly LogicalLine[]): readonly Finding[] {
  const words = lines.map((line) => ({ line, word: wordOf(line) }));
  const lower = words.filter(({ word }) => casingOf(word) === "lowercase").length;
  const upper = words.filter(({ word }) => casingOf(word) === "uppercase").length;
  const majority: Casing = lower > upper ? "lowercase" : "uppercase";
  return words
    .filter(({ word }) => casingOf(word) !== majority)
    .map(({ line, word }) => ({
      rule: "ConsistentInstructionCasing",
      message: `Command '${word}' should match the case of the command majority (${majority})`,
      at: line,
    }));
}
