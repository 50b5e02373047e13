/** Go's `%q` of a string, for history entries in Docker's words. */
export const goQuote = (text: string): string =>
  JSON.stringify(text)
    .replace(/\\u00([0-1][0-9a-f])/g, "\\x$1")
    .replace(/\\b/g, "\\b");

/** Go's `%q` of a list: ["a" "b"]. */
export const goQuoteList = (words: readonly string[]): string => `[${words.map(goQuote).join(" ")}]`;

const ESCAPES: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  39: "\\'",
  92: "\\\\",
};

/** Go's `%q` of a small number: a character in single quotes. */
export function goQuoteRune(code: number): string {
  const escaped =
    ESCAPES[code] ?? (code < 32 || code === 127 ? `\\x${code.toString(16).padStart(2, "0")}` : undefined);
  return `'${escaped ?? String.fromCodePoint(Math.min(code, 0x10ffff))}'`;
}
