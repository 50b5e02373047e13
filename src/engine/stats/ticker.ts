import { setImmediate as breathe } from "node:timers/promises";
import type { Container } from "../containers/container.ts";
import type { StatsSample } from "./sample.ts";
import { Slots } from "./slots.ts";

/** Milliseconds. */
const PERIOD = 1000;
const SLOT = 20;
const SLOTS = PERIOD / SLOT;

/** Two samples closer than this (milliseconds) say nothing about a rate. */
export const SHORTEST = PERIOD / 2;

export type Listener = (sample: StatsSample | undefined) => void;

const slotNow = (): number => Math.floor(performance.now() / SLOT);

/**
 * One clock for all who watch containers: each watched container is read once a second, however many listen. There is no
 * timer while nobody does. A listener gets undefined when its container is gone.
 *
 * Reading blocks, and so does writing what was read. So the containers are spread over the second, and after each of
 * them everybody else gets a turn.
 */
export class StatsTicker {
  readonly #read: (container: Container) => StatsSample | undefined;
  readonly #failed: (container: Container, error: unknown) => void;
  readonly #listeners = new Map<Container, Set<Listener>>();
  readonly #slots = new Slots<Container>(SLOTS);
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;
  /** The last slot that is over. */
  #over = 0;

  /** A reading that fails is told to `failed`, and left out: the next one may do. */
  constructor(
    read: (container: Container) => StatsSample | undefined,
    failed: (container: Container, error: unknown) => void,
  ) {
    this.#read = read;
    this.#failed = failed;
  }

  /** Returns what ends the listening. */
  listen(container: Container, listener: Listener): () => void {
    const listeners = this.#listeners.get(container) ?? new Set();
    this.#listeners.set(container, listeners.add(listener));
    if (this.#slots.size === 0) this.#over = slotNow();
    // The first sample has just been taken: the second is to come as soon as it can tell a rate.
    this.#slots.add(container, slotNow() + Math.ceil(SHORTEST / SLOT) + 1);
    this.#plan();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(container) === listeners) {
        this.#listeners.delete(container);
        this.#slots.delete(container);
      }
      this.#plan();
    };
  }

  /** Anew at every change: a slot may have come that is sooner, or the last one may have gone. */
  #plan(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isReading) return;
    // What could not be done in a whole period is left out.
    this.#over = Math.max(this.#over, slotNow() - SLOTS);
    const next = this.#slots.nextAfter(this.#over);
    if (next === undefined) return;
    const wait = Math.max(0, next * SLOT - performance.now());
    this.#timer = setTimeout(() => void this.#tick(next), wait);
  }

  async #tick(slot: number): Promise<void> {
    this.#isReading = true;
    for (const container of this.#slots.at(slot)) {
      this.#tell(container);
      await breathe();
    }
    this.#isReading = false;
    this.#over = slot;
    this.#plan();
  }

  #tell(container: Container): void {
    try {
      const sample = this.#read(container);
      for (const listener of [...(this.#listeners.get(container) ?? [])]) listener(sample);
    } catch (error) {
      this.#failed(container, error);
    }
  }
}
