import { existsSync, readdirSync } from "node:fs";
import { conflict, notFound } from "../../base/errors.ts";
import type { Digest } from "../../oci/index.ts";
import type { LayerRow, LayerTable, SnapshotRow } from "../catalog/layer-table.ts";
import type { Blobs } from "../content/blobs.ts";
import { diskFull, isDiskFull } from "../disk-full.ts";
import { chunksOf } from "./chunks.ts";
import type { DriverName, MountOptions, SnapshotDriver, SnapshotOptions } from "./drivers/driver.ts";
import { type LayerFolders, newFolder } from "./folders.ts";
import type { Change, CommittedLayer, Layers, SnapshotFolders } from "./layers.ts";
import type { ReadOnlyLayers } from "./read-only-layers.ts";
import type { Removal } from "./removal.ts";
import type { WorkerPool } from "./worker/pool.ts";

export interface SnapshotParts {
  readonly table: LayerTable;
  readonly folders: LayerFolders;
  readonly pool: WorkerPool;
  readonly removal: Removal;
  readonly layers: ReadOnlyLayers;
  readonly blobs: Blobs;
  readonly drivers: Readonly<Record<DriverName, SnapshotDriver>>;
  /** Of new writable layers. */
  readonly driver: DriverName;
  /** Bytes each may hold that asks for nothing else. */
  readonly size: number | undefined;
}

/** Writable layers, each by the driver it was made with. */
export class Snapshots implements Layers {
  readonly driver: DriverName;
  readonly #parts: SnapshotParts;

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.driver = parts.driver;
  }

  async prepare(
    id: string,
    parent: Digest | undefined,
    { size, isView }: SnapshotOptions = {},
  ): Promise<SnapshotFolders> {
    const { table, folders, layers, drivers } = this.#parts;
    const known = table.snapshot(id);
    if (known) {
      if (known.parent !== parent)
        throw conflict(`there is already a writable layer ${id} above another image`);
      return this.#foldersOf(known);
    }
    using lease = layers.lease();
    if (parent !== undefined) lease.hold(parent);
    const row = { id, parent, folder: newFolder(), driver: this.driver };
    const driver = drivers[this.driver];
    folders.make();
    try {
      await driver.create(row.folder, layers.lowers(parent), { size: size ?? this.#parts.size, isView });
      table.insertSnapshot(row);
    } catch (error) {
      driver.remove(row.folder);
      if (isDiskFull(error)) throw diskFull("cannot make a writable layer", error);
      throw error;
    }
    return this.#foldersOf(row);
  }

  folders(id: string): SnapshotFolders | undefined {
    const row = this.#parts.table.snapshot(id);
    return row && this.#driverOf(row).folders(row.folder, this.#lowers(row));
  }

  stack(layer: Digest): readonly string[] {
    const { table, folders } = this.#parts;
    return table.stack(layer).map((row) => folders.diff(row.folder));
  }

  mount(id: string, options: MountOptions = {}): string {
    const row = this.#row(id);
    const lowers = this.#lowers(row);
    // Says which layer is missing, should one ever be.
    if (row.parent !== undefined && lowers.length === 0) this.#parts.layers.lowers(row.parent);
    return this.#driverOf(row).mount(row.folder, lowers, options);
  }

  unmount(id: string): boolean {
    const row = this.#parts.table.snapshot(id);
    return row !== undefined && this.#driverOf(row).unmount(row.folder);
  }

  async remove(id: string): Promise<void> {
    const { table } = this.#parts;
    const row = table.snapshot(id);
    if (!row) return;
    const driver = this.#driverOf(row);
    driver.unmount(row.folder);
    // The row first: a row without its folder would promise what is not there, a folder without a row is only garbage.
    table.deleteSnapshot(id);
    driver.remove(row.folder);
  }

  discard(folder: string): void {
    this.#parts.removal.start(folder);
  }

  async changes(id: string): Promise<readonly Change[]> {
    return this.#parts.pool.run({ kind: "changes", ...this.#source(id) });
  }

  diff(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return chunksOf(this.#parts.pool, { kind: "diff", ...this.#source(id) }, signal);
  }

  export(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const row = this.#row(id);
    const upper = this.#driverOf(row).merged(row.folder);
    const source = { upper, lowers: [], keepsMountpoints: true };
    return chunksOf(this.#parts.pool, { kind: "diff", ...source }, signal);
  }

  async commit(id: string, signal?: AbortSignal, onto?: Digest): Promise<CommittedLayer> {
    const row = this.#row(id);
    return this.#parts.layers.commit(this.#source(id), row.parent ?? onto, signal);
  }

  async rebase(layer: Digest, parent: Digest | undefined, signal?: AbortSignal): Promise<CommittedLayer> {
    const { table, layers, blobs } = this.#parts;
    const row = table.layer(layer);
    if (!row) throw notFound(`layer ${layer} does not exist`);
    using lease = layers.lease();
    await using content = blobs.lease();
    lease.hold(layer);
    if (parent !== undefined) lease.hold(parent);
    content.hold(row.blob);
    const { diffId, blob } = row;
    const { chainId, size } = await layers.ensure({ parent, diffId, blob }, lease, { signal });
    return { diffId, chainId, size };
  }

  async usage(id: string): Promise<number> {
    return this.#parts.pool.run({ kind: "usage", ...this.#source(id) });
  }

  async recover(inUse: ReadonlySet<string>): Promise<void> {
    const { table, folders, removal, blobs, drivers, layers } = this.#parts;
    folders.make();
    await layers.removeOrphans();
    const rows = table.layers();
    const snapshots = table.snapshots();
    for (const row of snapshots) if (!inUse.has(row.id)) this.#driverOf(row).unmount(row.folder);
    const known = new Set([...rows, ...snapshots].map(({ folder }) => folder));
    const links = new Set(rows.map(({ link }) => link));
    for (const link of readdirSync(folders.links())) if (!links.has(link)) folders.unlink(link);
    for (const driver of Object.values(drivers)) removeGarbage(driver, known);
    removal.resume();
    await blobs.recover();
  }

  #driverOf({ driver }: SnapshotRow): SnapshotDriver {
    return this.#parts.drivers[driver];
  }

  /** Of one whole tree the only part is that. */
  #foldersOf(row: SnapshotRow): SnapshotFolders {
    const driver = this.#driverOf(row);
    const merged = driver.merged(row.folder);
    return driver.folders(row.folder, this.#lowers(row)) ?? { lower: [], upper: merged, work: "", merged };
  }

  #row(id: string): SnapshotRow {
    const row = this.#parts.table.snapshot(id);
    if (!row) throw notFound(`there is no writable layer ${id}`);
    return row;
  }

  #lowers({ parent }: SnapshotRow): readonly LayerRow[] {
    return this.#parts.table.stack(parent);
  }

  #source(id: string) {
    const row = this.#row(id);
    return this.#driverOf(row).source(row.folder, this.#lowers(row));
  }
}

/** What a crash left: folders that no row names, and what was kept for layers that are gone. */
function removeGarbage(driver: SnapshotDriver, known: ReadonlySet<string>): void {
  if (!existsSync(driver.root)) return;
  for (const name of readdirSync(driver.root))
    if (!known.has(name) && !driver.reserved.has(name)) driver.remove(name);
  driver.forget?.((driver.kept?.() ?? []).filter((folder) => !known.has(folder)));
}
