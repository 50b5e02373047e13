import { setImmediate as breathe } from "node:timers/promises";
import type { Container } from "../containers/container.ts";
import type { StatsSample } from "./sample.ts";

const PERIOD = 1000;
/** Reading files blocks: after this many milliseconds others get their turn. */
const SLICE = 5;

export type Listener = (sample: StatsSample | undefined) => void;

/**
 * One clock for all who watch containers: each watched container is read once a second, however many listen. There is no
 * timer while nobody does. A listener gets undefined when its container is gone.
 */
export class StatsTicker {
  readonly #read: (container: Container) => StatsSample | undefined;
  readonly #listeners = new Map<Container, Set<Listener>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(read: (container: Container) => StatsSample | undefined) {
    this.#read = read;
  }

  /** Returns what ends the listening. */
  listen(container: Container, listener: Listener): () => void {
    const listeners = this.#listeners.get(container) ?? new Set();
    this.#listeners.set(container, listeners.add(listener));
    this.#plan();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(container) === listeners)
        this.#listeners.delete(container);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /** On the full second, so that slow rounds do not shift those after them. */
  #plan(): void {
    this.#timer ??= setTimeout(() => void this.#tick(), PERIOD - (Date.now() % PERIOD));
  }

  async #tick(): Promise<void> {
    let since = performance.now();
    for (const [container, listeners] of [...this.#listeners]) {
      const sample = this.#read(container);
      for (const listener of [...listeners]) listener(sample);
      if (performance.now() - since < SLICE) continue;
      await breathe();
      since = performance.now();
    }
    this.#timer = undefined;
    if (this.#listeners.size > 0) this.#plan();
  }
}
