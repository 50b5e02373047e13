import { basename, dirname } from "node:path";
import { type MessagePort, parentPort } from "node:worker_threads";
import { EngineError, errnoOf, messageOf } from "../../../base/errors.ts";
import type { Files } from "../../../kernel/index.ts";
import type { FromWorker, Job, JobContext, JobResults, ToWorker, WireError } from "./jobs.ts";

/** Chunks sent but not yet taken: with 256 KiB each, 2 MiB at most wait for a slow receiver. */
const WINDOW = 8;
/** Bytes between two reports of progress. */
const PROGRESS_STEP = 1024 * 1024;

function parent(): MessagePort {
  if (!parentPort) throw new Error("this module runs as a worker thread");
  return parentPort;
}

const port = parent();
/** Loaded by the first job that needs it. */
const kernelFiles = async (): Promise<Files> =>
  (await import("../../../kernel/index.ts")).linuxKernel().files;
const post = (message: FromWorker): void => port.postMessage(message);

/** One job at a time: what belongs to it. */
class Run {
  readonly #abort = new AbortController();
  #onWayOut = 0;
  #unreported = 0;
  #wake: (() => void) | undefined;

  cancel(): void {
    this.#abort.abort();
    this.#wake?.();
  }

  taken(): void {
    this.#onWayOut--;
    this.#wake?.();
  }

  readonly context: JobContext = {
    signal: this.#abort.signal,
    onBytes: (count) => {
      this.#unreported += count;
      if (this.#unreported < PROGRESS_STEP) return;
      post({ type: "progress", bytes: this.#unreported });
      this.#unreported = 0;
    },
    send: async (bytes) => {
      this.#onWayOut++;
      const message: FromWorker = { type: "chunk", bytes };
      port.postMessage(message, bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []);
      while (this.#onWayOut >= WINDOW && !this.#abort.signal.aborted) await this.#woken();
    },
  };

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

async function run(job: Job, context: JobContext): Promise<JobResults[Job["kind"]]> {
  switch (job.kind) {
    case "unpack":
      return (await import("../apply/unpack.ts")).unpack(job, await kernelFiles(), context);
    case "diff":
      return (await import("../pack/jobs.ts")).sendDiff(job, await kernelFiles(), context);
    case "commit":
      return (await import("../pack/jobs.ts")).commit(job, await kernelFiles(), context);
    case "changes":
      return (await import("../pack/jobs.ts")).listChanges(job, await kernelFiles());
    case "usage":
      if (job.isWhole) return (await import("../pack/jobs.ts")).ownBytes(job, await kernelFiles());
      return (await import("../../../base/tree-size.ts")).treeSize(job.upper);
    case "copy":
      return (await import("../apply/copy-tree.ts")).copyTree(job, await kernelFiles(), context);
    case "inherit":
      return (await import("../apply/inherit.ts")).inherit(
        await kernelFiles(),
        job.target,
        job.lowers,
        job.paths,
      );
    case "verify":
      return (await import("../apply/verify.ts")).verify(job, await kernelFiles(), context);
    case "delete":
      (await kernelFiles()).removeTree(dirname(job.folder), basename(job.folder));
      return undefined;
  }
}

const wireError = (error: unknown): WireError => ({
  kind: error instanceof EngineError ? error.kind : undefined,
  message: messageOf(error),
  stack: error instanceof Error ? error.stack : undefined,
  code: errnoOf(error),
});

let current: Run | undefined;

async function start(job: Job): Promise<void> {
  current = new Run();
  try {
    post({ type: "done", result: await run(job, current.context) });
  } catch (error) {
    post({ type: "failed", error: wireError(error) });
  }
}

port.on("message", (message: ToWorker) => {
  if (message.type === "run") void start(message.job);
  else if (message.type === "cancel") current?.cancel();
  else current?.taken();
});
