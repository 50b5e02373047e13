import { createHash, hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";
import { EngineError, invalidParameter, messageOf } from "../../base/errors.ts";
import { decompress } from "./decompress.ts";
import { MemoryTree } from "./memory-tree.ts";
import { Spool } from "./spool.ts";
import type { Content, TreeNode } from "./tree.ts";

/** Files up to this size stay in memory, as long as all of them together stay below the total. Bytes. */
const SMALL_FILE = 128 * 1024;
const SMALL_TOTAL = 32 * 1024 * 1024;
/** Files up to this size lie together in one file: making a file costs more than writing so little. Bytes. */
const WHOLE_FILE = 1024 * 1024;
const XATTR = "SCHILY.xattr.";

export interface ReceiveOptions {
  readonly signal: AbortSignal;
  /** The archive may end without its last zeros, as those of the docker command do. */
  readonly mayEndEarly: boolean;
}

/**
 * Reads a tar (plain, gzip, zstd, bzip2, xz) into a tree. Larger contents go into `folder` under names of our own
 * choice, which is made when first needed; names of the archive never reach the file system. Throws invalidParameter
 * for archives that are damaged or lead outside.
 */
export async function receiveTar(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  { signal, mayEndEarly }: ReceiveOptions,
): Promise<MemoryTree> {
  const tree = new MemoryTree();
  const bodies = new Bodies(folder);
  const archive = extract();
  let last = Promise.resolve();
  let end = 0;
  archive.on("entry", (header, body, next) => {
    end = bodyEnd(header);
    last = addEntry(tree, header, body, bodies).then(() => next());
    last.catch((error: Error) => archive.destroy(error));
  });
  try {
    const unpacked = await decompress(source);
    const whole = (chunks: AsyncIterable<Uint8Array>) => (mayEndEarly ? padded(chunks, () => end) : chunks);
    await pipeline(unpacked, whole, archive, { signal });
    // The parser may be done with the bytes of the last entry before we are.
    await last;
    await bodies.settle();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof EngineError) throw cause;
    throw invalidParameter(`cannot read the tar archive: ${messageOf(cause)}`, cause);
  } finally {
    await bodies.idle();
  }
  return tree;
}

const BLOCK = 512;

/** Where the bytes of an entry end in the archive. */
const bodyEnd = ({ size, byteOffset }: Header & { readonly byteOffset?: number }): number =>
  (byteOffset ?? 0) + (size ?? 0);

/**
 * Archives that end right after the bytes of their last file, without the zeros that should follow: the docker command
 * sends such ones (`build -f -`). `end` says where the last file ends; what is cut off before that stays cut off.
 */
async function* padded(chunks: AsyncIterable<Uint8Array>, end: () => number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    yield chunk;
  }
  if (length % BLOCK !== 0 && length >= end()) yield Buffer.alloc(BLOCK - (length % BLOCK));
}

type Body = AsyncIterable<unknown> & { resume(): unknown };

async function addEntry(tree: MemoryTree, header: Header, body: Body, bodies: Bodies): Promise<void> {
  const node = nodeOf(header);
  const content = node?.type === "file" ? await bodies.keep(body, node.size) : undefined;
  if (!content) body.resume();
  if (header.type === "link") tree.link(header.name, header.linkname ?? "");
  else if (node) tree.add(header.name, node, content);
}

function nodeOf(header: Header): TreeNode | undefined {
  const milliseconds = header.mtime?.getTime() ?? 0;
  const seconds = Math.floor(milliseconds / 1000);
  const common = {
    mode: (header.mode ?? 0o644) & 0o7777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    mtime: { seconds, nanoseconds: (milliseconds - seconds * 1000) * 1_000_000 },
    xattrs: xattrsOf(header),
  };
  switch (header.type ?? "file") {
    case "file":
    case "contiguous-file":
      return { type: "file", size: header.size ?? 0, ...common };
    case "directory":
      return { type: "directory", ...common };
    case "symlink":
      return { type: "symlink", target: header.linkname ?? "", ...common };
    case "fifo":
      return { type: "fifo", ...common };
    case "character-device":
      return { type: "char", major: header.devmajor ?? 0, minor: header.devminor ?? 0, ...common };
    case "block-device":
      return { type: "block", major: header.devmajor ?? 0, minor: header.devminor ?? 0, ...common };
    default:
      return undefined;
  }
}

const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

function xattrsOf({ pax }: Header): ReadonlyMap<string, Uint8Array> {
  if (!pax) return NO_XATTRS;
  const named = Object.entries(pax).filter(([key]) => key.startsWith(XATTR));
  return named.length === 0
    ? NO_XATTRS
    : new Map(named.map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value)]));
}

/** Keeps the contents of files: small ones in memory, middling ones in one file together, large ones in their own. */
class Bodies {
  readonly #folder: string;
  #spool: Spool | undefined;
  #inMemory = 0;
  #count = 0;
  #hasFolder = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Takes all of a body in; what is written may still be on its way until `settle`. */
  async keep(body: AsyncIterable<unknown>, size: number): Promise<Content> {
    if (size > WHOLE_FILE) return this.#keepLarge(body);
    // A copy: the chunks are views of larger buffers, which would stay in memory with them.
    const bytes = Buffer.concat(await chunksOf(body));
    const sum = hash("sha256", bytes, "hex");
    if (size <= SMALL_FILE && this.#inMemory + size <= SMALL_TOTAL) {
      this.#inMemory += size;
      return { bytes, sum };
    }
    this.#spool ??= new Spool(await this.#place("files"));
    return { path: this.#spool.path, part: await this.#spool.add(bytes), close: () => undefined, sum };
  }

  /** Waits until everything is written. Throws the first failure. */
  async settle(): Promise<void> {
    await this.#spool?.settle();
  }

  /** Waits until nothing is on its way any more, whether it worked or not. */
  async idle(): Promise<void> {
    await this.#spool?.close();
  }

  async #keepLarge(body: AsyncIterable<unknown>): Promise<Content> {
    const path = await this.#place(String(this.#count++));
    const sum = createHash("sha256");
    async function* summed() {
      for await (const chunk of body) {
        sum.update(chunk as Uint8Array);
        yield chunk;
      }
    }
    await pipeline(summed(), createWriteStream(path, { flags: "wx", mode: 0o600 }));
    return { path, close: () => undefined, sum: sum.digest("hex") };
  }

  async #place(name: string): Promise<string> {
    if (!this.#hasFolder) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    this.#hasFolder = true;
    return join(this.#folder, name);
  }
}

async function chunksOf(body: AsyncIterable<unknown>): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk as Uint8Array);
  return chunks;
}
