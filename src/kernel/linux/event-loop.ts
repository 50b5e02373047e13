import { isMainThread, Worker } from "node:worker_threads";
import type { Report, Request, WorkerSettings } from "./event-loop-messages.ts";
import { makeEventfd, signalEvent } from "./eventfd.ts";
import { close, kernelError } from "./libc.ts";

/**
 * A thread that is itself a worker can be terminated without notice, and then waits for this one, which sits in the
 * kernel: so it looks up now and then. The main thread ends through its "exit" event and needs no such pulse.
 */
const PULSE = 500;
/** Packets are outside the heap; the code and its small objects fit easily. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 };

/** What happens to a watched descriptor. */
export interface WatchEvents {
  readable?(): void;
  writable?(): void;
  packets?(bytes: ArrayBuffer, lengths: readonly number[]): void;
  end?(): void;
  /** Nothing more can be received. */
  failed?(error: unknown): void;
  /** The loop has ended and the descriptor is its owner's again; with an error unless it was asked to end. */
  lost(error: unknown): void;
}

interface Watch {
  readonly fd: number;
  readonly events: WatchEvents;
  released: boolean;
}

interface Running {
  readonly worker: Worker;
  readonly wakeFd: number;
  readonly exited: Promise<void>;
  /** Somebody waits for the end of the worker, so it must not be let go of before. */
  awaited: boolean;
}

/** Descriptors Node cannot wait for, watched by one worker thread, which starts with the first watch. */
export class EventLoop {
  readonly #watches = new Map<number, Watch>();
  readonly #stopAtExit = () => this.#ask({ op: "stop" });
  #running: Running | undefined;
  #lastId = 0;

  /** Tells once when `fd` is readable. The watch ends with that, or with `release`. */
  watch(fd: number, events: WatchEvents): number {
    return this.#add(fd, events, (id) => ({ op: "watch", id, fd }));
  }

  /** Receives packets from `fd`; `credit` gives back the bytes that were consumed. */
  receive(fd: number, window: number, events: WatchEvents): number {
    return this.#add(fd, events, (id) => ({ op: "receive", id, fd, window }));
  }

  credit(id: number, bytes: number): void {
    if (this.#watches.has(id)) this.#ask({ op: "credit", id, bytes });
  }

  whenWritable(id: number): void {
    if (this.#watches.has(id)) this.#ask({ op: "writable", id });
  }

  /** Ends a watch and closes its descriptor, as soon as the worker does not touch it any more. */
  release(id: number): void {
    const watch = this.#watches.get(id);
    if (!watch || watch.released) return;
    watch.released = true;
    this.#ask({ op: "remove", id });
  }

  /** Ends the worker; every watch that is left is lost. */
  async close(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    // Idle it does not keep the process alive, but whoever waits for its end must see it.
    running.awaited = true;
    running.worker.ref();
    this.#ask({ op: "stop" });
    await running.exited;
  }

  #add(fd: number, events: WatchEvents, request: (id: number) => Request): number {
    const running = this.#start();
    const id = ++this.#lastId;
    this.#watches.set(id, { fd, events, released: false });
    running.worker.ref();
    this.#ask(request(id));
    return id;
  }

  #ask(request: Request): void {
    if (!this.#running) return;
    this.#running.worker.postMessage(request);
    signalEvent(this.#running.wakeFd);
  }

  #start(): Running {
    if (this.#running) return this.#running;
    const wakeFd = makeEventfd();
    const workerData: WorkerSettings = { wakeFd, patience: isMainThread ? -1 : PULSE };
    const url = new URL("./event-loop-worker.ts", import.meta.url);
    // With our environment, so that NODE_COMPILE_CACHE holds there too: without it the thread costs 25 MB more.
    const worker = new Worker(url, { workerData, resourceLimits: LIMITS, name: "kernel-events" });
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    let failure: unknown;
    worker.on("message", (report: Report) => this.#hear(report));
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", () => {
      this.#ended(wakeFd, failure);
      resolve();
    });
    process.on("exit", this.#stopAtExit);
    this.#running = { worker, wakeFd, exited, awaited: false };
    return this.#running;
  }

  #hear(report: Report): void {
    const watch = this.#watches.get(report.id);
    if (!watch) return;
    if (report.event === "removed") this.#forget(report.id, () => close(watch.fd));
    if (watch.released) return;
    const { events } = watch;
    if (report.event === "packets") events.packets?.(report.bytes, report.lengths);
    if (report.event === "writable") events.writable?.();
    if (report.event === "end") events.end?.();
    if (report.event === "failed")
      events.failed?.(kernelError(report.syscall, report.errno, `descriptor ${watch.fd}`));
    if (report.event === "readable") this.#forget(report.id, () => events.readable?.());
  }

  #forget(id: number, then: () => void): void {
    this.#watches.delete(id);
    if (this.#watches.size === 0 && !this.#running?.awaited) this.#running?.worker.unref();
    then();
  }

  #ended(wakeFd: number, reason: unknown): void {
    process.off("exit", this.#stopAtExit);
    close(wakeFd);
    this.#running = undefined;
    const left = [...this.#watches.values()];
    this.#watches.clear();
    for (const { fd, events, released } of left) {
      if (released) close(fd);
      else events.lost(reason);
    }
  }
}
