import { Canvas } from "../screen/canvas.ts";
import { columnsOf, cut, fit, wrap } from "../screen/width.ts";
import { frame, putLine } from "./draw.ts";
import { HEAD, layoutOf, type Rect } from "./layout.ts";
import { drawList } from "./list.ts";
import { detailRows, type Line, logRows, statsRows } from "./pane.ts";
import { chosenContainer, chosenRow, counts, isLogFilter, isRunning, type Row } from "./rows.ts";
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
