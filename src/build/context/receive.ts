import { EngineError, invalidParameter, messageOf } from "../../base/errors.ts";
import { BLOCK, type TarEntry } from "../../base/tar/entry.ts";
import { TarReader, type TarSink } from "../../base/tar/reader.ts";
import { Bodies, type OpenBody } from "./bodies.ts";
import { decompress } from "./decompress.ts";
import { MemoryTree } from "./memory-tree.ts";
import type { TreeNode } from "./tree.ts";

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
  const bodies = new Bodies(folder);
  const sink = new TreeSink(bodies);
  const reader = new TarReader(sink);
  let length = 0;
  try {
    for await (const chunk of await decompress(source)) {
      signal.throwIfAborted();
      reader.write(chunk);
      length += chunk.length;
      if (bodies.isBehind) await bodies.drained();
    }
    // The docker command sends archives without the zeros after the last file's bytes (`build -f -`).
    if (mayEndEarly && !sink.isInside && length % BLOCK !== 0)
      reader.write(Buffer.alloc(BLOCK - (length % BLOCK)));
    reader.finish();
    await bodies.settle();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof EngineError) throw cause;
    throw invalidParameter(`cannot read the tar archive: ${messageOf(cause)}`, cause);
  } finally {
    await bodies.idle();
  }
  return sink.tree;
}

/** Puts what an archive holds into a tree. */
class TreeSink implements TarSink {
  readonly tree = new MemoryTree();
  readonly #bodies: Bodies;
  #open: { readonly name: string; readonly node: TreeNode; readonly body: OpenBody } | undefined;

  constructor(bodies: Bodies) {
    this.#bodies = bodies;
  }

  /** Whether bytes of a file are still to come. */
  get isInside(): boolean {
    return this.#open !== undefined;
  }

  entry(entry: TarEntry): void {
    const node = nodeOf(entry);
    if (node?.type === "file") this.#open = { name: entry.name, node, body: this.#bodies.open(entry.size) };
    else if (node) this.tree.add(entry.name, node);
    else this.tree.link(entry.name, entry.linkName);
  }

  data(chunk: Uint8Array, position: number): void {
    this.#open?.body.write(chunk, position);
  }

  end(): void {
    if (!this.#open) return;
    const { name, node, body } = this.#open;
    this.#open = undefined;
    this.tree.add(name, node, body.end());
  }
}

/** Undefined for a further name of a file. */
function nodeOf({ type, size, linkName, major, minor, mode, uid, gid, mtime, xattrs }: TarEntry) {
  const common = { mode, uid, gid, mtime, xattrs };
  switch (type) {
    case "link":
      return undefined;
    case "file":
      return { type, size, ...common };
    case "symlink":
      return { type, target: linkName, ...common };
    case "char":
    case "block":
      return { type, major, minor, ...common };
    default:
      return { type, ...common };
  }
}
