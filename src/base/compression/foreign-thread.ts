import { PassThrough, Readable } from "node:stream";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../errors.ts";
import type { ForeignCompression, FromDecoder, ToDecoder } from "./foreign.ts";

/** Chunks sent but not yet taken. */
const WINDOW = 4;

function parent(): MessagePort {
  if (!parentPort) throw new Error("this module runs as a worker thread");
  return parentPort;
}
const port = parent();
const post = (message: FromDecoder): void => port.postMessage(message);

let onInput: (message: ToDecoder) => void = () => undefined;
let onTaken: () => void = () => undefined;
let onWayOut = 0;
port.on("message", (message: ToDecoder) => {
  if (message.type !== "taken") return onInput(message);
  onWayOut--;
  onTaken();
});

async function* input(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<ToDecoder>();
    onInput = resolve;
    post({ type: "wanted" });
    const next = await promise;
    if (next.type !== "bytes") return;
    yield next.bytes;
  }
}

async function decoderOf(compression: ForeignCompression): Promise<AsyncIterable<Uint8Array>> {
  const source = Readable.from(input(), { objectMode: false });
  if (compression === "xz") {
    // CommonJS: what it exports is one object, however it is imported.
    const module = await import("xz-decompress");
    const { XzReadableStream } = "default" in module ? (module.default as typeof module) : module;
    const web = Readable.toWeb(source) as ReadableStream<Uint8Array>;
    return new XzReadableStream(web) as unknown as AsyncIterable<Uint8Array>;
  }
  const { default: unbzip2 } = await import("unbzip2-stream");
  return fromOldStream(source, unbzip2());
}

/** Streams of the old kind end without the events that iteration waits for. */
function fromOldStream(source: Readable, decoder: NodeJS.ReadWriteStream): Readable {
  const out = new PassThrough();
  const fail = (error: Error) => out.destroy(error);
  source.on("error", fail).pipe(decoder);
  decoder.on("error", fail).pipe(out);
  return out;
}

async function run(): Promise<void> {
  try {
    for await (const chunk of await decoderOf(workerData as ForeignCompression)) {
      // Copied: decoders hand out views of memory they go on using.
      const bytes = Uint8Array.from(chunk);
      onWayOut++;
      port.postMessage({ type: "chunk", bytes } satisfies FromDecoder, [bytes.buffer]);
      while (onWayOut >= WINDOW) {
        const { promise, resolve } = Promise.withResolvers<void>();
        onTaken = resolve;
        await promise;
      }
    }
    post({ type: "end" });
  } catch (error) {
    post({ type: "failed", message: messageOf(error) });
  }
}

void run();
