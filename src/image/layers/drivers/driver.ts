import type { LayerRow } from "../../catalog/layer-table.ts";
import type { SnapshotFolders } from "../layers.ts";
import type { LayerSource } from "../worker/jobs.ts";

export const DRIVER_NAMES = ["overlay2", "btrfs", "vfs"] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

/** Options of a writable layer. */
export interface SnapshotOptions {
  /** Bytes its own content may take; undefined: what the filesystem has. */
  readonly size?: number | undefined;
  /** It shows an image and is written to by nobody: exactly the image's files, without the mark of a container. */
  readonly isView?: boolean | undefined;
}

/** How a writable layer is mounted. */
export interface MountOptions {
  /** Nothing in it is forced to the disk, whoever asks: for what a crash may take. It can be mounted only once. */
  readonly isVolatile?: boolean;
}

/**
 * How a writable layer stands on read-only ones. Those are kept in one form for all drivers, as the differences that
 * overlayfs merges (layers/folders.ts), so that images serve whatever driver an engine is started with. A writable layer
 * is a folder name; `lowers` are the layers below it, topmost first.
 */
export interface SnapshotDriver {
  readonly name: DriverName;
  /** Where its folders are; everything in there that no row names is garbage. */
  readonly root: string;
  /** Names in `root` that are no writable layers. */
  readonly reserved: ReadonlySet<string>;
  /** Makes it. What a failure leaves is removed by `remove`. Throws invalidParameter for options it cannot honour. */
  create(folder: string, lowers: readonly LayerRow[], options: SnapshotOptions): Promise<void>;
  /** Where its parts are; undefined where it is one whole tree. */
  folders(folder: string, lowers: readonly LayerRow[]): SnapshotFolders | undefined;
  /** The folder with the merged tree, mounted if it has to be. Synchronous: few system calls. */
  mount(folder: string, lowers: readonly LayerRow[], options: MountOptions): string;
  /** Where the merged tree is seen while it is mounted. */
  merged(folder: string): string;
  /** False if there was nothing to unmount. */
  unmount(folder: string): boolean;
  /** Where its differences are read from. */
  source(folder: string, lowers: readonly LayerRow[]): LayerSource;
  /** Takes it out of sight at once; what is slow goes on in the background. Fine when it is not there. */
  remove(folder: string): void;
  /** Names of read-only layers that something is kept for. */
  kept?(): readonly string[];
  /** Read-only layers are gone: what was kept for them goes too. */
  forget?(layers: readonly string[]): void;
}
