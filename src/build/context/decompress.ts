import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

const MAGICS: readonly (readonly [Exclude<Compression, "none">, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** What the first bytes of a file say about its compression. */
export function compressionOf(head: Uint8Array): Compression {
  return MAGICS.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0] ?? "none";
}

const TAR_MAGIC_AT = 257;

/** Whether the first block of a file is a tar header: ustar's and GNU's mark. */
export const isTarHead = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5)).toString("latin1") === "ustar";

/** The first bytes (as many as wanted, or all there are) and the whole stream again. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  wanted: number,
): Promise<{ readonly head: Uint8Array; readonly whole: Readable }> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < wanted) {
    const { done, value } = await iterator.next();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  async function* again() {
    yield* chunks;
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return;
      yield value;
    }
  }
  return { head: Buffer.concat(chunks), whole: Readable.from(again(), { objectMode: false }) };
}

/** Decompresses a stream by what its first bytes say. */
export async function decompress(source: AsyncIterable<Uint8Array>): Promise<Readable> {
  const { head, whole } = await peek(source, 6);
  const compression = compressionOf(head);
  if (compression === "none") return whole;
  if (compression === "bzip2" || compression === "xz") {
    const { decompressForeign } = await import("../../base/compression/foreign.ts");
    return Readable.from(decompressForeign(whole, compression), { objectMode: false });
  }
  const unpacked = compression === "gzip" ? createGunzip() : createZstdDecompress();
  whole.once("error", (error) => unpacked.destroy(error));
  unpacked.once("close", () => whole.destroy());
  return whole.pipe(unpacked);
}
