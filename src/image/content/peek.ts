import { Readable } from "node:stream";
import { cancelled } from "../../base/errors.ts";
import { type AnyCompression, decompressed, isForeign, MAGIC_LENGTH, sniffAny } from "./compression.ts";

/** A source whose compression is known, rewound to its start. */
export interface Sniffed {
  readonly compression: AnyCompression;
  readonly source: Readable;
}

/** Looks at the first bytes of a source without losing them. */
export async function sniff(source: AsyncIterable<Uint8Array>): Promise<Sniffed> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let isOver = false;
  while (head.length < MAGIC_LENGTH && !isOver) {
    const next = await iterator.next();
    isOver = next.done === true;
    if (!next.done) head = Buffer.concat([head, next.value]);
  }
  return {
    compression: sniffAny(head),
    source: Readable.from(rejoined(head, iterator), { objectMode: false, highWaterMark: 256 * 1024 }),
  };
}

async function* rejoined(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/** The plain bytes of a source, whatever it is compressed with. */
export async function* plainBytes(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const sniffed = await sniff(source);
  yield* decompressed(sniffed.source, sniffed.compression);
}

/**
 * The bytes to keep of a layer's archive: as it came where registries know its compression, else plain. With `signal`
 * the source is let go of at once, also while it is silent.
 */
export async function* layerBytes(
  source: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const sniffed = await sniff(source);
  const stop = () => sniffed.source.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    yield* isForeign(sniffed.compression)
      ? decompressed(sniffed.source, sniffed.compression)
      : (sniffed.source as AsyncIterable<Uint8Array>);
    signal?.throwIfAborted();
  } catch (error) {
    if (signal?.aborted) throw cancelled("the import was cancelled", error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
