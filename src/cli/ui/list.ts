import { formatMemory } from "../format/units.ts";
import type { Canvas } from "../screen/canvas.ts";
import { sparkline } from "../screen/chart.ts";
import { fit, fitRight } from "../screen/width.ts";
import { frame, putLine } from "./draw.ts";
import { firstShown, listHeight, type Rect } from "./layout.ts";
import type { Line } from "./pane.ts";
import { COLUMNS, chosenRow, type Row, rowsOf } from "./rows.ts";
import type { State } from "./state.ts";

const CPU = 5;
const MEMORY = 6;
const SPARK = 8;
const NAME = 12;

/** Which columns there is room for, beside a name that can be told from others. */
function columnsShown(state: State, width: number): readonly number[] {
  const measured = state.panel === "containers" ? CPU + MEMORY + 2 : 0;
  let left = width - 2 - NAME - measured;
  const shown: number[] = [];
  for (const [index, [, columns]] of COLUMNS[state.panel].entries()) {
    if (left < columns + 1) break;
    shown.push(index);
    left -= columns + 1;
  }
  return shown;
}

/** The rows of the panel that is shown, in their frame. */
export function drawList(canvas: Canvas, state: State, rect: Rect): void {
  const filter = state.filter !== "" || state.isTyping;
  const isHere = state.focus === "list";
  const title: Line =
    filter && isHere
      ? [
          ["/", "key"],
          [state.filter, ""],
          [state.isTyping ? "▏" : "", "key"],
        ]
      : [];
  frame(canvas, rect, title, isHere);
  const inner = { x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 2 };
  const rows = rowsOf(state);
  const chosen = rows.findIndex(({ id }) => id === chosenRow(state)?.id);
  const height = listHeight({ list: rect, pane: undefined });
  const first = firstShown(chosen, rows.length, height);
  const shown = columnsShown(state, inner.width);
  const fixed = shown.reduce((sum, index) => sum + (COLUMNS[state.panel][index]?.[1] ?? 0) + 1, 0);
  const isContainers = state.panel === "containers";
  const measured = isContainers ? CPU + MEMORY + 2 : 0;
  const spark = isContainers && inner.width - 2 - fixed - measured - SPARK - 1 >= NAME + 2 ? SPARK + 1 : 0;
  const name = Math.max(4, inner.width - 2 - fixed - measured - spark);
  const header = [
    fit("  NAME", name + 2),
    ...shown.map((index) => ` ${fit(...headingOf(state, index))}`),
    spark ? " ".repeat(spark) : "",
    isContainers ? ` ${fitRight("CPU", CPU)} ${fitRight("MEM", MEMORY)}` : "",
  ].join("");
  canvas.put(inner.x, inner.y, header, "dim", inner.width);
  for (const [index, row] of rows.slice(first, first + height).entries()) {
    const y = inner.y + 1 + index;
    const cells = shown.map(
      (column) => ` ${fit(row.cells[column] ?? "", COLUMNS[state.panel][column]?.[1] ?? 0)}`,
    );
    const line: Line = [
      [row.mark === "off" ? "○ " : "● ", row.mark],
      [fit(row.name, name), row.mark === "off" ? "dim" : ""],
      [cells.join(""), "dim"],
      ...(isContainers ? measuredOf(state, row, spark) : []),
    ];
    putLine(canvas, inner.x, y, line, inner.width);
    if (first + index === chosen) canvas.select(inner.x, y, inner.width);
  }
  if (rows.length === 0) canvas.put(inner.x + 2, inner.y + 1, emptyText(state), "dim", inner.width - 2);
}

function headingOf(state: State, index: number): [string, number] {
  const [title, width] = COLUMNS[state.panel][index] ?? ["", 0];
  return [title, width];
}

function emptyText(state: State): string {
  if (state.link !== "up") return state.reason || "…";
  return state.filter === "" ? `no ${state.panel}` : "nothing fits the filter";
}

/** What is measured of a container that runs, with the last seconds of its processor. */
function measuredOf({ stats }: State, { id }: Row, spark: number): Line {
  const history = stats.get(id);
  const blank = " ".repeat(spark);
  if (!history) return [[`${blank} ${fitRight("-", CPU)} ${fitRight("-", MEMORY)}`, "dim"]];
  const percent = history.cpu.at(-1) ?? 0;
  const memory = formatMemory(history.memory.at(-1) ?? 0).replace("iB", "");
  const graph = spark ? ` ${sparkline(history.cpu, SPARK, Math.max(10, ...history.cpu.slice(-SPARK)))}` : "";
  return [
    [graph, "cpu"],
    [` ${fitRight(`${percent.toFixed(percent < 99.95 ? 1 : 0)}%`, CPU)}`, percent >= 80 ? "warn" : ""],
    [` ${fitRight(memory, MEMORY)}`, ""],
  ];
}
