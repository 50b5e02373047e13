import type { EngineEvent, Filters, Labels } from "../views.ts";
import { matchesEvent } from "./filter.ts";

/** Docker keeps this many for `events --since`. */
const KEPT = 256;
/** A subscriber that does not read is cut off here, so that it cannot fill the engine's memory. */
const QUEUE_LIMIT = 10_000;

export interface EventWindow {
  /** Nanoseconds since the epoch. */
  readonly since: bigint | undefined;
  readonly until: bigint | undefined;
  readonly filters: Filters;
}

type Listener = (event: EngineEvent) => void;

/** Tells everybody what happens, in order, and remembers the last few for those who come later. */
export class EventBus {
  readonly #kept: EngineEvent[] = [];
  readonly #listeners = new Set<Listener>();
  #last = 0n;

  publish(type: string, action: string, id: string, attributes: Labels): void {
    const event: EngineEvent = { type, action, actor: { id, attributes }, timeNano: this.#now() };
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** The wall clock has milliseconds here; the order of events shows in the digits below. */
  #now(): bigint {
    const now = BigInt(Date.now()) * 1_000_000n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Past events of the window, then (unless `until` is over) what comes, until the signal or `until`. */
  async *subscribe({ since, until, filters }: EventWindow, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const wanted = (event: EngineEvent) =>
      (since === undefined || event.timeNano >= since) &&
      (until === undefined || event.timeNano <= until) &&
      matchesEvent(event, filters);
    const queue: EngineEvent[] = since === undefined && until === undefined ? [] : this.#kept.filter(wanted);
    const left = until === undefined ? undefined : Number(until / 1_000_000n) - Date.now();
    if (left !== undefined && left <= 0) return void (yield* queue);
    yield* this.#live(queue, wanted, left, signal);
  }

  async *#live(
    queue: EngineEvent[],
    wanted: (event: EngineEvent) => boolean,
    left: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    let wake = Promise.withResolvers<void>();
    let over = signal.aborted;
    const end = () => {
      over = true;
      wake.resolve();
    };
    const listener: Listener = (event) => {
      if (!wanted(event)) return;
      if (queue.push(event) > QUEUE_LIMIT) end();
      wake.resolve();
    };
    // setTimeout takes at most 2^31-1 ms; a later end is as good as none for one connection.
    const timer = left === undefined ? undefined : setTimeout(end, Math.min(left, 2 ** 31 - 1));
    this.#listeners.add(listener);
    signal.addEventListener("abort", end, { once: true });
    try {
      while (true) {
        while (queue.length > 0 && !signal.aborted) yield queue.shift()!;
        if (over) return;
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", end);
    }
  }
}
