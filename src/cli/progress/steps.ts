import { messageOf } from "../../base/errors.ts";
import { paint, type Screen } from "../tty/style.ts";

/** Shows work as it is done: one line a step with what came of it and how long it took. */
export interface Steps {
  /** `describe` says in a few words what came of it. */
  run<T>(
    title: string,
    body: (note: (text: string) => void) => Promise<T>,
    describe?: (result: T) => string,
  ): Promise<T>;
}

const TITLE_WIDTH = 34;

const duration = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;

export function createSteps(screen: Screen, now: () => number = () => performance.now()): Steps {
  const line = (mark: string, title: string, ms: number, detail: string) =>
    `  ${mark} ${title.padEnd(TITLE_WIDTH)} ${duration(ms).padStart(9)}${detail ? `   ${paint(screen, "dim", detail)}` : ""}`;
  const finish = (text: string) => screen.write(`${screen.live ? "\r\x1b[K" : ""}${text}\n`);
  const note = (text: string) => {
    if (screen.live) screen.write(`\r\x1b[K  ${paint(screen, "cyan", "…")} ${text}`);
  };
  return {
    async run(title, body, describe) {
      const started = now();
      note(title);
      try {
        const result = await body((text) => note(`${title}: ${text}`));
        finish(line(paint(screen, "green", "✓"), title, now() - started, describe?.(result) ?? ""));
        return result;
      } catch (error) {
        finish(
          line(paint(screen, "red", "✗"), title, now() - started, messageOf(error).split("\n")[0] ?? ""),
        );
        throw error;
      }
    },
  };
}
