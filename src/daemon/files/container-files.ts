import { Worker } from "node:worker_threads";
import { cancelled, EngineError, systemError } from "../../base/errors.ts";
import type { ContainerFiles, FilePeek, PathStat } from "../../engine/index.ts";
import { decompressed } from "./decompress.ts";
import type { Answer, Envelope, Request, Result } from "./messages.ts";

/** The thread costs some 10 MB: it ends after this many milliseconds without work. */
const IDLE_MS = 3000;

interface Waiting {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

function revived({ kind, message, code }: NonNullable<Answer["error"]>): Error {
  const error = new EngineError(kind, message);
  return code === undefined ? error : Object.assign(error, { code });
}

/** The thread, started with the first request. */
class Thread {
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  /** Requests without answer, and jobs that are not over: while there are any the thread stays. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #jobs = new Set<number>();

  ask(request: Request): Promise<Result> {
    const id = ++this.#last;
    clearTimeout(this.#timer);
    this.#worker ??= this.#start();
    this.#worker.ref();
    const envelope: Envelope = { id, request };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage(envelope);
    });
  }

  begin(): number {
    this.#jobs.add(++this.#last);
    return this.#last;
  }

  async leave(job: number): Promise<void> {
    this.#jobs.delete(job);
    await this.ask({ type: "leave", job });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // Its descriptors come from system calls of our own, which Node would count as foreign ones.
    const worker = new Worker(new URL("./container-files-thread.ts", import.meta.url), {
      trackUnmanagedFds: false,
    });
    const onDeath = (reason: unknown) => {
      if (this.#worker === worker) this.#worker = undefined;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const { reject } of waiting) reject(systemError("the thread that copies files has ended", reason));
    };
    worker.on("message", (answer: Answer) => this.#take(answer));
    return worker.on("error", onDeath).on("exit", onDeath);
  }

  #take({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(revived(error));
    else waiting?.resolve(result);
    if (this.#waiting.size > 0 || this.#jobs.size > 0) return;
    this.#worker?.unref();
    this.#timer = setTimeout(() => {
      void this.#worker?.terminate();
      this.#worker = undefined;
    }, IDLE_MS);
    this.#timer.unref();
  }
}

async function* chunks(thread: Thread, job: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    // One chunk ahead of the receiver.
    let next = thread.ask({ type: "next", job });
    for (let chunk = await next; chunk instanceof Uint8Array; chunk = await next) {
      if (signal.aborted) throw cancelled("the request was cancelled", signal.reason);
      next = thread.ask({ type: "next", job });
      next.catch(() => undefined); // awaited by the loop unless the receiver leaves before
      yield chunk;
    }
  } finally {
    await thread.leave(job);
  }
}

/** Containers' files through a thread of their own; `close` ends it. */
export function containerFiles(): ContainerFiles & { close(): Promise<void> } {
  const thread = new Thread();
  return {
    stat: async (view, path) => (await thread.ask({ type: "stat", view, path })) as PathStat,
    peek: async (view, path, offset, length) =>
      (await thread.ask({ type: "peek", view, path, offset, length })) as FilePeek | undefined,
    async pack(view, path, signal) {
      const job = thread.begin();
      try {
        const stat = (await thread.ask({ type: "pack", job, view, path })) as PathStat;
        return { stat, tar: chunks(thread, job, signal) };
      } catch (error) {
        await thread.leave(job);
        throw error;
      }
    },
    async unpack(view, path, tar, options, signal) {
      const job = thread.begin();
      try {
        await thread.ask({ type: "unpack", job, view, path, options });
        for await (const bytes of decompressed(tar)) {
          if (signal.aborted) throw cancelled("the request was cancelled", signal.reason);
          await thread.ask({ type: "chunk", job, bytes });
        }
        await thread.ask({ type: "finish", job });
      } finally {
        await thread.leave(job);
      }
    },
    close: () => thread.close(),
  };
}
