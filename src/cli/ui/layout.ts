import type { State } from "./state.ts";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly list: Rect | undefined;
  readonly pane: Rect | undefined;
}

/** Rows above: name and engine, tabs. */
export const HEAD = 2;
/** Rows below: keys and messages. */
const FOOT = 1;
/** Narrower than this, list and pane have the screen in turns. */
const BESIDE = 72;

/** Where list and pane are, frames included. */
export function layoutOf({ columns, rows, focus }: Pick<State, "columns" | "rows" | "focus">): Layout {
  const height = Math.max(0, rows - HEAD - FOOT);
  const whole = { x: 0, y: HEAD, width: columns, height };
  if (columns < BESIDE)
    return focus === "list" ? { list: whole, pane: undefined } : { list: undefined, pane: whole };
  const width = Math.max(38, Math.min(64, Math.floor(columns * 0.42)));
  return {
    list: { ...whole, width },
    pane: { ...whole, x: width, width: columns - width },
  };
}

/** Rows of a list that are on the screen: without its frame and its header. */
export const listHeight = ({ list }: Layout): number => Math.max(1, (list?.height ?? 0) - 3);
/** Lines of a pane that are on the screen: without its frame. */
export const paneHeight = ({ pane }: Layout): number => Math.max(1, (pane?.height ?? 0) - 2);

/** The first row that is shown of so many, so that the chosen one is seen, in the middle where there is more. */
export function firstShown(chosen: number, count: number, height: number): number {
  return Math.max(0, Math.min(chosen - Math.floor(height / 2), count - height));
}
