import type { OnProgress, Progress } from "../../image/index.ts";

/** More lines than this unread: the rest of the work goes on, but its lines are dropped until the client reads. */
const QUEUE_LIMIT = 1000;

/** Turns a body that reports into the stream a client reads. What the body throws ends the stream with that error. */
export async function* progressStream(
  body: (onProgress: OnProgress) => Promise<void>,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const queue: Progress[] = [];
  let wake = Promise.withResolvers<void>();
  let over = false;
  const work = body((progress) => {
    // Lines with a stream are what the client prints in the end; only bars may be dropped.
    if (queue.length < QUEUE_LIMIT || progress.progressDetail?.total === undefined) queue.push(progress);
    wake.resolve();
  }).finally(() => {
    over = true;
    wake.resolve();
  });
  // Awaited at the end; until then a failure must not count as unhandled.
  work.catch(() => undefined);
  while (true) {
    while (queue.length > 0) yield { ...queue.shift()! };
    if (over) break;
    await wake.promise;
    wake = Promise.withResolvers<void>();
  }
  await work;
}
