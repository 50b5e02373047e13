import { Worker } from "node:worker_threads";
import { Semaphore } from "../../base/async.ts";
import { EngineError, systemError } from "../../base/errors.ts";
import type { Answer, Job, JobResults } from "./jobs.ts";

/** A thread costs some 10 MB: it ends after this many milliseconds without work. */
const IDLE_MS = 3000;
const THREADS = 2;

function revived({ kind, message, code }: NonNullable<Answer["error"]>): Error {
  const error = kind === undefined ? systemError(message) : new EngineError(kind, message);
  return code === undefined ? error : Object.assign(error, { code });
}

/** Threads for the volume room's blocking work, started with a job and ended when idle. One job at a time on each. */
export class VolumeThreads {
  readonly #slots = new Semaphore(THREADS);
  readonly #idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout }[] = [];
  readonly #ended = new WeakSet<Worker>();

  run<J extends Job>(job: J): Promise<JobResults[J["kind"]]> {
    return this.#slots.run(async () => {
      const worker = this.#take();
      try {
        return await runOn(worker, job);
      } finally {
        this.#giveBack(worker);
      }
    });
  }

  async close(): Promise<void> {
    const idle = this.#idle.splice(0);
    for (const { timer } of idle) clearTimeout(timer);
    await Promise.all(idle.map(({ worker }) => worker.terminate()));
  }

  #take(): Worker {
    const idle = this.#idle.pop();
    if (!idle) return this.#start();
    clearTimeout(idle.timer);
    idle.worker.ref();
    return idle.worker;
  }

  #start(): Worker {
    // Its descriptors come from system calls of our own, which Node would count as foreign ones.
    const worker = new Worker(new URL("./volume-thread.ts", import.meta.url), { trackUnmanagedFds: false });
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

function runOn<J extends Job>(worker: Worker, job: J): Promise<JobResults[J["kind"]]> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.off("message", onMessage).off("error", onDeath).off("exit", onDeath);
      finish();
    };
    const onDeath = (reason: unknown) =>
      settle(() => reject(systemError(`the thread working on volumes ended during ${job.kind}`, reason)));
    const onMessage = ({ result, error }: Answer) =>
      settle(() => (error ? reject(revived(error)) : resolve(result as JobResults[J["kind"]])));
    worker.on("message", onMessage).on("error", onDeath).on("exit", onDeath);
    worker.postMessage(job);
  });
}
