import { Worker } from "node:worker_threads";
import { Semaphore } from "../../base/async.ts";
import { EngineError, systemError } from "../../base/errors.ts";
import { IdleThreads } from "../../base/idle-threads.ts";
import type { Answer, Job, JobResults } from "./jobs.ts";

const THREADS = 2;

function revived({ kind, message, code }: NonNullable<Answer["error"]>): Error {
  const error = kind === undefined ? systemError(message) : new EngineError(kind, message);
  return code === undefined ? error : Object.assign(error, { code });
}

/** Threads for the volume room's blocking work, started with a job and ended when idle. One job at a time on each. */
export class VolumeThreads {
  readonly #slots = new Semaphore(THREADS);
  // Its descriptors come from system calls of our own, which Node would count as foreign ones.
  readonly #threads = new IdleThreads(
    () => new Worker(new URL("./volume-thread.ts", import.meta.url), { trackUnmanagedFds: false }),
  );

  run<J extends Job>(job: J): Promise<JobResults[J["kind"]]> {
    return this.#slots.run(() => this.#threads.with((worker) => runOn(worker, job)));
  }

  close(): Promise<void> {
    return this.#threads.close();
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
