import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { invalidParameter, messageOf } from "../../base/errors.ts";

const starts = (head: Uint8Array, ...magic: readonly number[]) =>
  magic.every((byte, at) => head[at] === byte);

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function headOf(rest: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < 6) {
    const next = await rest.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

/** The bytes of a tar that may be compressed with gzip, zstd, bzip2 or xz. Throws invalidParameter for damaged ones. */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const rest = source[Symbol.asyncIterator]();
  const head = await headOf(rest);
  const plain = joined(head, rest);
  const foreign = starts(head, 0x42, 0x5a, 0x68)
    ? "bzip2"
    : starts(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a)
      ? "xz"
      : undefined;
  if (foreign) {
    const { decompressForeign } = await import("../../base/compression/foreign.ts");
    return yield* decompressForeign(plain, foreign);
  }
  const decoder = starts(head, 0x1f, 0x8b)
    ? createGunzip()
    : starts(head, 0x28, 0xb5, 0x2f, 0xfd)
      ? createZstdDecompress()
      : undefined;
  if (!decoder) return yield* plain;
  // The failure of either side is thrown by the iteration.
  const stream = pipeline(Readable.from(plain, { objectMode: false }), decoder, () => undefined);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk;
  } catch (cause) {
    throw invalidParameter(`cannot decompress the archive: ${messageOf(cause)}`, cause);
  }
}
