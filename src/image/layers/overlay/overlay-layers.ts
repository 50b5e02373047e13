import { lstatSync, readdirSync } from "node:fs";
import { conflict, errnoOf, notFound, systemError } from "../../../base/errors.ts";
import type { Mounts } from "../../../kernel/index.ts";
import type { Digest } from "../../../oci/index.ts";
import type { LayerTable, SnapshotRow } from "../../catalog/layer-table.ts";
import type { Blobs } from "../../content/blobs.ts";
import { chunksOf } from "../chunks.ts";
import type { Change, CommittedLayer, Layers, SnapshotFolders } from "../layers.ts";
import type { LayerSource } from "../worker/jobs.ts";
import type { WorkerPool } from "../worker/pool.ts";
import { newFolder, type OverlayFolders } from "./folders.ts";
import type { ReadOnlyLayers } from "./read-only-layers.ts";
import type { Removal } from "./removal.ts";

export interface OverlayParts {
  readonly table: LayerTable;
  readonly folders: OverlayFolders;
  readonly mounts: Mounts;
  readonly pool: WorkerPool;
  readonly removal: Removal;
  readonly layers: ReadOnlyLayers;
  readonly blobs: Blobs;
}

/** Layers on overlayfs, in folders like those of Docker's overlay2 driver. */
export class OverlayLayers implements Layers {
  readonly driver = "overlay2";
  readonly #parts: OverlayParts;

  constructor(parts: OverlayParts) {
    this.#parts = parts;
  }

  async prepare(id: string, parent: Digest | undefined): Promise<SnapshotFolders> {
    const { table, folders, layers, removal } = this.#parts;
    const known = table.snapshot(id);
    if (known) {
      if (known.parent !== parent)
        throw conflict(`there is already a writable layer ${id} above another image`);
      return this.#foldersOf(known);
    }
    const row = { id, parent, folder: newFolder() };
    folders.make();
    try {
      folders.createSnapshot(row.folder, layers.lowers(parent));
      table.insertSnapshot(row);
    } catch (error) {
      removal.start(folders.folder(row.folder));
      if (errnoOf(error) === "ENOSPC")
        throw systemError("no space left on device: cannot make a writable layer", error);
      throw error;
    }
    return this.#foldersOf(row);
  }

  folders(id: string): SnapshotFolders | undefined {
    const row = this.#parts.table.snapshot(id);
    return row && this.#foldersOf(row);
  }

  stack(layer: Digest): readonly string[] {
    const { table, folders } = this.#parts;
    return table.stack(layer).map((row) => folders.diff(row.folder));
  }

  mount(id: string): string {
    const { table, folders, mounts, layers } = this.#parts;
    const row = this.#row(id);
    const { merged } = this.#foldersOf(row);
    if (isMountpoint(merged, folders.root)) return merged;
    const links = row.parent === undefined ? [] : table.stack(row.parent).map(({ link }) => `l/${link}`);
    if (row.parent !== undefined && links.length === 0) layers.lowers(row.parent);
    const lower = links.length > 0 ? links.join(":") : `${row.folder}/empty`;
    const data = `lowerdir=${lower},upperdir=${row.folder}/diff,workdir=${row.folder}/work`;
    mounts.mountFrom(folders.root, { source: "overlay", target: merged, type: "overlay", data });
    return merged;
  }

  unmount(id: string): boolean {
    const row = this.#parts.table.snapshot(id);
    return row !== undefined && this.#unmount(row);
  }

  async remove(id: string): Promise<void> {
    const { table, folders, removal } = this.#parts;
    const row = table.snapshot(id);
    if (!row) return;
    this.#unmount(row);
    // The row first: a row without its folder would promise what is not there, a folder without a row is only garbage.
    table.deleteSnapshot(id);
    removal.start(folders.folder(row.folder));
  }

  async changes(id: string): Promise<readonly Change[]> {
    return this.#parts.pool.run({ kind: "changes", ...this.#source(id) });
  }

  diff(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return chunksOf(this.#parts.pool, { kind: "diff", ...this.#source(id) }, signal);
  }

  export(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const { merged } = this.#foldersOf(this.#row(id));
    const source: LayerSource = { upper: merged, lowers: [], keepsMountpoints: true };
    return chunksOf(this.#parts.pool, { kind: "diff", ...source }, signal);
  }

  async commit(id: string, signal?: AbortSignal): Promise<CommittedLayer> {
    const row = this.#row(id);
    return this.#parts.layers.commit(this.#foldersOf(row).upper, row.parent, signal);
  }

  async usage(id: string): Promise<number> {
    return this.#parts.pool.run({ kind: "usage", folder: this.#foldersOf(this.#row(id)).upper });
  }

  async recover(inUse: ReadonlySet<string>): Promise<void> {
    const { table, folders, removal, blobs } = this.#parts;
    folders.make();
    await this.#parts.layers.removeOrphans();
    const layers = table.layers();
    const snapshots = table.snapshots();
    for (const row of snapshots) if (!inUse.has(row.id)) this.#unmount(row);
    const known = new Set([
      "l",
      ...layers.map(({ folder }) => folder),
      ...snapshots.map(({ folder }) => folder),
    ]);
    const links = new Set(layers.map(({ link }) => link));
    for (const link of readdirSync(folders.links())) if (!links.has(link)) folders.unlink(link);
    for (const name of readdirSync(folders.root)) if (!known.has(name)) removal.start(folders.folder(name));
    removal.resume();
    await blobs.recover();
  }

  #row(id: string): SnapshotRow {
    const row = this.#parts.table.snapshot(id);
    if (!row) throw notFound(`there is no writable layer ${id}`);
    return row;
  }

  #source(id: string): LayerSource {
    const { upper, lower } = this.#foldersOf(this.#row(id));
    return { upper, lowers: lower };
  }

  #foldersOf({ folder, parent }: SnapshotRow): SnapshotFolders {
    const { table, folders } = this.#parts;
    const path = folders.folder(folder);
    return {
      lower: table.stack(parent).map((row) => folders.diff(row.folder)),
      upper: `${path}/diff`,
      work: `${path}/work`,
      merged: `${path}/merged`,
    };
  }

  #unmount(row: SnapshotRow): boolean {
    const { mounts, folders } = this.#parts;
    const merged = `${folders.folder(row.folder)}/merged`;
    try {
      return mounts.unmount(merged);
    } catch (error) {
      if (errnoOf(error) !== "EBUSY") throw error;
      // Someone's working directory is still inside: it goes when they do.
      return mounts.unmount(merged, { detach: true });
    }
  }
}

/** A mounted filesystem has a device number of its own. */
function isMountpoint(path: string, parent: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) throw systemError(`the folder ${path} of a writable layer is missing`);
  return stat.dev !== lstatSync(parent).dev;
}
