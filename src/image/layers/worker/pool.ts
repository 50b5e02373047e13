import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Semaphore } from "../../../base/async.ts";
import { cancelled, EngineError, systemError } from "../../../base/errors.ts";
import { IdleThreads } from "../../../base/idle-threads.ts";
import type { FromWorker, Job, ResultOf, ToWorker, WireError } from "./jobs.ts";

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Bytes of input read since the last call. */
  readonly onBytes?: (count: number) => void;
  /** One chunk of output; the next comes when it settles (a few are on their way already). */
  readonly onChunk?: (chunk: Uint8Array) => Promise<void>;
}

/** Each costs some 40 MB while it unpacks; the engine is to stay below 250. */
const MOST_THREADS = 3;

function revived({ kind, message, stack, code }: WireError): Error {
  const error = kind === undefined ? systemError(message) : new EngineError(kind, message);
  if (stack) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}

/**
 * Worker threads for everything that goes over many files or bytes with blocking calls: started when a job comes, as
 * many as there are processors (at most three), ended when idle.
 */
export class WorkerPool {
  readonly #threads = new IdleThreads(() => new Worker(new URL("./thread.ts", import.meta.url)));
  readonly #slots: Semaphore;
  /** Nobody waits for deletions: they have a lane of their own, so that they hold up nothing else. */
  readonly #deletions = new Semaphore(1);

  constructor(size = Math.min(availableParallelism(), MOST_THREADS)) {
    this.#slots = new Semaphore(size);
  }

  /** Runs one job. Rejects with the job's EngineError, or with `cancelled` once the job has stopped. */
  run<J extends Job>(job: J, options: RunOptions = {}): Promise<ResultOf<J>> {
    const lane = job.kind === "delete" ? this.#deletions : this.#slots;
    return lane.run(async () => {
      if (options.signal?.aborted) throw cancelled("the request was cancelled", options.signal.reason);
      return this.#threads.with((worker) => runOn(worker, job, options));
    }, options.signal);
  }

  /** Ends the idle threads; running jobs should have been cancelled by their signals. */
  close(): Promise<void> {
    return this.#threads.close();
  }
}

function runOn<J extends Job>(worker: Worker, job: J, options: RunOptions): Promise<ResultOf<J>> {
  const send = (message: ToWorker): void => worker.postMessage(message);
  return new Promise<ResultOf<J>>((resolve, reject) => {
    let failure: unknown;
    const cancel = () => {
      failure ??= cancelled("the request was cancelled", options.signal?.reason);
      send({ type: "cancel" });
    };
    const settle = (finish: () => void) => {
      worker.off("message", onMessage).off("error", onDeath).off("exit", onDeath);
      options.signal?.removeEventListener("abort", cancel);
      finish();
    };
    const onDeath = (reason: unknown) =>
      settle(() =>
        reject(systemError(`the thread working on image layers ended during ${job.kind}`, reason)),
      );
    const onChunk = async (bytes: Uint8Array) => {
      try {
        if (failure === undefined) await options.onChunk?.(bytes);
      } catch (error) {
        failure = error;
        send({ type: "cancel" });
      }
      send({ type: "taken" });
    };
    const onMessage = (message: FromWorker) => {
      if (message.type === "progress") options.onBytes?.(message.bytes);
      else if (message.type === "chunk") void onChunk(message.bytes);
      else if (message.type === "failed") settle(() => reject(failure ?? revived(message.error)));
      else settle(() => (failure === undefined ? resolve(message.result as ResultOf<J>) : reject(failure)));
    };
    worker.on("message", onMessage).on("error", onDeath).on("exit", onDeath);
    options.signal?.addEventListener("abort", cancel, { once: true });
    send({ type: "run", job });
  });
}
