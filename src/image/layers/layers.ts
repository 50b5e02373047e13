import type { Digest } from "../../oci/index.ts";
import type { MountOptions, SnapshotOptions } from "./drivers/driver.ts";

/** A change of a layer against what is below it: docker diff's kinds. */
export interface Change {
  readonly path: string;
  readonly kind: "modified" | "added" | "deleted";
}

/** The folders of a writable snapshot; they exist on disk as long as it does (`merged` is empty until mounted). */
export interface SnapshotFolders {
  /** Topmost first. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly merged: string;
}

export interface CommittedLayer {
  readonly diffId: Digest;
  readonly chainId: Digest;
  /** Bytes of its files. */
  readonly size: number;
}

/**
 * Layers on a union filesystem: read-only ones unpacked once and shared by their chainID, and a writable snapshot per
 * container or build step. Every call is safe to repeat after a crash.
 */
export interface Layers {
  readonly driver: string;
  /**
   * A writable snapshot named `id` above the layer `parent` (none: an empty root), with the options of its driver.
   * Commit point: its database row. Throws invalidParameter where the driver has no quotas.
   */
  prepare(id: string, parent: Digest | undefined, options?: SnapshotOptions): Promise<SnapshotFolders>;
  /** Undefined when it is not there, or is one whole tree without parts. */
  folders(id: string): SnapshotFolders | undefined;
  /** Folders of a read-only layer and those below it, topmost first. */
  stack(layer: Digest): readonly string[];
  /** Mounts it (if it is not yet) and returns the merged folder. Synchronous: few system calls. */
  mount(id: string, options?: MountOptions): string;
  /** False if it was not mounted. */
  unmount(id: string): boolean;
  /** Unmounts, renames away, then deletes in the background; never follows a mount. */
  remove(id: string): Promise<void>;
  changes(id: string): Promise<readonly Change[]>;
  /** The snapshot's own content as a layer tar (whiteouts as `.wh.`), for commit and build. */
  diff(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** The mounted snapshot's whole tree as a tar, mount points included: `docker export`. */
  export(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * Makes the snapshot's content a read-only layer above its parent, or above `onto`; the snapshot stays. Onto another
   * layer goes the content of a snapshot that has no parent: whatever lies below, it is the same.
   */
  commit(id: string, signal?: AbortSignal, onto?: Digest): Promise<CommittedLayer>;
  /** The content of a layer as a layer above another parent. Throws notFound. */
  rebase(layer: Digest, parent: Digest | undefined, signal?: AbortSignal): Promise<CommittedLayer>;
  /** Bytes in the writable layer. */
  usage(id: string): Promise<number>;
  /**
   * Deletes a folder of the data root that containers have written to: it is out of sight at once, and goes in the background, also one
   * deeper than any path is long. Fine when it is not there.
   */
  discard(folder: string): void;
  /** At start: deletes what no row knows (half-made layers, removed snapshots), unmounts what is not in `inUse`. */
  recover(inUse: ReadonlySet<string>): Promise<void>;
}
