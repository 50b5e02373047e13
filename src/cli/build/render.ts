import type { OwnBuildLine } from "../../api/schema/own/build.ts";
import { columnsOf, cut, fit } from "../screen/width.ts";
import { plainText } from "../tty/plain.ts";
import { type Board, type BoardStep, seconds, totals } from "./board.ts";

/** Where progress is written. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Lines may be drawn over. */
  readonly live: boolean;
  readonly colour: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** Draws a build; the board has taken the event already. */
export interface Renderer {
  event(board: Board, line: OwnBuildLine): void;
  /** Some time has passed. */
  tick(board: Board, now: number): void;
  end(board: Board): void;
}

/** Log lines shown below a step that runs. */
const LIVE_LOG = 6;
/** Log lines shown of a step that failed. */
const FAILED_LOG = 20;

export const rawRenderer = (terminal: Terminal): Renderer => ({
  event: (_board, line) => terminal.write(`${JSON.stringify(line)}\n`),
  tick: () => undefined,
  end: () => undefined,
});

/** Lines in the order of events, numbered by step: for logs. */
export function plainRenderer(terminal: Terminal): Renderer {
  const shown = new Map<BoardStep, number>();
  const say = (step: BoardStep, text: string) => terminal.write(`#${step.number} ${text}\n`);
  const finish = (step: BoardStep) => {
    if (shown.get(step) === Number.POSITIVE_INFINITY || step.end === undefined) return;
    shown.set(step, Number.POSITIVE_INFINITY);
    const took = seconds(step.end - step.start);
    say(step, step.hasFailed ? `ERROR after ${took}` : step.isCached ? "CACHED" : `DONE ${took}`);
  };
  const log = (step: BoardStep, line: OwnBuildLine) => {
    if (line.type !== "output") return;
    for (const text of line.text.replace(/\n$/, "").split("\n"))
      say(step, `${(line.time / 1000).toFixed(3)} ${text}`);
  };
  return {
    event(board, line) {
      for (const step of board.steps) finish(step);
      if (line.type === "step") {
        const step = board.steps.at(-1);
        if (step) say(step, step.title);
      } else if (line.type === "missed" || line.type === "output") {
        const step = board.steps.findLast(({ stage }) => stage === line.stage);
        if (step && line.type === "missed") say(step, `not cached: ${line.reasons.join("; ")}`);
        else if (step) log(step, line);
      } else if (line.type === "pull" && line.progress.status && !line.progress.progressDetail?.current)
        terminal.write(`${[line.progress.id, line.progress.status].filter(Boolean).join(": ")}\n`);
    },
    tick: () => undefined,
    end(board) {
      for (const step of board.steps) finish(step);
      terminal.write(closing(board, paintNothing, false));
    },
  };
}

type Paint = (colour: 31 | 33 | 34 | 36, text: string) => string;
const paintNothing: Paint = (_colour, text) => text;

/** One line a step, drawn over while they run. */
export function ttyRenderer(terminal: Terminal): Renderer {
  let drawn: readonly string[] = [];
  const paint: Paint = (colour, text) => (terminal.colour ? `\u001b[${colour}m${text}\u001b[0m` : text);
  const draw = (board: Board, now: number, isLast: boolean) => {
    // The last column stays free: what ends a line there would end its last character on some terminals.
    const lines = picture(board, now, paint, terminal.columns - 1);
    // What does not fit on the screen could not be drawn over.
    const room = isLast ? lines.length : Math.max(3, terminal.rows - 1);
    const visible = lines.length > room ? [lines[0] ?? "", ...lines.slice(-(room - 1))] : lines;
    // A terminal that has become narrower shows what was drawn before on more rows.
    const up = drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(columnsOf(plainText(line)) / terminal.columns)),
      0,
    );
    // Each line is written over the one before and ended, not cleared first: that would flicker.
    const text = visible.map((line) => `${line}\u001b[K\n`).join("");
    terminal.write(`${up > 0 ? `\u001b[${up}A` : ""}\r${text}\u001b[J`);
    drawn = visible;
  };
  return {
    event: () => undefined,
    tick: (board, now) => draw(board, now, false),
    end(board) {
      draw(board, board.time, true);
      terminal.write(closing(board, paint, true));
    },
  };
}

function picture(board: Board, now: number, paint: Paint, columns: number): readonly string[] {
  const done = board.steps.length - board.running.length;
  const head = `[+] Building ${seconds(now)} (${done}/${board.total})${board.result ? " FINISHED" : ""}`;
  const rows = board.steps.flatMap((step) => {
    const took = seconds((step.end ?? now) - step.start);
    const mark = step.hasFailed ? "ERROR " : step.isCached ? "CACHED " : "";
    const text = fit(` => ${mark}${plainText(step.title)}`, columns - took.length - 1);
    const colour = step.hasFailed ? 31 : 34;
    const row = `${text} ${took}`;
    const pulls = step.end === undefined ? [...step.pulls.values()] : [];
    const log = step.end === undefined ? step.log.map((entry) => entry.text) : [];
    const below = [...pulls, ...log]
      .slice(-LIVE_LOG)
      .map((line) => cut(` => => ${plainText(line)}`, columns));
    return [step.end === undefined ? row : paint(colour, row), ...below];
  });
  return [head, ...rows];
}

/** What is said under the steps: reasons, warnings, the log of what failed, totals. */
function closing(board: Board, paint: Paint, tellsReasons: boolean): string {
  const parts: string[] = [];
  for (const { number, title, reasons } of board.steps)
    if (tellsReasons && reasons.length > 0)
      parts.push(`#${number} ${title}\n   not cached: ${reasons.join("; ")}`);
  for (const text of board.warnings) parts.push(paint(33, `warning: ${text}`));
  for (const { rule, message, first, excerpt, url } of board.lint)
    parts.push(`${paint(33, `warning: ${rule}: ${message} (line ${first})`)}\n${url}\n${excerpt}`);
  for (const step of board.steps) if (step.hasFailed) parts.push(failure(step));
  if (board.steps.length > 0) parts.push(totals(board));
  return parts.map((part) => `${part}\n`).join("");
}

function failure({ title, log }: BoardStep): string {
  const lines = log.slice(-FAILED_LOG).map(({ time, text }) => `${(time / 1000).toFixed(3)} ${text}`);
  return ["------", ` > ${title}:`, ...lines, "------"].join("\n");
}
