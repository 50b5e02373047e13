import { setImmediate as nextTurn } from "node:timers/promises";

/** Work between two turns of everybody else: milliseconds. */
const SHARE = 5;

/** For long work in blocking calls: gives everybody else a turn when it has had its share of time. */
export class Breath {
  #began = performance.now();

  /** To be awaited between small pieces of work. */
  async take(): Promise<void> {
    if (performance.now() - this.#began < SHARE) return;
    await nextTurn();
    this.#began = performance.now();
  }
}
