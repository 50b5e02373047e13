import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, invalidParameter } from "../../../base/errors.ts";
import type { LayerRow } from "../../catalog/layer-table.ts";
import { DOCKERENV, type LayerFolders } from "../folders.ts";
import type { Removal } from "../removal.ts";
import type { LayerSource } from "../worker/jobs.ts";
import type { WorkerPool } from "../worker/pool.ts";
import type { SnapshotDriver, SnapshotOptions } from "./driver.ts";

/**
 * Every writable layer is a whole copy of the layers below it. Slow and large, but it needs nothing of the kernel: for
 * filesystems on which overlayfs cannot be mounted.
 */
export class Vfs implements SnapshotDriver {
  readonly name = "vfs";
  readonly root: string;
  readonly reserved: ReadonlySet<string> = new Set();
  readonly #folders: LayerFolders;
  readonly #pool: WorkerPool;
  readonly #removal: Removal;

  constructor(dataRoot: string, folders: LayerFolders, pool: WorkerPool, removal: Removal) {
    this.root = join(dataRoot, "vfs");
    this.#folders = folders;
    this.#pool = pool;
    this.#removal = removal;
  }

  async create(
    folder: string,
    lowers: readonly LayerRow[],
    { size, isView }: SnapshotOptions,
  ): Promise<void> {
    if (size !== undefined)
      throw invalidParameter("--storage-opt size is not supported by the vfs driver: it has no quotas");
    mkdirSync(this.root, { recursive: true, mode: 0o710 });
    const target = this.merged(folder);
    await this.#pool.run({ kind: "copy", lowers: this.#lowers(lowers), target });
    if (!isView) markAsContainer(target);
  }

  folders(): undefined {
    return undefined;
  }

  merged(folder: string): string {
    return join(this.root, folder);
  }

  mount(folder: string): string {
    return this.merged(folder);
  }

  unmount(): boolean {
    return false;
  }

  source(folder: string, lowers: readonly LayerRow[]): LayerSource {
    return { upper: this.merged(folder), lowers: this.#lowers(lowers), isWhole: true };
  }

  remove(folder: string): void {
    this.#removal.start(this.merged(folder));
  }

  #lowers(lowers: readonly LayerRow[]): readonly string[] {
    return lowers.map((row) => this.#folders.diff(row.folder));
  }
}

/** By this empty file programs tell that they run in a container. One of the image stays. */
export function markAsContainer(root: string): void {
  try {
    writeFileSync(join(root, DOCKERENV), "", { mode: 0o755, flag: "wx" });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}
