import { writeAll } from "../tty/style.ts";
import type { Canvas, Theme } from "./canvas.ts";
import { type Key, KeyReader } from "./keys.ts";

/** Between an escape that is a key and one that begins another: what comes over a slow line comes faster than people type. */
const ESCAPE_MS = 50;
const FRAME_MS = 100;
/** Another screen, no cursor, no line wrapping; and back. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
/** What is between them is shown at once, by terminals that know it. */
const BEGIN_FRAME = "\x1b[?2026h";
const END_FRAME = "\x1b[?2026l";
const ENDING = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 } as const;

export interface TerminalEvents {
  readonly key: (key: Key) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** The picture as it is to be now. */
  readonly draw: (columns: number, rows: number) => Canvas;
}

/**
 * The whole terminal for one program: keys in, pictures out, at most ten a second. However the process ends, by a
 * signal or by a fault of its own, the terminal is left as it was found.
 */
export class FullScreen {
  readonly #events: TerminalEvents;
  readonly #theme: Theme;
  #keys = new KeyReader();
  #shown: Canvas | undefined;
  #escapeTimer: NodeJS.Timeout | undefined;
  #frameTimer: NodeJS.Timeout | undefined;
  #isActive = false;
  #lastFrame = 0;

  constructor(theme: Theme, events: TerminalEvents) {
    this.#theme = theme;
    this.#events = events;
  }

  get size(): readonly [columns: number, rows: number] {
    const { columns = 80, rows = 24 } = process.stdout;
    return [Math.max(1, columns), Math.max(1, rows)];
  }

  start(): void {
    process.on("exit", this.#leave);
    process.on("uncaughtException", this.#onFault);
    process.on("SIGTSTP", this.#stopProcess);
    process.on("SIGCONT", this.#onContinue);
    for (const signal of Object.keys(ENDING)) process.on(signal, this.#onEnd);
    process.stdout.on("resize", this.#onResize);
    this.resume();
  }

  /** Gives the terminal back for good. */
  stop(): void {
    this.suspend();
    process.off("exit", this.#leave);
    process.off("uncaughtException", this.#onFault);
    process.off("SIGTSTP", this.#stopProcess);
    process.off("SIGCONT", this.#onContinue);
    for (const signal of Object.keys(ENDING)) process.off(signal, this.#onEnd);
    process.stdout.off("resize", this.#onResize);
  }

  /** Gives the terminal to somebody else for a while. */
  suspend(): void {
    process.stdin.off("data", this.#onData);
    process.stdin.pause();
    this.#leave();
  }

  resume(): void {
    if (this.#isActive) return;
    this.#isActive = true;
    this.#keys = new KeyReader();
    process.stdin.setRawMode(true);
    process.stdin.on("data", this.#onData);
    process.stdin.resume();
    writeAll(1, ENTER);
    this.repaint();
  }

  /** Draws everything anew, whatever the terminal shows. */
  repaint(): void {
    this.#shown = undefined;
    this.change();
  }

  /** Something is to be seen that was not: at once, or when a tenth of a second has passed since the last time. */
  change(): void {
    if (this.#frameTimer || !this.#isActive) return;
    const wait = Math.max(0, this.#lastFrame + FRAME_MS - performance.now());
    this.#frameTimer = setTimeout(() => {
      this.#frameTimer = undefined;
      this.#draw();
    }, wait);
  }

  /** Ends or stops the whole process for a while, as its key does in other programs. */
  readonly #stopProcess = (): void => {
    this.suspend();
    process.kill(process.pid, "SIGSTOP");
  };

  /** Stops as the key of the terminal would. */
  stopForAWhile(): void {
    this.#stopProcess();
  }

  #draw(): void {
    if (!this.#isActive) return;
    const canvas = this.#events.draw(...this.size);
    const changes = canvas.changesFrom(this.#shown, this.#theme);
    this.#shown = canvas;
    this.#lastFrame = performance.now();
    if (changes !== "") writeAll(1, `${BEGIN_FRAME}${changes}${END_FRAME}`);
  }

  readonly #leave = (): void => {
    if (!this.#isActive) return;
    this.#isActive = false;
    clearTimeout(this.#frameTimer);
    clearTimeout(this.#escapeTimer);
    this.#frameTimer = undefined;
    writeAll(1, LEAVE);
    process.stdin.setRawMode(false);
  };

  readonly #onData = (bytes: Buffer): void => {
    clearTimeout(this.#escapeTimer);
    for (const key of this.#keys.push(bytes)) this.#events.key(key);
    if (this.#keys.isWaiting)
      this.#escapeTimer = setTimeout(() => {
        for (const key of this.#keys.flush()) this.#events.key(key);
      }, ESCAPE_MS);
  };

  readonly #onResize = (): void => this.#events.resize(...this.size);

  readonly #onContinue = (): void => {
    // Continued without having been stopped by us: the terminal may have been somebody else's.
    if (this.#isActive) {
      this.#isActive = false;
      process.stdin.off("data", this.#onData);
    }
    this.resume();
  };

  readonly #onEnd = (signal: NodeJS.Signals): void => {
    this.stop();
    process.exit(128 + ENDING[signal as keyof typeof ENDING]);
  };

  readonly #onFault = (error: Error): void => {
    this.stop();
    writeAll(2, `${error.stack ?? error.message}\n`);
    process.exit(1);
  };
}
