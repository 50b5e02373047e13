import { open } from "node:fs/promises";
import { pipeline, type Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { ForeignCompression } from "../../base/compression/foreign.ts";
import { invalidParameter } from "../../base/errors.ts";

/** What layers are stored in. */
export type Compression = "none" | "gzip" | "zstd";
/** What archives may come in. */
export type AnyCompression = Compression | ForeignCompression;

/** Bytes that have to be seen before the format is known. */
export const MAGIC_LENGTH = 6;

const MAGIC: readonly (readonly [name: AnyCompression, bytes: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

/** Tells a stream's compression by its first bytes. */
export const sniffAny = (head: Uint8Array): AnyCompression =>
  MAGIC.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0] ?? "none";

export const isForeign = (compression: AnyCompression): compression is ForeignCompression =>
  compression === "bzip2" || compression === "xz";

/** Tells a layer's compression by its first bytes. Throws invalidParameter for those no registry knows. */
function sniffCompression(head: Uint8Array): Compression {
  const found = sniffAny(head);
  if (!isForeign(found)) return found;
  throw invalidParameter(`layers compressed with ${found} cannot be read: registries have gzip and zstd`);
}

/** What a stored layer is compressed with. */
export async function compressionOf(path: string): Promise<Compression> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_LENGTH), 0, MAGIC_LENGTH, 0);
    return sniffCompression(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** The stream that decompresses; undefined where nothing is to be done. */
export function decompressorOf(compression: Compression): Transform | undefined {
  if (compression === "gzip") return createGunzip({ chunkSize: 128 * 1024 });
  if (compression === "zstd") return createZstdDecompress({ chunkSize: 128 * 1024 });
  return undefined;
}

/** The plain bytes of a stream. Damaged compressed data fails with invalidParameter, other errors pass as they are. */
export async function* decompressed(
  source: Readable,
  compression: AnyCompression,
): AsyncGenerator<Uint8Array> {
  if (isForeign(compression))
    return yield* (await import("../../base/compression/foreign.ts")).decompressForeign(source, compression);
  const decompressor = decompressorOf(compression);
  if (!decompressor) return yield* source;
  let sourceError: unknown;
  source.once("error", (error) => {
    sourceError = error;
  });
  // The callback's error is the one the iteration below throws.
  pipeline(source, decompressor, () => undefined);
  try {
    yield* decompressor;
  } catch (cause) {
    if (sourceError) throw sourceError;
    if (isDataError(cause)) throw invalidParameter(`the ${compression} data is damaged or cut off`, cause);
    throw cause;
  }
}

const isDataError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^(Z_|ZSTD_)/.test(String(error.code));
