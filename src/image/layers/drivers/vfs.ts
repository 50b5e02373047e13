import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { invalidParameter } from "../../../base/errors.ts";
import type { LayerRow } from "../../catalog/layer-table.ts";
import type { LayerFolders } from "../folders.ts";
import type { Removal } from "../removal.ts";
import type { WorkerPool } from "../worker/pool.ts";
import type { SnapshotOptions } from "./driver.ts";
import { WholeTreeDriver } from "./whole-tree.ts";

/**
 * Every writable layer is a whole copy of the layers below it. Slow and large, but it needs nothing of the kernel: for
 * filesystems on which overlayfs cannot be mounted.
 */
export class Vfs extends WholeTreeDriver {
  readonly name = "vfs";
  readonly reserved: ReadonlySet<string> = new Set();

  constructor(dataRoot: string, folders: LayerFolders, pool: WorkerPool, removal: Removal) {
    super(join(dataRoot, "vfs"), folders, pool, removal);
  }

  async create(
    folder: string,
    lowers: readonly LayerRow[],
    { size, isView }: SnapshotOptions,
  ): Promise<void> {
    if (size !== undefined)
      throw invalidParameter("--storage-opt size is not supported by the vfs driver: it has no quotas");
    mkdirSync(this.root, { recursive: true, mode: 0o710 });
    await this.copy(lowers, this.merged(folder));
    if (!isView) this.markAsContainer(folder);
  }

  remove(folder: string): void {
    this.removal.start(this.merged(folder));
  }
}
