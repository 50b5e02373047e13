import type { DiffJob } from "./worker/jobs.ts";
import type { WorkerPool } from "./worker/pool.ts";

/**
 * A job's output as an iterable with back-pressure: the thread waits while the receiver does. Leaving the loop early
 * cancels the job.
 */
export async function* chunksOf(
  pool: WorkerPool,
  job: DiffJob,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const left = new AbortController();
  const ready: { readonly bytes: Uint8Array; readonly taken: () => void }[] = [];
  let wake: () => void = () => undefined;
  let isOver = false;
  const onChunk = (bytes: Uint8Array) =>
    new Promise<void>((taken) => {
      ready.push({ bytes, taken });
      wake();
    });
  const stop = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const done = pool.run(job, { signal: stop, onChunk }).finally(() => {
    isOver = true;
    wake();
  });
  done.catch(() => undefined); // awaited below; this only keeps an early failure from being reported as unhandled
  try {
    for (;;) {
      const next = ready.shift();
      if (next) {
        yield next.bytes;
        next.taken();
      } else if (isOver) {
        return await done;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    left.abort();
    for (const { taken } of ready) taken();
    if (!isOver) await done.catch(() => undefined);
  }
}
