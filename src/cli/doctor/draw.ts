import { paint, type Screen, type Style } from "../tty/style.ts";
import type { Section } from "./examine.ts";
import type { Finding, State } from "./finding.ts";

const MARKS: Readonly<Record<State, readonly [text: string, style: Style]>> = {
  ok: ["ok  ", "green"],
  warn: ["warn", "yellow"],
  fail: ["FAIL", "red"],
  unseen: ["-   ", "dim"],
};

function lines(
  screen: Screen,
  { name, state, text, breaks, mend }: Finding,
  width: number,
): readonly string[] {
  const [mark, style] = MARKS[state];
  const under = " ".repeat(width + 10);
  return [
    `  ${paint(screen, style, mark)}  ${name.padEnd(width)}  ${text}`,
    ...(breaks ? [`${under}${paint(screen, "dim", "breaks:")} ${breaks}`] : []),
    ...(mend ? [`${under}${paint(screen, "dim", "mend:  ")} ${paint(screen, "cyan", mend)}`] : []),
  ];
}

export const countOf = (sections: readonly Section[], state: State): number =>
  sections.flatMap(({ findings }) => findings).filter((finding) => finding.state === state).length;

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function verdict(sections: readonly Section[], root: boolean): string {
  const [fine, warned, failed, dark] = (["ok", "warn", "fail", "unseen"] as const).map((state) =>
    countOf(sections, state),
  );
  const parts = [
    counted(failed ?? 0, "failure", "failures"),
    counted(warned ?? 0, "warning", "warnings"),
    `${fine} fine`,
    ...(dark ? [`${dark} not seen${root ? "" : " (as root more can be)"}`] : []),
  ];
  return parts.join(", ");
}

/** All sections as a table, and what they come to. */
export function drawSections(screen: Screen, sections: readonly Section[], root: boolean): string {
  const width = Math.max(...sections.flatMap(({ findings }) => findings.map(({ name }) => name.length)));
  const text = sections.flatMap(({ name, findings }) => [
    paint(screen, "bold", name),
    ...findings.flatMap((finding) => lines(screen, finding, width)),
    "",
  ]);
  return `${text.join("\n")}\n${verdict(sections, root)}\n`;
}
