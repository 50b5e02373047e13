import type { Worker } from "node:worker_threads";
import { systemError } from "../../base/errors.ts";

export interface MessageReader<T> {
  /** Messages in order. Throws when the thread dies before its end is read. */
  read(): AsyncGenerator<T>;
  fail(error: unknown): void;
}

/** A worker's messages as something to iterate over; `keeps` says which of them the reader wants. */
export function readChannel<T>(worker: Worker, keeps: (message: T) => boolean): MessageReader<T> {
  const waiting: T[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = () => undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    wake();
  };
  worker.on("message", (message: T) => {
    if (keeps(message)) waiting.push(message);
    wake();
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(systemError("the decoding thread has ended")));
  return {
    async *read() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (failure) throw failure.error;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
    fail,
  };
}
