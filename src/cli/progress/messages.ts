import type { ProgressMessage } from "../../api/schema/build.ts";
import { formatSize } from "../format/units.ts";
import { cut } from "../screen/width.ts";
import type { Screen } from "../tty/style.ts";

const BAR_WIDTH = 50;
/** Narrower terminals show numbers without the bar. */
const WIDE_ENOUGH = 110;

type Detail = NonNullable<ProgressMessage["progressDetail"]>;

/** `[====>    ]  1.2MB/3.4MB`, as docker draws it. */
export function progressBar({ current = 0, total = 0 }: Detail, columns: number): string {
  if (current <= 0 && total <= 0) return "";
  if (total <= 0) return formatSize(current).padStart(8);
  const done = Math.min(BAR_WIDTH, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const bar = columns > WIDE_ENOUGH ? `[${"=".repeat(done)}>${" ".repeat(BAR_WIDTH - done)}] ` : "";
  const numbers =
    current > total
      ? formatSize(current).padStart(8)
      : `${formatSize(current).padStart(8)}/${formatSize(total)}`;
  return bar + numbers;
}

/**
 * Shows a progress stream as docker does: on a terminal one line a layer, drawn over; elsewhere a line for what began
 * and ended. Throws what the stream reports as an error; `aux` gets what is not for people.
 */
export async function showMessages(
  messages: AsyncIterable<ProgressMessage>,
  screen: Screen,
  aux: (value: unknown) => void = () => undefined,
): Promise<void> {
  const board = new Board(screen);
  for await (const message of messages) {
    if (message.error !== undefined || message.errorDetail !== undefined)
      throw new Error(message.errorDetail?.message ?? message.error);
    if (message.aux !== undefined) aux(message.aux);
    else board.show(message);
  }
}

class Board {
  readonly #screen: Screen;
  #lines = new Map<string, number>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(message: ProgressMessage): void {
    const { id, progressDetail } = message;
    const detailed = progressDetail !== undefined && progressDetail !== null;
    if (id === undefined || !detailed) {
      this.#lines = new Map();
      this.#draw(message, "");
      return;
    }
    let begin = "";
    let line = this.#lines.get(id);
    if (line === undefined) {
      line = this.#lines.size;
      this.#lines.set(id, line);
      begin = "\n";
    }
    if (!this.#screen.live) {
      this.#draw(message, "");
      return;
    }
    const up = this.#lines.size - line;
    // What has left the screen at its top cannot be drawn over.
    if (up >= sizeOf(this.#screen).rows) return;
    this.#screen.write(`${begin}\x1b[${up}A`);
    this.#draw(message, `\x1b[${up}B`);
  }

  #draw({ id, status = "", stream, progressDetail }: ProgressMessage, after: string): void {
    const { columns } = sizeOf(this.#screen);
    const bar = progressDetail ? progressBar(progressDetail, columns) : "";
    const name = id ? `${id}: ` : "";
    if (stream !== undefined) this.#screen.write(`${name}${stream}${after}`);
    else if (this.#screen.live && progressDetail)
      this.#screen.write(`\x1b[2K\r${cut(`${name}${status} ${bar}`, columns)}\r${after}`);
    // Elsewhere than on a terminal, what is half done is not worth a line.
    else if (bar === "") this.#screen.write(`${name}${status}\n${after}`);
  }
}

/** As it is now: people change it while they wait. Where nobody looks there is room for all of it. */
function sizeOf({ live, fd }: Screen): { readonly columns: number; readonly rows: number } {
  if (!live) return { columns: 200, rows: Number.POSITIVE_INFINITY };
  const { columns = 80, rows = 24 } = fd === 2 ? process.stderr : process.stdout;
  return { columns, rows };
}
