import { Readable } from "node:stream";
import { type Compression, decompressed, MAGIC_LENGTH, sniffCompression } from "./compression.ts";

/** A source whose compression is known, rewound to its start. */
export interface Sniffed {
  readonly compression: Compression;
  readonly source: Readable;
}

/** Looks at the first bytes of a source without losing them. Throws invalidParameter for formats nobody here reads. */
export async function sniff(source: AsyncIterable<Uint8Array>): Promise<Sniffed> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  let isOver = false;
  while (head.length < MAGIC_LENGTH && !isOver) {
    const next = await iterator.next();
    isOver = next.done === true;
    if (!next.done) head = Buffer.concat([head, next.value]);
  }
  let compression: Compression;
  try {
    compression = sniffCompression(head);
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
  return {
    compression,
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
