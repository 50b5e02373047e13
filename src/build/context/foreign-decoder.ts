import { Worker } from "node:worker_threads";
import { invalidParameter } from "../../base/errors.ts";
import type { FromDecoder, ToDecoder } from "./foreign-decoder-thread.ts";
import { readChannel } from "./message-reader.ts";

/** Compressed chunks handed over before the thread has asked for more. */
const AHEAD = 4;

/**
 * Decodes what Node itself cannot, on a thread of its own: such decoders compute for tens of milliseconds at a time.
 * The thread lives as long as the stream is read.
 */
export async function* decodeForeign(
  format: "bzip2" | "xz",
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const worker = new Worker(new URL("./foreign-decoder-thread.ts", import.meta.url), { workerData: format });
  const say = (message: ToDecoder) => worker.postMessage(message);
  let credit = AHEAD;
  let wake: () => void = () => undefined;
  const messages = readChannel<FromDecoder>(worker, (message) => {
    if (message !== "more") return true;
    credit++;
    wake();
    return false;
  });
  const stop = new AbortController();
  const feeding = feed();
  feeding.catch((error: unknown) => messages.fail(error));
  async function feed(): Promise<void> {
    for await (const bytes of source) {
      while (credit === 0 && !stop.signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (stop.signal.aborted) return;
      credit--;
      say({ bytes });
    }
    say("end");
  }
  try {
    for await (const message of messages.read()) {
      if (message === "end") return;
      if (message === "more") continue;
      if ("failed" in message) throw invalidParameter(`the ${format} data is damaged: ${message.failed}`);
      yield message.bytes;
      say("taken");
    }
  } finally {
    stop.abort();
    wake();
    await worker.terminate();
  }
}
