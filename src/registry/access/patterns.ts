/**
 * Matches a tag or a repository's path against a pattern: `*` stands for anything but a slash, `**` for anything,
 * `?` for one character. Linear in the text: patterns come from people, texts from clients.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern
    .replace(/\*{3,}/g, "**")
    .split(/(\*\*|\*|\?)/)
    .filter((part) => part !== "");
  // positions of the text that the parts so far can end at
  let ends: ReadonlySet<number> = new Set([0]);
  for (const part of parts) {
    ends = advance(part, text, ends);
    if (ends.size === 0) return false;
  }
  return ends.has(text.length);
}

function advance(part: string, text: string, ends: ReadonlySet<number>): ReadonlySet<number> {
  const next = new Set<number>();
  if (part === "*" || part === "**") {
    for (const start of [...ends].sort((one, other) => one - other)) {
      for (let at = start; at <= text.length && !next.has(at); at++) {
        next.add(at);
        if (part === "*" && text[at] === "/") break;
      }
    }
    return next;
  }
  for (const end of ends) {
    if (part === "?") {
      if (end < text.length && text[end] !== "/") next.add(end + 1);
    } else if (text.startsWith(part, end)) next.add(end + part.length);
  }
  return next;
}

export const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => matchesPattern(pattern, text));
