import { formatBytes, formatMemory } from "../format/units.ts";
import { bars } from "../screen/chart.ts";
import { fit, fitRight, wrap } from "../screen/width.ts";
import type { History } from "./history.ts";
import { fits, isLogFilter } from "./rows.ts";
import type { Detail, ShownLine, State } from "./state.ts";

/** A row of text in pieces, each with the name of its style. */
export type Line = readonly (readonly [text: string, style: string])[];

const LABEL = 12;
/** Of a time as the engine writes it, the hours to the milliseconds. */
const CLOCK = [11, 23] as const;

/** Labels beside their values, which go on below themselves when they are long. */
export function detailRows(details: readonly Detail[], width: number): readonly Line[] {
  return details.flatMap((detail): readonly Line[] => {
    if ("heading" in detail) return [[], [[detail.heading, "title"]]];
    const [first = "", ...rest] = wrap(detail.value, Math.max(8, width - LABEL - 1));
    return [
      [
        [`${fit(detail.label, LABEL)} `, "dim"],
        [first, ""],
      ],
      ...rest.map(
        (text): Line => [
          [" ".repeat(LABEL + 1), ""],
          [text, ""],
        ],
      ),
    ];
  });
}

/** The lines of the log that fit its filter. */
export const logLines = (state: State): readonly ShownLine[] =>
  state.filter !== "" && isLogFilter(state)
    ? state.log.lines.filter(({ text }) => fits(text, state.filter))
    : state.log.lines;

/** The end of the log, or what is above it by so many lines as was scrolled; long lines go on below themselves. */
export function logRows(state: State, width: number, height: number): readonly Line[] {
  const lines = logLines(state);
  const rows: Line[] = [];
  for (let index = lines.length - 1 - state.scroll; index >= 0 && rows.length < height; index--) {
    const line = lines[index];
    if (line) rows.unshift(...rowsOfLine(line, state.hasTimes, width));
  }
  return rows.slice(-height);
}

function rowsOfLine({ time, text, stream }: ShownLine, hasTime: boolean, width: number): readonly Line[] {
  const clock = hasTime ? `${time.slice(...CLOCK)} ` : "";
  const style = stream === 2 ? "stderr" : "";
  return wrap(text, Math.max(8, width - clock.length)).map((part, index) => [
    [index === 0 ? clock : " ".repeat(clock.length), "dim"],
    [part, style],
  ]);
}

interface Graph {
  readonly title: string;
  readonly now: string;
  readonly values: readonly number[];
  /** The value at the top of the graph. */
  readonly top: number;
  readonly topText: string;
  readonly style: string;
}

const lastOf = (values: readonly number[]): number => values.at(-1) ?? 0;
const rate = (bytes: number): string => `${formatBytes(Math.round(bytes))}/s`;
const greatest = (values: readonly number[], least: number): number => Math.max(least, ...values);
const KILOBYTE = 1000;

function graphsOf(history: History): readonly Graph[] {
  const { cpu, memory, memoryLimit, received, sent, read, written } = history;
  const most = Math.ceil(greatest(cpu, 10) / 10) * 10;
  const memoryTop = greatest(memory, 1) * 1.25;
  /** What went in and out together; each of the two in words. */
  const bytes = (
    title: string,
    into: readonly number[],
    out: readonly number[],
    totals: readonly number[],
  ): Graph => {
    const values = into.map((value, index) => value + (out[index] ?? 0));
    const top = greatest(values, KILOBYTE);
    const [inAll, outAll] = totals.map(formatBytes);
    const now = `↓ ${rate(lastOf(into))}, ${inAll}  ↑ ${rate(lastOf(out))}, ${outAll}`;
    return { title, now, values, top, topText: rate(top), style: "bytes" };
  };
  const { network, block } = history.totals;
  return [
    {
      title: "CPU",
      now: `${lastOf(cpu).toFixed(1)}%`,
      values: cpu,
      top: most,
      topText: `${most}%`,
      style: "cpu",
    },
    {
      title: "Memory",
      now: `${formatMemory(lastOf(memory))} of ${formatMemory(memoryLimit)}`,
      values: memory,
      top: memoryTop,
      topText: formatMemory(memoryTop),
      style: "memory",
    },
    bytes("Network", received, sent, network),
    bytes("Disk", read, written, block),
  ];
}

const AXIS = 10;

/** A graph each, as high as there is room for; those that find none are left out. */
export function statsRows(history: History, width: number, height: number): readonly Line[] {
  const all = graphsOf(history);
  const shown = all.slice(0, Math.max(1, Math.min(all.length, Math.floor(height / 3))));
  const room = Math.max(1, Math.min(6, Math.floor((height - shown.length) / shown.length) - 1));
  return shown.flatMap(({ title, now, values, top, topText, style }): readonly Line[] => [
    [
      [fit(title, AXIS), "title"],
      [now, ""],
    ],
    ...bars(values, Math.max(1, width - AXIS), room, top).map(
      (bar, row): Line => [
        [fit(row === 0 ? fitRight(topText, AXIS - 1) : "", AXIS), "dim"],
        [bar, style],
      ],
    ),
    [],
  ]);
}
