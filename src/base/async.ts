import { cancelled } from "./errors.ts";

/** Runs bodies of the same key one after the other, of different keys side by side. Not re-entrant. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, body: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(body, body);
    const tail: Promise<void> = result.then(
      () => this.#forget(key, tail),
      () => this.#forget(key, tail),
    );
    this.#tails.set(key, tail);
    return result;
  }

  /** When nothing runs or waits any more, what was added meanwhile included. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }

  #forget(key: string, tail: Promise<unknown>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}

/** At most so many bodies at once as the limit says when one begins; the rest wait in order. */
export class Semaphore {
  readonly #limit: () => number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number | (() => number)) {
    this.#limit = typeof limit === "number" ? () => limit : limit;
  }

  /** With `signal`, waiting ends when it fires, with `cancelled`; a body that has begun goes on. */
  async run<T>(body: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#waiting.length === 0 && this.#running < this.#limit()) this.#running++;
    else await this.#turn(signal);
    try {
      return await body();
    } finally {
      this.#running--;
      this.#wake();
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await orAborted(promise, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(resolve);
      if (place >= 0) this.#waiting.splice(place, 1);
      else {
        // Its turn came in the same moment: it goes to the next.
        this.#running--;
        this.#wake();
      }
      throw error;
    }
  }

  #wake(): void {
    while (this.#waiting.length > 0 && this.#running < this.#limit()) {
      this.#running++;
      this.#waiting.shift()?.();
    }
  }
}

/** Rejects when the signal fires first, and then stops waiting for the promise (which goes on by itself). */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) throw cancelled("the request was cancelled", signal.reason);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(cancelled("the request was cancelled", signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Runs every step, whatever fails, and reports all failures together: removal never stops at the first error. */
export async function runAll(message: string, steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, message);
}
