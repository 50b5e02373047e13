import { formatMemory } from "../format/units.ts";
import { Canvas } from "../screen/canvas.ts";
import { sparkline } from "../screen/chart.ts";
import { columnsOf, cut, fit, fitRight, wrap } from "../screen/width.ts";
import { firstShown, HEAD, layoutOf, listHeight, type Rect } from "./layout.ts";
import { detailRows, type Line, logRows, statsRows } from "./pane.ts";
import {
  COLUMNS,
  chosenContainer,
  chosenRow,
  counts,
  isLogFilter,
  isRunning,
  type Row,
  rowsOf,
} from "./rows.ts";
import { PANELS, PANES, type State } from "./state.ts";

/** The picture of a state, of the size it has. */
export function view(state: State): Canvas {
  const canvas = new Canvas(state.columns, state.rows);
  const layout = layoutOf(state);
  drawHead(canvas, state);
  if (layout.list) drawList(canvas, state, layout.list);
  if (layout.pane) drawPane(canvas, state, layout.pane);
  drawFoot(canvas, state);
  if (state.dialog?.kind === "help") drawDialog(canvas, "Keys", HELP);
  if (state.dialog?.kind === "remove")
    drawDialog(canvas, "Remove", [
      ...wrap(state.dialog.question, Math.min(60, state.columns - 6)).map((text): Line => [[text, ""]]),
      [],
      [
        ["y", "key"],
        [" yes   ", "dim"],
        ["n", "key"],
        [" no", "dim"],
      ],
    ]);
  return canvas;
}

/** Pieces one behind the other; gives the column behind them. */
function putLine(canvas: Canvas, x: number, y: number, line: Line, width: number): number {
  let at = x;
  for (const [text, style] of line) {
    if (at >= x + width) break;
    canvas.put(at, y, text, style, x + width - at);
    at += columnsOf(text);
  }
  return Math.min(at, x + width);
}

function drawHead(canvas: Canvas, state: State): void {
  const { containers } = state.things;
  const running = containers.filter(({ State }) => State === "running").length;
  const link = state.link === "up" ? "good" : state.link === "down" ? "bad" : "warn";
  const engine = {
    up: state.endpoint,
    connecting: `connecting to ${state.endpoint}`,
    down: `lost ${state.endpoint}`,
  };
  const end = putLine(
    canvas,
    1,
    0,
    [
      ["wharf", "name"],
      ["  ● ", link],
      [engine[state.link], "dim"],
    ],
    state.columns - 2,
  );
  const summary = `${running} of ${containers.length} running`;
  const at = state.columns - summary.length - 1;
  if (at > end + 1) canvas.put(at, 0, summary, "dim");
  let x = 1;
  const numbers = counts(state);
  for (const [index, panel] of PANELS.entries()) {
    const isShown = panel === state.panel;
    const title = panel[0]?.toUpperCase() + panel.slice(1);
    // Where there is no room for all the names, the others are numbers.
    const label =
      state.columns < 64 && !isShown ? String(index + 1) : `${index + 1} ${title} ${numbers[panel]}`;
    canvas.put(x, 1, ` ${label} `, isShown ? "tab" : "dim");
    x += label.length + 3;
  }
}

function frame(canvas: Canvas, { x, y, width, height }: Rect, title: Line, isActive: boolean): void {
  canvas.box(x, y, width, height, isActive ? "active" : "border");
  if (title.length > 0) putLine(canvas, x + 2, y, [[" ", ""], ...title, [" ", ""]], width - 4);
}

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

function drawList(canvas: Canvas, state: State, rect: Rect): void {
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

function drawPane(canvas: Canvas, state: State, rect: Rect): void {
  const row = chosenRow(state);
  const tabs = state.panel === "containers" ? PANES : (["details"] as const);
  const active = state.panel === "containers" ? state.pane : "details";
  const isHere = state.focus === "pane";
  const tabLine = tabs.flatMap(
    (pane, index): Line => [
      [index > 0 ? " │ " : "", "border"],
      [pane, pane === active ? "name" : "dim"],
    ],
  );
  const tabWidth = tabLine.reduce((sum, [text]) => sum + columnsOf(text), 0);
  const title = cut(row?.name ?? "", Math.max(6, rect.width - 10 - tabWidth));
  frame(canvas, rect, row ? [[title, "title"], ["  ", ""], ...tabLine] : [], isHere);
  const inner = { x: rect.x + 2, y: rect.y + 1, width: rect.width - 4, height: rect.height - 2 };
  if (!row || inner.height < 1) return;
  const lines = paneLines(state, row, active, inner.width, inner.height);
  for (const [index, line] of lines.slice(0, inner.height).entries())
    putLine(canvas, inner.x, inner.y + index, line, inner.width);
  const below = rect.y + rect.height - 1;
  const isFiltered = isHere && active === "logs" && (state.filter !== "" || state.isTyping);
  const more: Line = isFiltered
    ? [
        ["/", "key"],
        [state.filter, ""],
        [state.isTyping ? "▏" : "", "key"],
      ]
    : state.scroll > 0
      ? [[active === "logs" ? `${state.scroll} lines below` : `from line ${state.scroll + 1}`, "dim"]]
      : [];
  if (more.length > 0) putLine(canvas, rect.x + 2, below, [[" ", ""], ...more, [" ", ""]], rect.width - 4);
}

function paneLines(state: State, row: Row, pane: string, width: number, height: number): readonly Line[] {
  if (pane === "logs") {
    const lines = state.log.id === row.id ? logRows(state, width, height) : [];
    return lines.length > 0
      ? lines
      : [[[state.filter !== "" && isLogFilter(state) ? "no line fits" : "no output yet", "dim"]]];
  }
  if (pane === "stats") {
    const history = state.stats.get(row.id);
    if (history) return statsRows(history, width, height);
    return [
      [[isRunning(chosenContainer(state)) ? "measuring…" : "only a container that runs is measured", "dim"]],
    ];
  }
  return state.details.key === row.id ? detailRows(state.details.lines, width).slice(state.scroll) : [];
}

/** What the keys at the bottom say; the more important first. */
function hints(state: State): readonly (readonly [key: string, text: string])[] {
  if (state.isTyping)
    return [
      ["⏎", "keep"],
      ["esc", "clear"],
    ];
  const container = chosenContainer(state);
  const own: readonly (readonly [string, string])[] =
    state.panel === "containers"
      ? [
          ["l", "logs"],
          ["s", "stats"],
          ["i", "details"],
          ["e", "shell"],
          ["r", "restart"],
          ["S", isRunning(container) ? "stop" : "start"],
          ["p", container?.State === "paused" ? "unpause" : "pause"],
        ]
      : [];
  const move: readonly (readonly [string, string])[] =
    state.focus === "list" ? [["⏎", "open"]] : [["esc", "back"]];
  return [
    ["?", "help"],
    ["q", "quit"],
    ...move,
    ...own,
    ["d", "remove"],
    ["/", "filter"],
    ["tab", "next list"],
  ];
}

function drawFoot(canvas: Canvas, state: State): void {
  const y = state.rows - 1;
  if (state.rows <= HEAD) return;
  if (state.link === "down") {
    canvas.put(1, y, `The engine is not reached (${state.reason}); trying again`, "bad", state.columns - 2);
    return;
  }
  if (state.notice) {
    canvas.put(1, y, state.notice.text, state.notice.kind === "bad" ? "bad" : "good", state.columns - 2);
    return;
  }
  let x = 1;
  for (const [key, text] of hints(state)) {
    if (x + columnsOf(key) + text.length + 1 > state.columns - 1) break;
    x =
      putLine(
        canvas,
        x,
        y,
        [
          [key, "key"],
          [` ${text}`, "dim"],
        ],
        state.columns - x,
      ) + 2;
  }
}

const HELP: readonly Line[] = (
  [
    ["↑ ↓ j k J K", "move; J K: the pane"],
    ["pgup pgdn g G", "page, begin, end"],
    ["1 2 3 4 tab", "choose a list"],
    ["⏎ → esc ←", "into the pane, back"],
    ["l s i", "logs, stats, details"],
    ["t", "times of log lines"],
    ["e", "a shell in it"],
    ["r S p", "restart, stop, pause"],
    ["d x", "remove, if you say yes"],
    ["/", "show what has words"],
    ["^L ^Z q", "redraw, stop, quit"],
  ] as const
).map(([keys, text]) => [
  [fit(keys, 15), "key"],
  [text, ""],
]);

function drawDialog(canvas: Canvas, title: string, lines: readonly Line[]): void {
  const widest = Math.max(
    title.length,
    ...lines.map((line) => line.reduce((sum, [text]) => sum + columnsOf(text), 0)),
  );
  const width = Math.min(canvas.columns, widest + 4);
  const height = Math.min(canvas.rows, lines.length + 2);
  const x = Math.max(0, Math.floor((canvas.columns - width) / 2));
  const y = Math.max(0, Math.floor((canvas.rows - height) / 2));
  canvas.clear(x, y, width, height);
  frame(canvas, { x, y, width, height }, [[title, "title"]], true);
  for (const [index, line] of lines.slice(0, height - 2).entries())
    putLine(canvas, x + 2, y + 1 + index, line, width - 4);
}
