import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../base/log.ts";
import type { LogLimits } from "../runtime.ts";
import { LogFiles } from "./files.ts";

/** A growing log is looked at again after so many milliseconds, at least and at most. */
const SHORTEST = 10;
const LONGEST = 1000;
/** How long the monitor may take to begin a new file, milliseconds. */
const PATIENCE = 2000;

/** When to look again: half way to the limit at the present speed. Pure. */
export function nextLook(size: number, grown: number, elapsed: number, maxSize: number): number {
  const left = ((maxSize - size) / Math.max(grown, 1)) * Math.max(elapsed, 1);
  return Math.min(LONGEST, Math.max(SHORTEST, Math.floor(left / 2)));
}

/** Ended files that are too many, the oldest first; those from `needed` on stay. Pure. */
export const superfluous = (ended: readonly number[], maxFiles: number, needed: number): readonly number[] =>
  ended.slice(0, Math.max(0, ended.length - (maxFiles - 1))).filter((number) => number < needed);

/**
 * Keeps one log within its limits. The file is moved away and the monitor told to begin a new one; until it does, it
 * goes on with the old, so nothing is lost. A log that does not grow costs nothing: one that does is looked at the more
 * often the faster it grows.
 */
class LogLimiter implements AsyncDisposable {
  readonly #files: LogFiles;
  readonly #limits: LogLimits;
  readonly #reopen: () => boolean;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;

  constructor(path: string, limits: LogLimits, reopen: () => boolean, log: Logger) {
    this.#files = new LogFiles(path);
    this.#limits = limits;
    this.#reopen = reopen;
    this.#log = log;
    this.#done = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      // Watched before it is looked at: growth in between is not missed.
      const growth = firstChange(this.#files.path, this.#stopping.signal);
      try {
        if (await this.#look()) continue;
        await growth.seen;
        await this.#whileGrowing();
      } catch (error) {
        this.#log.warn("cannot keep a log within its limits", { path: this.#files.path, error });
        await this.#sleep(LONGEST);
      } finally {
        growth.close();
      }
    }
  }

  async #whileGrowing(): Promise<void> {
    let before: number | undefined;
    let delay = SHORTEST;
    while (!this.#stopping.signal.aborted) {
      const size = await this.#files.liveSize();
      if (size === before && delay === LONGEST) return;
      const isNew = await this.#look();
      delay =
        isNew || before === undefined ? SHORTEST : nextLook(size, size - before, delay, this.#limits.maxSize);
      before = isNew ? 0 : size;
      await this.#sleep(delay);
    }
  }

  /** True when a new file was begun. */
  async #look(): Promise<boolean> {
    const isFull = (await this.#files.liveSize()) >= this.#limits.maxSize;
    const number = isFull ? await this.#files.end() : undefined;
    // Also one that an engine moved away that was killed before it could say so.
    if (!(await this.#begun())) return false;
    await this.#tidy();
    return number !== undefined;
  }

  async #tidy(): Promise<void> {
    const { maxFiles, compress } = this.#limits;
    const { ended } = await this.#files.numbers();
    const needed = this.#limits.needed?.() ?? Number.POSITIVE_INFINITY;
    const gone = superfluous(ended, maxFiles, needed);
    for (const old of gone) await this.#files.remove(old);
    if (!compress) return;
    for (const old of ended) if (old < needed && !gone.includes(old)) await this.#files.compress(old);
  }

  /** True when the ended files are no longer written: there is a live one, or nobody to write it. */
  async #begun(): Promise<boolean> {
    const isLive = async () => (await this.#files.numbers()).live;
    if ((await isLive()) || !this.#reopen()) return true;
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      if (await isLive()) return true;
      await sleep(1);
    }
    return false;
  }

  async #sleep(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stopping.signal, ref: false }).catch(
      () => undefined,
    );
  }
}

/** The next time anything happens to the file, once: a watch on a file that is written all the time would never rest. */
function firstChange(path: string, signal: AbortSignal): { readonly seen: Promise<void>; close(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => resolve();
  const watcher: FSWatcher = watch(dirname(path), { persistent: false }, (_event, name) => {
    if (name !== null && name !== basename(path)) return;
    watcher.close();
    resolve();
  });
  watcher.on("error", done);
  signal.addEventListener("abort", done, { once: true });
  return {
    seen: promise,
    close: () => {
      watcher.close();
      signal.removeEventListener("abort", done);
    },
  };
}

/** `reopen` tells the monitor to begin a new file; false when there is no monitor any more. */
export const limitLog = (
  path: string,
  limits: LogLimits,
  reopen: () => boolean,
  log: Logger,
): AsyncDisposable => new LogLimiter(path, limits, reopen, log);
