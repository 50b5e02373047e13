const EIGHTHS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * Bars of the last `width` values, one a column, `height` rows from top to bottom, the newest at the right. `top` is
 * the value that fills a bar; what is not nothing is seen.
 */
export function bars(
  values: readonly number[],
  width: number,
  height: number,
  top: number,
): readonly string[] {
  const shown = values.slice(-width);
  const heights = shown.map((value) => {
    const eighths = top > 0 ? Math.round((Math.min(value, top) / top) * height * 8) : 0;
    return value > 0 ? Math.max(1, eighths) : 0;
  });
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    const line = heights.map((eighths) => EIGHTHS[Math.max(0, Math.min(8, eighths - below))]).join("");
    return line.padStart(width);
  });
}

/** The same in one row. */
export const sparkline = (values: readonly number[], width: number, top: number): string =>
  bars(values, width, 1, top)[0] ?? "";
