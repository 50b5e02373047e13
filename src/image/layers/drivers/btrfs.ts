import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { KeyedQueue } from "../../../base/async.ts";
import { errnoOf } from "../../../base/errors.ts";
import type { Subvolumes } from "../../../kernel/index.ts";
import type { LayerRow } from "../../catalog/layer-table.ts";
import { type LayerFolders, newFolder } from "../folders.ts";
import type { Removal } from "../removal.ts";
import type { LayerSource } from "../worker/jobs.ts";
import type { WorkerPool } from "../worker/pool.ts";
import type { SnapshotDriver, SnapshotOptions } from "./driver.ts";
import { markAsContainer } from "./vfs.ts";

const BASES = "bases";

/**
 * A subvolume per image that containers were made from, in which its layers are merged (by references to their data,
 * so it takes next to no space), and a snapshot of that per writable layer.
 */
export class Btrfs implements SnapshotDriver {
  readonly name = "btrfs";
  readonly root: string;
  readonly reserved: ReadonlySet<string> = new Set([BASES]);
  readonly #folders: LayerFolders;
  readonly #subvolumes: Subvolumes;
  readonly #pool: WorkerPool;
  readonly #removal: Removal;
  readonly #queue = new KeyedQueue();

  constructor(
    dataRoot: string,
    folders: LayerFolders,
    subvolumes: Subvolumes,
    pool: WorkerPool,
    removal: Removal,
  ) {
    this.root = join(dataRoot, "btrfs");
    this.#folders = folders;
    this.#subvolumes = subvolumes;
    this.#pool = pool;
    this.#removal = removal;
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
        await this.#pool.run({ kind: "copy", lowers: this.#lowers(lowers), target: making });
        this.#subvolumes.snapshot(making, base);
        return base;
      } finally {
        this.#delete(making);
      }
    });
  }

  #lowers(lowers: readonly LayerRow[]): readonly string[] {
    return lowers.map((row) => this.#folders.diff(row.folder));
  }

  /** As a whole where it is a subvolume without others inside, else file by file in the background. */
  #delete(path: string): void {
    try {
      this.#subvolumes.remove(path);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
      this.#removal.start(path);
    }
  }
}
