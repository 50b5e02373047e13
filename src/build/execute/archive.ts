import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { invalidParameter } from "../../base/errors.ts";
import { type Content, compressionOf, decompress, isTarHead, peek } from "../context/index.ts";

const HEAD = 512;
const NAMED_ARCHIVE = /\.(?:tar\.(?:xz|bz2)|txz|tbz2?)$/;

/**
 * Whether a file is a tar archive, plain or compressed, by its content; a compressed file that holds none is not.
 * Throws invalidParameter for archives compressed in a way that is not read here.
 */
export async function isArchive(content: Content, name: string): Promise<boolean> {
  const source = "bytes" in content ? Readable.from([content.bytes]) : createReadStream(content.path);
  try {
    const { head, whole } = await peek(source, HEAD);
    const compression = compressionOf(head);
    if (compression === "none") return isTarHead(head);
    if (compression === "bzip2" || compression === "xz") {
      if (!NAMED_ARCHIVE.test(name)) return false;
      throw invalidParameter(
        `cannot unpack ${name}: ${compression} archives cannot be read, compress with gzip or zstd`,
      );
    }
    return await holdsTar(whole);
  } finally {
    source.destroy();
    if ("path" in content) content.close();
  }
}

async function holdsTar(compressed: Readable): Promise<boolean> {
  const unpacked = await decompress(compressed);
  try {
    return isTarHead((await peek(unpacked, HEAD)).head);
  } catch {
    // It begins like a compressed file and is none: a file to be copied as it is.
    return false;
  } finally {
    unpacked.destroy();
    compressed.destroy();
  }
}
