import type { Readable } from "node:stream";
import { type Content, compressionOf, decompress, isTarHead, peek, streamOf } from "../context/index.ts";

const HEAD = 512;

/** Whether a file is a tar archive, plain or compressed, by its content; a compressed file that holds none is not. */
export async function isArchive(content: Content): Promise<boolean> {
  const source = streamOf(content);
  try {
    const { head, whole } = await peek(source, HEAD);
    return compressionOf(head) === "none" ? isTarHead(head) : await holdsTar(whole);
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
