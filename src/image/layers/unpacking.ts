import { cancelled } from "../../base/errors.ts";
import type { Digest } from "../../oci/index.ts";
import type { LayerTable } from "../catalog/layer-table.ts";
import type { Blobs } from "../content/blobs.ts";
import type { LayerLimits } from "./apply/layer-writer.ts";
import { type FolderName, type LayerFolders, newFolderName } from "./folders.ts";
import type { Removal } from "./removal.ts";
import type { Unpacked } from "./worker/jobs.ts";
import type { RunOptions, WorkerPool } from "./worker/pool.ts";

export interface UnpackTools {
  readonly table: LayerTable;
  readonly blobs: Blobs;
  readonly folders: LayerFolders;
  readonly pool: WorkerPool;
  readonly removal: Removal;
  readonly limits: LayerLimits;
}

/** Takes the folder of a read-only layer out of sight, and deletes it in the background. */
export function discardFolder(
  { folders, removal }: Pick<UnpackTools, "folders" | "removal">,
  { folder, link }: FolderName,
): void {
  folders.unlink(link);
  removal.start(folders.folder(folder));
}

/** A blob on its way into a folder of its own that nobody else knows. */
export class Unpacking {
  readonly name: FolderName = newFolderName();
  readonly #tools: UnpackTools;
  readonly #stop = new AbortController();
  readonly #result: Promise<Unpacked>;
  #read = 0;
  #onBytes: (count: number) => void = () => undefined;

  constructor(tools: UnpackTools, blob: Digest) {
    this.#tools = tools;
    this.#result = this.#run(blob);
    // Whoever waits for it is told; where nobody does, it does not count.
    this.#result.catch(() => undefined);
  }

  /** What came out of it; `onBytes` hears of what was read before too. Rejects when it was stopped, once it has. */
  async finished({ signal, onBytes }: Pick<RunOptions, "signal" | "onBytes">): Promise<Unpacked> {
    const stop = () => this.#stop.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    if (onBytes) {
      if (this.#read > 0) onBytes(this.#read);
      this.#onBytes = onBytes;
    }
    try {
      return await this.#result;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Stops it and takes its folder away. */
  async abandon(): Promise<void> {
    this.#stop.abort(cancelled("the layer is not needed"));
    await Promise.allSettled([this.#result]);
    discardFolder(this.#tools, this.name);
  }

  async #run(blob: Digest): Promise<Unpacked> {
    const { blobs, folders, pool, limits } = this.#tools;
    folders.make();
    folders.createLayer(this.name);
    const target = folders.diff(this.name.folder);
    const onBytes = (count: number) => {
      this.#read += count;
      this.#onBytes(count);
    };
    const job = { kind: "unpack", blob: blobs.path(blob), blobDigest: blob, target, limits } as const;
    return pool.run(job, { signal: this.#stop.signal, onBytes });
  }
}

/**
 * Blobs that are unpacked before it is known which layers they are, while the archive they came in is still being read.
 * Disposing it takes away those that turned out to be none.
 */
export class UnpackedAhead implements AsyncDisposable {
  readonly #tools: UnpackTools;
  readonly #begun = new Map<Digest, Unpacking>();

  constructor(tools: UnpackTools) {
    this.#tools = tools;
  }

  /** Starts with a stored blob, unless it or what it unpacks to is in a layer already. */
  begin(blob: Digest): void {
    if (!this.#begun.has(blob) && !this.#tools.table.isContentKnown(blob))
      this.#begun.set(blob, new Unpacking(this.#tools, blob));
  }

  /** Hands over what was begun with a blob; from then on it is the caller's. */
  take(blob: Digest): Unpacking | undefined {
    const unpacking = this.#begun.get(blob);
    this.#begun.delete(blob);
    return unpacking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#begun.values()].map((unpacking) => unpacking.abandon()));
  }
}
