import type { Command } from "commander";

/** Directives of cobra's protocol: files may stand here, or nothing else. */
const [FILES, NO_FILES] = [0, 4];

/**
 * Answers a shell's script: what may stand at the end of `wharf registry WORD...`, one candidate a line with what it is
 * behind a tab, then the directive. `told`: with descriptions.
 */
export function completions(program: Command, words: readonly string[], told: boolean): string {
  const word = words.at(-1) ?? "";
  let command = program;
  let before = "";
  for (const name of words.slice(0, -1)) {
    command = command.commands.find((one) => one.name() === name) ?? command;
    before = name;
  }
  const takesValue = command.options.find(
    ({ long, short }) => before !== "" && [long, short].includes(before),
  );
  if (takesValue?.required) return candidates(takesValue.argChoices ?? [], FILES);
  const names = word.startsWith("-")
    ? command.options.flatMap(({ long, description, hidden }) =>
        long && !hidden ? [told ? `${long}\t${description}` : long] : [],
      )
    : command.commands.map((one) => (told ? `${one.name()}\t${one.description()}` : one.name()));
  const fits = names.filter((name) => name.startsWith(word));
  return candidates(fits, command.commands.length > 0 || word.startsWith("-") ? NO_FILES : FILES);
}

const candidates = (lines: readonly string[], directive: number): string =>
  `${lines.map((line) => `${line}\n`).join("")}:${directive}\n`;
