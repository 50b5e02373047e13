import { cut, glyphs } from "./width.ts";

/** One column of a row. The second column of a wide character has no text. */
interface Cell {
  readonly text: string;
  readonly style: string;
  readonly isSelected: boolean;
}

const BLANK: Cell = { text: " ", style: "", isSelected: false };
const same = (a: Cell | undefined, b: Cell | undefined): boolean =>
  a?.text === b?.text && a?.style === b?.style && a?.isSelected === b?.isSelected;

/**
 * For each style the parameters of its "Select Graphic Rendition". Where a row is chosen, `selected` stands for all of
 * them but those that have one of their own ("good selected").
 */
export type Theme = Readonly<Record<string, string>> & { readonly selected: string };

/** A picture of the terminal, drawn from styles by name. Nothing is drawn outside of it. */
export class Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly #cells: Cell[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#cells = new Array<Cell>(columns * rows).fill(BLANK);
  }

  /** Writes a text from a place on, cut to a width. */
  put(x: number, y: number, text: string, style = "", width = this.columns - x): void {
    let column = x;
    const end = Math.min(this.columns, x + width);
    for (const [glyph, taken] of glyphs(cut(text, end - x))) {
      if (column + taken > end) return;
      const isWhole = column >= 0;
      this.#set(column, y, { text: glyph, style, isSelected: false });
      if (taken === 2) this.#set(column + 1, y, { text: isWhole ? "" : " ", style, isSelected: false });
      column += taken;
    }
  }

  /** Blanks. */
  clear(x: number, y: number, width: number, height: number): void {
    for (let row = y; row < y + height; row++)
      for (let column = x; column < x + width; column++) this.#set(column, row, BLANK);
  }

  /** A frame with rounded corners; inside it stays as it is. */
  box(x: number, y: number, width: number, height: number, style: string): void {
    if (width < 2 || height < 2) return;
    const bar = "─".repeat(width - 2);
    this.put(x, y, `╭${bar}╮`, style);
    this.put(x, y + height - 1, `╰${bar}╯`, style);
    for (let row = y + 1; row < y + height - 1; row++) {
      this.put(x, row, "│", style);
      this.put(x + width - 1, row, "│", style);
    }
  }

  /** Shows a part of a row as chosen, with the styles it has. */
  select(x: number, y: number, width: number): void {
    for (let column = x; column < x + width; column++) {
      const cell = this.#at(column, y);
      if (cell) this.#cells[y * this.columns + column] = { ...cell, isSelected: true };
    }
  }

  /** Rows as text, without styles and blanks at their ends. */
  lines(): readonly string[] {
    return Array.from({ length: this.rows }, (_, y) =>
      this.#cells
        .slice(y * this.columns, (y + 1) * this.columns)
        .map(({ text }) => text)
        .join("")
        .trimEnd(),
    );
  }

  /** What a terminal is told that shows `before`, so that it shows this. */
  changesFrom(before: Canvas | undefined, theme: Theme): string {
    const known = before?.columns === this.columns && before.rows === this.rows ? before : undefined;
    const out: string[] = known ? [] : ["\x1b[0m\x1b[2J"];
    let style: string | undefined;
    for (let y = 0; y < this.rows; y++) {
      let at = -1;
      for (let x = 0; x < this.columns; x++) {
        const cell = this.#at(x, y) ?? BLANK;
        if (same(cell, known ? known.#at(x, y) : BLANK) || cell.text === "") continue;
        if (at !== x) out.push(`\x1b[${y + 1};${x + 1}H`);
        const wanted = renditionOf(cell, theme);
        if (wanted !== style) out.push(`\x1b[0${wanted}m`);
        style = wanted;
        out.push(cell.text);
        at = x + (this.#at(x + 1, y)?.text === "" ? 2 : 1);
      }
    }
    if (style) out.push("\x1b[0m");
    return out.join("");
  }

  #at(x: number, y: number): Cell | undefined {
    return x < 0 || x >= this.columns ? undefined : this.#cells[y * this.columns + x];
  }

  #set(x: number, y: number, cell: Cell): void {
    if (x < 0 || y < 0 || x >= this.columns || y >= this.rows) return;
    // Half of a wide character is none.
    if (cell.text !== "" && this.#at(x, y)?.text === "") this.#cells[y * this.columns + x - 1] = BLANK;
    if (this.#at(x + 1, y)?.text === "") this.#cells[y * this.columns + x + 1] = BLANK;
    this.#cells[y * this.columns + x] = cell;
  }
}

function renditionOf({ style, isSelected }: Cell, theme: Theme): string {
  const rendition = isSelected ? (theme[`${style} selected`] ?? theme.selected) : theme[style];
  return rendition ? `;${rendition}` : "";
}
