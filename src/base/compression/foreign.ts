import { on } from "node:events";
import { Worker } from "node:worker_threads";
import { invalidParameter, systemError } from "../errors.ts";

/** Formats that Node has no decoder for. */
export type ForeignCompression = "bzip2" | "xz";

export type ToDecoder =
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  /** The receiver has taken one chunk. */
  | { readonly type: "taken" };

export type FromDecoder =
  | { readonly type: "wanted" }
  | { readonly type: "chunk"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  | { readonly type: "failed"; readonly message: string };

/**
 * Decompresses in a thread of its own, which lives as long as the stream: these decoders are slow and would hold up
 * everything else. Damaged data fails with invalidParameter, a failing source with its own error.
 */
export async function* decompressForeign(
  source: AsyncIterable<Uint8Array>,
  compression: ForeignCompression,
): AsyncGenerator<Uint8Array> {
  const worker = new Worker(new URL("./foreign-thread.ts", import.meta.url), { workerData: compression });
  const input = source[Symbol.asyncIterator]();
  const left = new AbortController();
  let sourceError: unknown;
  const send = (message: ToDecoder): void => worker.postMessage(message);
  const feed = async (): Promise<void> => {
    try {
      const next = await input.next();
      send(next.done ? { type: "end" } : { type: "bytes", bytes: next.value });
    } catch (error) {
      sourceError = error;
      left.abort();
    }
  };
  worker.once("exit", () => left.abort());
  try {
    for await (const [message] of on(worker, "message", { signal: left.signal })) {
      const answer = message as FromDecoder;
      if (answer.type === "wanted") void feed();
      else if (answer.type === "end") return;
      else if (answer.type === "failed")
        throw invalidParameter(`the ${compression} data is damaged or cut off: ${answer.message}`);
      else {
        yield answer.bytes;
        send({ type: "taken" });
      }
    }
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    if (left.signal.aborted) throw systemError(`the thread that decompresses ${compression} ended`, error);
    throw error;
  } finally {
    await worker.terminate();
    await input.return?.();
  }
}
