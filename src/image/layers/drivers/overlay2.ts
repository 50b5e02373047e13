import { existsSync, lstatSync, statSync } from "node:fs";
import { errnoOf, invalidParameter, systemError } from "../../../base/errors.ts";
import type { Kernel, Quotas } from "../../../kernel/index.ts";
import type { LayerRow } from "../../catalog/layer-table.ts";
import type { LayerFolders } from "../folders.ts";
import type { SnapshotFolders } from "../layers.ts";
import type { Removal } from "../removal.ts";
import type { LayerSource } from "../worker/jobs.ts";
import type { MountOptions, SnapshotDriver, SnapshotOptions } from "./driver.ts";

/**
 * Projects of writable layers with a size: the last bits are the inode number of the layer's folder, which no other folder
 * of the filesystem has. Numbers below are volumes' and administrators'.
 */
const FIRST_PROJECT = 0x58000000;
const PROJECTS = 0x08000000;

/** overlayfs over the layers' folders, which it shares with the writable layers, as Docker's driver of that name. */
export class Overlay2 implements SnapshotDriver {
  readonly name = "overlay2";
  readonly reserved: ReadonlySet<string> = new Set(["l"]);
  readonly #folders: LayerFolders;
  readonly #mounts: Kernel["mounts"];
  readonly #quotas: Quotas;
  readonly #removal: Removal;
  #knowsVolatile = true;

  constructor(
    folders: LayerFolders,
    { mounts, quotas }: Pick<Kernel, "mounts" | "quotas">,
    removal: Removal,
  ) {
    this.#folders = folders;
    this.#mounts = mounts;
    this.#quotas = quotas;
    this.#removal = removal;
  }

  get root(): string {
    return this.#folders.root;
  }

  async create(
    folder: string,
    lowers: readonly LayerRow[],
    { size, isView = false }: SnapshotOptions,
  ): Promise<void> {
    if (size !== undefined && !this.#quotas.isSupported(this.root)) {
      throw invalidParameter(
        "--storage-opt size is not supported by the overlay2 driver here: it needs a filesystem that counts by project below the data root (ext4 or XFS mounted with prjquota); the btrfs driver has quotas of its own",
      );
    }
    const limit = size === undefined ? undefined : (path: string) => this.#limit(path, size);
    // Without a layer below there is nothing to show but the empty folder of its own.
    this.#folders.createSnapshot(folder, lowers, { isView: isView && lowers.length > 0, limit });
  }

  #limit(path: string, bytes: number): void {
    const { ino } = statSync(path, { bigint: true });
    this.#quotas.limit(path, FIRST_PROJECT + Number(ino % BigInt(PROJECTS)), bytes);
  }

  folders(folder: string, lowers: readonly LayerRow[]): SnapshotFolders {
    const path = this.#folders.folder(folder);
    return {
      lower: lowers.map((row) => this.#folders.diff(row.folder)),
      upper: `${path}/diff`,
      work: `${path}/work`,
      merged: `${path}/merged`,
    };
  }

  merged(folder: string): string {
    return `${this.#folders.folder(folder)}/merged`;
  }

  mount(folder: string, lowers: readonly LayerRow[], { isVolatile = false }: MountOptions): string {
    const merged = this.merged(folder);
    if (isMountpoint(merged, this.root)) return merged;
    const links = lowers.map(({ link }) => `l/${link}`);
    const lower = links.length > 0 ? links.join(":") : `${folder}/empty`;
    // One that is only read shows the image's root folder as it is; the kernel wants two folders all the same.
    const data = existsSync(`${this.#folders.folder(folder)}/work`)
      ? `lowerdir=${lower},upperdir=${folder}/diff,workdir=${folder}/work`
      : `lowerdir=${lower}:${folder}/diff`;
    const mount = (more: string) =>
      this.#mounts.mountFrom(this.root, {
        source: "overlay",
        target: merged,
        type: "overlay",
        data: data + more,
      });
    // Without it unmounting waits until everything that anybody wrote to the filesystem is on the disk.
    if (isVolatile && this.#knowsVolatile) {
      try {
        mount(",volatile");
        return merged;
      } catch (error) {
        if (errnoOf(error) !== "EINVAL") throw error;
        // A kernel before 5.10.
        this.#knowsVolatile = false;
      }
    }
    mount("");
    return merged;
  }

  unmount(folder: string): boolean {
    const merged = this.merged(folder);
    try {
      return this.#mounts.unmount(merged);
    } catch (error) {
      if (errnoOf(error) !== "EBUSY") throw error;
      // Someone's working directory is still inside: it goes when they do.
      return this.#mounts.unmount(merged, { detach: true });
    }
  }

  source(folder: string, lowers: readonly LayerRow[]): LayerSource {
    const { upper, lower } = this.folders(folder, lowers);
    return { upper, lowers: lower };
  }

  remove(folder: string): void {
    this.#removal.start(this.#folders.folder(folder));
  }
}

/** A mounted filesystem has a device number of its own. */
function isMountpoint(path: string, parent: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) throw systemError(`the folder ${path} of a writable layer is missing`);
  return stat.dev !== lstatSync(parent).dev;
}
