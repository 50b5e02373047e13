/** Drawn two columns wide (Unicode's East_Asian_Width W and F, and what is shown as a picture). */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
/** Belongs to the character before it. */
const COMBINING = /\p{Mn}|\p{Me}/u;
/** Has no picture, or makes another one of its neighbours than terminals agree on. */
const INVISIBLE = /\p{Cc}|\p{Cf}|\u2028|\u2029|\ufe0f/gu;

/** Characters as they stand in the columns of a terminal, each with what belongs to it; nothing that a terminal obeys. */
export function* glyphs(text: string): Generator<readonly [glyph: string, width: 1 | 2]> {
  if (/^[ -~]*$/.test(text)) {
    for (const character of text) yield [character, 1];
    return;
  }
  let glyph = "";
  for (const character of text.replace(INVISIBLE, "")) {
    if (COMBINING.test(character)) {
      if (glyph !== "") glyph += character;
      continue;
    }
    if (glyph !== "") yield [glyph, widthOf(glyph)];
    glyph = character;
  }
  if (glyph !== "") yield [glyph, widthOf(glyph)];
}

const widthOf = (glyph: string): 1 | 2 => (WIDE.test(glyph) ? 2 : 1);

/** Columns that a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const [, width] of glyphs(text)) columns += width;
  return columns;
}

/** At most so many columns of it, "…" standing for what is left out. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let shown = "";
  let left = columns - 1;
  for (const [glyph, width] of glyphs(text)) {
    if (width > left) break;
    shown += glyph;
    left -= width;
  }
  return columns > 0 ? `${shown}…` : "";
}

/** Exactly so many columns, cut or filled at its end. */
export function fit(text: string, columns: number): string {
  const shown = cut(text, columns);
  return shown + " ".repeat(Math.max(0, columns - columnsOf(shown)));
}

/** The same, filled at its beginning. */
export function fitRight(text: string, columns: number): string {
  const shown = cut(text, columns);
  return " ".repeat(Math.max(0, columns - columnsOf(shown))) + shown;
}

/** A text as lines of at most so many columns, parted at blanks where that leaves no line half empty. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const [glyph, width] of glyphs(text)) {
    if (used + width > columns) {
      const blank = line.lastIndexOf(" ") + 1;
      const end = glyph !== " " && blank > line.length / 2 ? blank : line.length;
      lines.push(line.slice(0, end));
      line = line.slice(end);
      used = columnsOf(line);
    }
    line += glyph;
    used += width;
  }
  return [...lines, line];
}
