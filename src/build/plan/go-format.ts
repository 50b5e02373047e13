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

/** Go's text of a duration in nanoseconds: 90 s is "1m30s", half a second "500ms". */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`;
  const seconds = nanoseconds / 1e9;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const rest = Number((seconds - hours * 3600 - minutes * 60).toFixed(9));
  return `${hours ? `${hours}h` : ""}${hours || minutes ? `${minutes}m` : ""}${rest}s`;
}
