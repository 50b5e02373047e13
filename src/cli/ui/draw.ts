import type { Canvas } from "../screen/canvas.ts";
import { columnsOf } from "../screen/width.ts";
import type { Rect } from "./layout.ts";
import type { Line } from "./pane.ts";

/** Pieces one behind the other; gives the column behind them. */
export function putLine(canvas: Canvas, x: number, y: number, line: Line, width: number): number {
  let at = x;
  for (const [text, style] of line) {
    if (at >= x + width) break;
    canvas.put(at, y, text, style, x + width - at);
    at += columnsOf(text);
  }
  return Math.min(at, x + width);
}

/** A box with its title in the upper edge. */
export function frame(canvas: Canvas, { x, y, width, height }: Rect, title: Line, isActive: boolean): void {
  canvas.box(x, y, width, height, isActive ? "active" : "border");
  if (title.length > 0) putLine(canvas, x + 2, y, [[" ", ""], ...title, [" ", ""]], width - 4);
}
