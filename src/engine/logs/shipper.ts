import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { orAborted } from "../../base/async.ts";
import { errnoOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { LogBatch, LogEntry, LogPosition } from "../../runtime/index.ts";
import type { LogSink } from "./driver.ts";

export interface ShipperOptions {
  /** The log from a place on, until the container has ended. */
  readonly follow: (from: LogPosition | undefined, signal: AbortSignal) => AsyncIterable<LogBatch>;
  readonly open: () => Promise<LogSink>;
  /** Bytes written after a place. */
  readonly behind: (position: LogPosition) => Promise<number>;
  /** Where the place is kept up to which everything is sent. */
  readonly stateFile: string;
  /** With mode=non-blocking: lines further behind than so many bytes are given up. */
  readonly buffer: number | undefined;
  /** Milliseconds between two attempts; undefined: growing. */
  readonly retryWait: number | undefined;
  readonly log: Logger;
}

const SAVE_EVERY = 1000;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 10_000;

/** Undefined when nothing was sent yet, or the file is damaged: then all is sent (again). */
export function readPosition(path: string): LogPosition | undefined {
  try {
    const { file, offset } = JSON.parse(readFileSync(path, "utf8")) as LogPosition;
    return Number.isInteger(file) && Number.isInteger(offset) ? { file, offset } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Sends a container's log elsewhere. The source is the monitor's file and the place reached is kept on disk, so that
 * neither a lost connection nor the end of the engine makes a hole: what was not acknowledged is sent again. The
 * container itself never waits.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #sink: LogSink | undefined;
  #position: LogPosition | undefined;
  #savedAt = 0;

  /** `sink`: the first connection, or undefined to make one when there is something to send. */
  constructor(options: ShipperOptions, sink: LogSink | undefined) {
    this.#options = options;
    this.#sink = sink;
    this.#position = readPosition(options.stateFile);
    this.#done = this.#run().catch((error: unknown) => {
      options.log.error("a container's log is no longer sent", { error });
    });
  }

  /** The first file that is still to be sent. */
  get neededFile(): number {
    return this.#position?.file ?? 0;
  }

  /** When everything has been sent after the end of the container. */
  get drained(): Promise<void> {
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      for await (const { entries, next } of this.#options.follow(this.#position, signal)) {
        if (!(await this.#deliver(entries, next))) return;
        this.#position = next;
        this.#save(false);
      }
    } finally {
      this.#save(true);
      this.#sink?.close();
    }
  }

  /** False when told to stop. */
  async #deliver(entries: readonly LogEntry[], next: LogPosition): Promise<boolean> {
    let wait = this.#options.retryWait ?? FIRST_WAIT;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (await this.#isTooLate(next)) return true;
      try {
        this.#sink ??= await this.#connect();
        await orAborted(this.#sink.send(entries), signal);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        this.#options.log.warn("cannot send a container's log, trying again", { error, wait });
        this.#sink?.close();
        this.#sink = undefined;
      }
      await this.#sleep(wait);
      if (this.#options.retryWait === undefined) wait = Math.min(wait * 2, LONGEST_WAIT);
    }
    return false;
  }

  /** Who stops waits neither for a connection that does not come about nor for a receiver that does not read. */
  async #connect(): Promise<LogSink> {
    const { signal } = this.#stopping;
    const opening = this.#options.open();
    try {
      return await orAborted(opening, signal);
    } catch (error) {
      void opening.then(
        (late) => late.close(),
        () => undefined,
      );
      throw error;
    }
  }

  async #isTooLate(next: LogPosition): Promise<boolean> {
    const { buffer, behind } = this.#options;
    return buffer !== undefined && (await behind(next)) > buffer;
  }

  /** By a rename: what is read later is whole. A few lines sent twice after a power cut are no harm. */
  #save(now: boolean): void {
    if (!this.#position || (!now && Date.now() - this.#savedAt < SAVE_EVERY)) return;
    this.#savedAt = Date.now();
    const { stateFile, log } = this.#options;
    try {
      writeFileSync(`${stateFile}.tmp`, JSON.stringify(this.#position));
      renameSync(`${stateFile}.tmp`, stateFile);
    } catch (error) {
      // Its folder goes when the container is removed.
      if (errnoOf(error) !== "ENOENT") log.warn("cannot keep how far a log was sent", { stateFile, error });
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
