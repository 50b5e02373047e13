import { stripVTControlCharacters } from "node:util";

/** What moves the cursor, changes colours or turns the direction of writing round. */
const CONTROL = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ESCAPE = "\x1b";
const COLOUR = new RegExp(`(${ESCAPE}\\[[\\d;:]*m)`);
const TAB = "    ";

/** Text of strangers (logs, names, commands) without anything that a terminal obeys. Tabs become blanks. */
export const plainText = (text: string): string =>
  /^[ -~]*$/.test(text)
    ? text
    : stripVTControlCharacters(text)
        .replaceAll("\t", TAB)
        .replace(CONTROL, (mark) => (mark === "\n" ? " " : ""));

/** The same with its colours left in, and ended at the end of the text. */
export function colouredText(text: string): string {
  if (!text.includes(ESCAPE)) return plainText(text);
  const parts = text.split(COLOUR);
  return `${parts.map((part, index) => (index % 2 === 1 ? part : plainText(part))).join("")}${ESCAPE}[0m`;
}
