import type { EngineEvent, Filters, Labels } from "../views.ts";
import { matchesEvent } from "./filter.ts";

/** Docker keeps this many for `events --since`. */
const KEPT = 256;
/** A subscriber that does not read is cut off here, so that it cannot fill the engine's memory. */
const QUEUE_LIMIT = 10_000;
/** setTimeout takes no more; a later end is as good as none for one connection. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** In nanoseconds. */
const MILLISECOND = 1_000_000n;

export interface EventWindow {
  /** Nanoseconds since the epoch. */
  readonly since: bigint | undefined;
  readonly until: bigint | undefined;
  readonly filters: Filters;
}

/** The wall clock and the monotonic one at the same moment: read anew when something else ran in between. */
function bothClocks(): { readonly wall: bigint; readonly ticks: bigint } {
  for (;;) {
    const ticks = process.hrtime.bigint();
    const wall = BigInt(Date.now()) * MILLISECOND;
    if (process.hrtime.bigint() - ticks < MILLISECOND / 10n) return { wall, ticks };
  }
}

/** Told by the moment at which the wall clock begins its next millisecond, which is waited for: at most that long. */
function startOfMonotonicClock(): bigint {
  const before = bothClocks();
  let now = before;
  while (now.wall === before.wall) now = bothClocks();
  return now.wall - now.ticks;
}

type Listener = (event: EngineEvent) => void;

/** Tells everybody what happens, in order, and remembers the last few for those who come later. */
export class EventBus {
  readonly #kept: EngineEvent[] = [];
  readonly #listeners = new Set<Listener>();
  #last = 0n;
  /** Nanoseconds since the epoch at which the monotonic clock was zero. */
  #origin = startOfMonotonicClock();

  publish(type: string, action: string, id: string, attributes: Labels): void {
    const event: EngineEvent = { type, action, actor: { id, attributes }, timeNano: this.now() };
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /**
   * Nanoseconds since the epoch, after all events so far and before all to come: the wall clock, with what it lacks below
   * the millisecond from the monotonic one as long as the two agree.
   */
  now(): bigint {
    const { wall, ticks } = bothClocks();
    const fine = this.#origin + ticks;
    // Somebody has set the clock, or the two have drifted apart.
    if (fine < wall || fine >= wall + MILLISECOND) this.#origin = wall - ticks;
    const now = this.#origin + ticks;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Past events of the window, then (unless `until` is over) what comes, until the signal or `until`. */
  subscribe({ since, until, filters }: EventWindow, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const wanted = (event: EngineEvent) =>
      (since === undefined || event.timeNano >= since) &&
      (until === undefined || event.timeNano <= until) &&
      matchesEvent(event, filters);
    const past = since === undefined && until === undefined ? [] : this.#kept.filter(wanted);
    const subscription = new Subscription(past);
    const left = until === undefined ? Number.POSITIVE_INFINITY : Number(until / 1_000_000n) - Date.now();
    if (left > 0 && !signal.aborted) this.#connect(subscription, wanted, left, signal);
    else subscription.end();
    return subscription;
  }

  /** From this moment on nothing is missed, also before the first read. */
  #connect(
    subscription: Subscription,
    wanted: (event: EngineEvent) => boolean,
    left: number,
    signal: AbortSignal,
  ): void {
    const listener: Listener = (event) => {
      if (wanted(event)) subscription.push(event);
    };
    const end = () => subscription.end();
    const timer = Number.isFinite(left) ? setTimeout(end, Math.min(left, LONGEST_TIMER)) : undefined;
    this.#listeners.add(listener);
    signal.addEventListener("abort", end, { once: true });
    subscription.atEnd = () => {
      clearTimeout(timer);
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", end);
    };
  }
}

/** Events on their way to one reader. */
class Subscription implements AsyncIterable<EngineEvent> {
  readonly #queue: EngineEvent[];
  #wake = Promise.withResolvers<void>();
  #over = false;
  atEnd: () => void = () => undefined;

  constructor(past: readonly EngineEvent[]) {
    this.#queue = [...past];
  }

  push(event: EngineEvent): void {
    this.#queue.push(event);
    if (this.#queue.length > QUEUE_LIMIT) this.end();
    this.#wake.resolve();
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.atEnd();
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EngineEvent> {
    try {
      while (true) {
        while (this.#queue.length > 0) yield this.#queue.shift()!;
        if (this.#over) return;
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
      }
    } finally {
      this.end();
    }
  }
}
