const MIN_WIDTH = 10;
const PADDING = 3;

/** Columns of a terminal that text takes; as Go's tabwriter, every character counts as one. */
const widthOf = (text: string): number => (/^[\0-\x7f]*$/.test(text) ? text.length : [...text].length);

export interface Layout {
  readonly minWidth?: number;
  readonly padding?: number;
}

/**
 * Lays out lines whose cells end in tabs, as Go's text/tabwriter does for docker's tables. A column is made of
 * neighbouring lines that have it: a line with fewer cells ends it. What stands behind a line's last tab is in none.
 */
export function layOut(text: string, { minWidth = MIN_WIDTH, padding = PADDING }: Layout = {}): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const out = lines.map(() => "");
  const has = (index: number, column: number) => column < (lines[index]?.length ?? 0) - 1;
  const place = (from: number, to: number, column: number): void => {
    for (let start = from; start < to; start++) {
      if (!has(start, column)) continue;
      let end = start;
      let width = minWidth;
      for (; end < to && has(end, column); end++)
        width = Math.max(width, widthOf(lines[end]?.[column] ?? "") + padding);
      for (let index = start; index < end; index++) {
        const cell = lines[index]?.[column] ?? "";
        out[index] += cell + " ".repeat(width - widthOf(cell));
      }
      place(start, end, column + 1);
      start = end - 1;
    }
  };
  place(0, lines.length, 0);
  return lines.map((cells, index) => out[index] + (cells.at(-1) ?? "")).join("\n");
}
