import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { KeyedQueue } from "../../../base/async.ts";
import { errnoOf } from "../../../base/errors.ts";
import type { Subvolumes } from "../../../kernel/index.ts";
import type { LayerRow } from "../../catalog/layer-table.ts";
import { type LayerFolders, newFolder } from "../folders.ts";
import type { Removal } from "../removal.ts";
import type { WorkerPool } from "../worker/pool.ts";
import type { SnapshotOptions } from "./driver.ts";
import { WholeTreeDriver } from "./whole-tree.ts";

const BASES = "bases";

/**
 * A subvolume per image that containers were made from, in which its layers are merged (by references to their data,
 * so it takes next to no space), and a snapshot of that per writable layer.
 */
export class Btrfs extends WholeTreeDriver {
  readonly name = "btrfs";
  readonly reserved: ReadonlySet<string> = new Set([BASES]);
  readonly #subvolumes: Subvolumes;
  readonly #queue = new KeyedQueue();

  constructor(
    dataRoot: string,
    folders: LayerFolders,
    subvolumes: Subvolumes,
    pool: WorkerPool,
    removal: Removal,
  ) {
    super(join(dataRoot, "btrfs"), folders, pool, removal);
    this.#subvolumes = subvolumes;
  }

  async create(
    folder: string,
    lowers: readonly LayerRow[],
    { size, isView }: SnapshotOptions,
  ): Promise<void> {
    mkdirSync(join(this.root, BASES), { recursive: true, mode: 0o710 });
    const top = lowers[0];
    const target = this.merged(folder);
    if (top) this.#subvolumes.snapshot(await this.#base(top, lowers), target);
    else this.#subvolumes.create(target);
    if (size !== undefined) this.#subvolumes.limit(target, size);
    if (!isView) this.markAsContainer(folder);
  }

  remove(folder: string): void {
    this.#delete(this.merged(folder));
  }

  kept(): readonly string[] {
    const bases = join(this.root, BASES);
    return existsSync(bases) ? readdirSync(bases) : [];
  }

  forget(layers: readonly string[]): void {
    for (const folder of layers) this.#delete(join(this.root, BASES, folder));
  }

  /** The merged subvolume of a stack of layers. It gets its name when it is complete. */
  #base(top: LayerRow, lowers: readonly LayerRow[]): Promise<string> {
    const base = join(this.root, BASES, top.folder);
    return this.#queue.run(top.folder, async () => {
      if (existsSync(base)) return base;
      const making = this.merged(newFolder());
      try {
        this.#subvolumes.create(making);
        await this.copy(lowers, making);
        this.#subvolumes.snapshot(making, base);
        return base;
      } finally {
        this.#delete(making);
      }
    });
  }

  /** As a whole where it is a subvolume without others inside, else file by file in the background. */
  #delete(path: string): void {
    try {
      this.#subvolumes.remove(path);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
      this.removal.start(path);
    }
  }
}
