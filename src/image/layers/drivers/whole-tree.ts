import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../../base/errors.ts";
import type { LayerRow } from "../../catalog/layer-table.ts";
import { DOCKERENV, type LayerFolders } from "../folders.ts";
import type { Removal } from "../removal.ts";
import type { LayerSource } from "../worker/jobs.ts";
import type { WorkerPool } from "../worker/pool.ts";
import type { DriverName, SnapshotDriver, SnapshotOptions } from "./driver.ts";

/** What drivers have in common whose writable layers are whole trees of their own: nothing has to be mounted. */
export abstract class WholeTreeDriver implements SnapshotDriver {
  abstract readonly name: DriverName;
  abstract readonly reserved: ReadonlySet<string>;
  readonly root: string;
  protected readonly removal: Removal;
  readonly #folders: LayerFolders;
  readonly #pool: WorkerPool;

  constructor(root: string, folders: LayerFolders, pool: WorkerPool, removal: Removal) {
    this.root = root;
    this.#folders = folders;
    this.#pool = pool;
    this.removal = removal;
  }

  abstract create(folder: string, lowers: readonly LayerRow[], options: SnapshotOptions): Promise<void>;
  abstract remove(folder: string): void;

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

  /** Writes what layers show when merged into a folder, which is made if it is missing. */
  protected copy(lowers: readonly LayerRow[], target: string): Promise<undefined> {
    return this.#pool.run({ kind: "copy", lowers: this.#lowers(lowers), target });
  }

  /** By this empty file programs tell that they run in a container. One of the image stays. */
  protected markAsContainer(folder: string): void {
    try {
      writeFileSync(join(this.merged(folder), DOCKERENV), "", { mode: 0o755, flag: "wx" });
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  }

  #lowers(lowers: readonly LayerRow[]): readonly string[] {
    return lowers.map((row) => this.#folders.diff(row.folder));
  }
}
