import type { Worker } from "node:worker_threads";

/** A thread with nothing to do ends after this many milliseconds: it costs some 10 MB. */
const IDLE_MS = 3000;

/** Threads that are kept for a while after their job. How many there are at once is the caller's to limit. */
export class IdleThreads {
  readonly #start: () => Worker;
  readonly #idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout }[] = [];
  readonly #ended = new WeakSet<Worker>();

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** One thread for the length of `body`: an idle one, else a new one. */
  async with<T>(body: (worker: Worker) => Promise<T>): Promise<T> {
    const worker = this.#take();
    try {
      return await body(worker);
    } finally {
      this.#giveBack(worker);
    }
  }

  /** Ends the idle ones. */
  async close(): Promise<void> {
    const idle = this.#idle.splice(0);
    for (const { timer } of idle) clearTimeout(timer);
    await Promise.all(idle.map(({ worker }) => worker.terminate()));
  }

  #take(): Worker {
    const idle = this.#idle.pop();
    if (!idle) return this.#started();
    clearTimeout(idle.timer);
    idle.worker.ref();
    return idle.worker;
  }

  #started(): Worker {
    const worker = this.#start();
    const ended = () => this.#ended.add(worker);
    return worker.on("error", ended).on("exit", ended);
  }

  #giveBack(worker: Worker): void {
    if (this.#ended.has(worker)) return;
    worker.unref();
    const timer = setTimeout(() => {
      const index = this.#idle.findIndex((entry) => entry.worker === worker);
      if (index >= 0) this.#idle.splice(index, 1);
      void worker.terminate();
    }, IDLE_MS);
    timer.unref();
    this.#idle.push({ worker, timer });
  }
}
