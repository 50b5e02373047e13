import { formatTable } from "../src/cli/format/table.ts";

/** One measured thing, ours against theirs or against a fixed limit. */
export interface Row {
  readonly name: string;
  readonly unit: "ms" | "s" | "MB";
  readonly ours: number;
  readonly oursP90?: number;
  readonly reference?: number;
  /** At most this share of the reference's value. */
  readonly ratioLimit?: number;
  /** At most this much. */
  readonly limit?: number;
}

export function passes(row: Row): boolean | undefined {
  if (row.limit !== undefined) return row.ours <= row.limit;
  if (row.ratioLimit === undefined || row.reference === undefined) return undefined;
  return row.ours / row.reference <= row.ratioLimit;
}

const number = (value: number | undefined, unit: string): string =>
  value === undefined ? "-" : `${value.toFixed(unit === "ms" ? 1 : 2)} ${unit}`;

function limitOf(row: Row): string {
  if (row.limit !== undefined) return `<= ${row.limit} ${row.unit}`;
  return row.ratioLimit === undefined ? "-" : `<= ${row.ratioLimit.toFixed(2)} of it`;
}

export function drawTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const ratio = row.reference === undefined ? "-" : (row.ours / row.reference).toFixed(2);
    const verdict = { true: "pass", false: "FAIL", undefined: "-" }[
      String(passes(row)) as "true" | "false" | "undefined"
    ];
    return [
      row.name,
      number(row.ours, row.unit),
      number(row.oursP90, row.unit),
      number(row.reference, row.unit),
      ratio,
      limitOf(row),
      verdict,
    ];
  });
  return formatTable(["", "WHARF", "P90", "REFERENCE", "RATIO", "LIMIT", ""], cells);
}
