const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * JSON as Go's encoder indents it, by `step` for each level. Works on the text: numbers keep all their digits, fields their order and strings
 * their escapes, which parsing and printing would change.
 */
export function indentJson(text: string, step = "    "): string {
  let out = "";
  let depth = 0;
  let opened = false;
  const line = () => `\n${step.repeat(depth)}`;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "}" || token === "]") {
      depth--;
      out += opened ? token : line() + token;
      opened = false;
      continue;
    }
    if (opened) out += line();
    opened = token === "{" || token === "[";
    if (opened) depth++;
    out += token === "," ? `,${line()}` : token === ":" ? ": " : token;
  }
  return out;
}

/** The same text without blanks between its tokens. */
export const compactJson = (text: string): string =>
  [...text.matchAll(TOKEN)].map(([token]) => token).join("");
