import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { ReadLog } from "../runtime.ts";

/**
 * Tells that a log may have grown. Made before the log is read, so that a line is either read or announced; events
 * while nobody waits count once.
 */
export class Changes implements Disposable {
  readonly #watcher: FSWatcher | undefined;
  #over: boolean;
  #noted = false;
  #wake: () => void = () => undefined;

  constructor(path: string, { follow, ended, signal }: ReadLog) {
    this.#over = !follow || signal?.aborted === true;
    if (this.#over) return;
    // The folder is watched, not the file: it tells of a file that is made or moved away, too.
    this.#watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) this.#note();
    });
    this.#watcher.on("error", () => this.#finish());
    signal?.addEventListener("abort", () => this.#finish(), { once: true });
    ended?.then(
      () => this.#finish(),
      () => this.#finish(),
    );
  }

  /** When true, what is read from now on is all there will be. */
  get over(): boolean {
    return this.#over;
  }

  async next(): Promise<void> {
    if (!this.#noted) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#noted = false;
  }

  #note(): void {
    this.#noted = true;
    this.#wake();
  }

  #finish(): void {
    this.#over = true;
    this.#note();
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
  }
}
