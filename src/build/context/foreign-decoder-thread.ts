import { once } from "node:events";
import type { Readable } from "node:stream";
import { parentPort, workerData } from "node:worker_threads";

/** What the engine's thread says: compressed bytes, the end of them, or that decoded bytes were taken. */
export type ToDecoder = { readonly bytes: Uint8Array } | "end" | "taken";
/** What this thread says: decoded bytes, the end, a failure, or that it is ready for more input. */
export type FromDecoder = { readonly bytes: Uint8Array } | { readonly failed: string } | "end" | "more";

/** Decoded chunks on their way to the other thread: more wait here. */
const AHEAD = 4;

const port = parentPort!;
const input: Uint8Array[] = [];
let ended = false;
let wake: () => void = () => undefined;
let untaken = 0;

port.on("message", (message: ToDecoder) => {
  if (message === "taken") untaken--;
  else if (message === "end") ended = true;
  else input.push(message.bytes);
  wake();
});

const changed = () =>
  new Promise<void>((resolve) => {
    wake = resolve;
  });

async function* received(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = input.shift();
    if (next) {
      say("more");
      yield next;
    } else if (ended) return;
    else await changed();
  }
}

async function decodeXz(): Promise<AsyncIterable<Uint8Array>> {
  // CommonJS, whose named exports Node cannot see.
  const { default: xz } = (await import("xz-decompress")) as unknown as {
    default: typeof import("xz-decompress");
  };
  return new xz.XzReadableStream(ReadableStream.from(received()) as ReadableStream<Uint8Array>);
}

async function decodeBzip2(): Promise<AsyncIterable<Uint8Array>> {
  const { Readable, PassThrough } = await import("node:stream");
  const { default: unbzip2 } = await import("unbzip2-stream");
  // A stream of the old kind: it heeds pause(), but tells of its failures by events only.
  const output = new PassThrough();
  const decoder = unbzip2();
  decoder.on("error", (error: Error) => output.destroy(error));
  Readable.from(received()).pipe(decoder).pipe(output);
  return output as Readable;
}

const say = (message: FromDecoder) => port.postMessage(message);

async function run(): Promise<void> {
  try {
    const decoded = await (workerData === "xz" ? decodeXz() : decodeBzip2());
    for await (const bytes of decoded) {
      while (untaken >= AHEAD) await once(port, "message");
      untaken++;
      say({ bytes });
    }
    say("end");
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  } finally {
    port.close();
  }
}

void run();
