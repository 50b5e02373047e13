import { rm } from "node:fs/promises";
import { KeyedQueue } from "../../base/async.ts";
import { conflict, invalidParameter, notFound } from "../../base/errors.ts";
import { chainIdAbove, type Digest } from "../../oci/index.ts";
import type { Database } from "../../store/index.ts";
import type { LayerRow } from "../catalog/layer-table.ts";
import { type FolderName, newFolderName } from "./folders.ts";
import type { CommittedLayer } from "./layers.ts";
import { discardFolder, UnpackedAhead, Unpacking, type UnpackTools } from "./unpacking.ts";
import type { LayerSource } from "./worker/jobs.ts";

/** overlayfs takes more, but their short names must fit into one page; Docker's own limit is close to it. */
export const MAX_LAYERS = 127;

export interface LayerParts extends UnpackTools {
  readonly db: Database;
  /** Told of layers that are gone, for what drivers keep beside them. */
  readonly onDiscarded: (rows: readonly LayerRow[]) => void;
}

/** A layer to be there: a stored blob above a parent. */
export interface WantedLayer {
  readonly parent: Digest | undefined;
  /** Undefined: whatever the blob turns out to be. */
  readonly diffId: Digest | undefined;
  readonly blob: Digest;
  /** Settles when the parent is there; absent: it is. Layers of an image are unpacked side by side. */
  readonly below?: Promise<unknown>;
  /** Where it may be being unpacked already. */
  readonly ahead?: UnpackedAhead;
}

export interface EnsureOptions {
  readonly signal?: AbortSignal;
  readonly onBytes?: (count: number) => void;
}

/** Keeps layers from being removed while an operation builds on them. */
export interface LayerLease extends Disposable {
  hold(chainId: Digest): void;
}

/**
 * Read-only layers by chainID: unpacked once into a folder whose name nobody knows until its row is in the database.
 * A crash before that leaves a folder without a row, which `recover` deletes.
 */
export class ReadOnlyLayers {
  readonly #parts: LayerParts;
  readonly #queue = new KeyedQueue();
  readonly #held = new Map<Digest, number>();

  constructor(parts: LayerParts) {
    this.#parts = parts;
  }

  /** The layers a new one stands on, topmost first. Throws notFound or, at the limit, invalidParameter. */
  lowers(parent: Digest | undefined): readonly LayerRow[] {
    const stack = this.#parts.table.stack(parent);
    if (parent !== undefined && stack.length === 0) throw notFound(`layer ${parent} does not exist`);
    return stack;
  }

  /** A place for blobs to be unpacked in before it is known which layers they are. */
  ahead(): UnpackedAhead {
    return new UnpackedAhead(this.#parts);
  }

  /** The layer, unpacked now if it is not yet. Two calls for the same one do the work once. */
  async ensure(wanted: WantedLayer, lease: LayerLease, options: EnsureOptions = {}): Promise<LayerRow> {
    const { parent, diffId } = wanted;
    if (diffId === undefined) return this.#unpack(wanted, lease, options);
    const chainId = chainIdAbove(parent, diffId);
    lease.hold(chainId);
    const known = this.#parts.table.layer(chainId);
    if (known && this.#hasContent(known)) return known;
    return this.#queue.run(chainId, async () => {
      const row = this.#parts.table.layer(chainId);
      if (!row) return this.#unpack(wanted, lease, options);
      return this.#hasContent(row) ? row : this.#restore(row, wanted, options);
    });
  }

  #hasContent({ blob }: LayerRow): boolean {
    return this.#parts.blobs.has(blob);
  }

  /** Gives a layer whose content was damaged and taken away the one that came in its place. */
  async #restore(
    row: LayerRow,
    { blob }: WantedLayer,
    { signal, onBytes }: EnsureOptions,
  ): Promise<LayerRow> {
    const { pool, blobs, table, folders, limits } = this.#parts;
    const files = { blob: blobs.path(blob), blobDigest: blob, folder: folders.diff(row.folder) };
    const job = { kind: "verify", ...files, diffId: row.diffId, limits } as const;
    const { part, detail } = await pool.run(job, { signal, onBytes });
    if (part === "content") throw invalidParameter(`layer content ${blob} is not its image's: ${detail}`);
    table.setBlob(row.chainId, blob);
    return { ...row, blob };
  }

  /** Makes a layer of what lies in a writable one above `parent`. */
  async commit(
    source: LayerSource,
    parent: Digest | undefined,
    signal?: AbortSignal,
  ): Promise<CommittedLayer> {
    const { blobs, folders, pool, limits } = this.#parts;
    const blob = blobs.ingestPath();
    await using lease = blobs.lease();
    try {
      const rows = this.#below(parent);
      const lowers = rows.map(({ folder }) => folders.diff(folder));
      const name = newFolderName();
      return await this.#keeping(parent, name, async () => {
        folders.make();
        folders.createLayer(name);
        folders.stackOn(name, rows);
        const target = folders.diff(name.folder);
        const job = { kind: "commit", ...source, lowers, blob, target, limits } as const;
        const { diffId, size } = await pool.run(job, { signal });
        lease.hold(diffId);
        await blobs.adopt(blob, diffId);
        const row = this.#publish({
          chainId: chainIdAbove(parent, diffId),
          parent,
          diffId,
          size,
          blob: diffId,
          ...name,
        });
        return { row, result: { diffId, chainId: row.chainId, size: row.size } };
      });
    } finally {
      await rm(blob, { force: true });
    }
  }

  lease(): LayerLease {
    const mine: Digest[] = [];
    return {
      hold: (chainId) => {
        mine.push(chainId);
        this.#held.set(chainId, (this.#held.get(chainId) ?? 0) + 1);
      },
      [Symbol.dispose]: () => {
        for (const chainId of mine) {
          const count = (this.#held.get(chainId) ?? 1) - 1;
          if (count > 0) this.#held.set(chainId, count);
          else this.#held.delete(chainId);
        }
      },
    };
  }

  /**
   * Takes a layer and those below it out of the database as far as nothing needs them; topmost first. To be called in a
   * transaction; what it returns goes to `discard` once that is committed.
   */
  takeUnused(top: Digest | undefined): readonly LayerRow[] {
    const { table } = this.#parts;
    const taken: LayerRow[] = [];
    for (const row of table.stack(top)) {
      if (this.#held.has(row.chainId) || table.isLayerInUse(row.chainId)) break;
      table.deleteLayer(row.chainId);
      taken.push(row);
    }
    return taken;
  }

  /** Deletes the folders and the content of layers that are no longer in the database. */
  async discard(rows: readonly LayerRow[]): Promise<void> {
    const { blobs, onDiscarded } = this.#parts;
    if (rows.length > 0) onDiscarded(rows);
    for (const row of rows) discardFolder(this.#parts, row);
    for (const { blob } of rows) await blobs.drop(blob);
  }

  /** Layers without an image: their operation was cut off between unpacking and naming. */
  async removeOrphans(): Promise<void> {
    const { db, table } = this.#parts;
    const orphans = db.transaction(() => table.layers().flatMap(({ chainId }) => this.takeUnused(chainId)));
    await this.discard(orphans);
  }

  /** Unpacks without knowing what is below, which may not be there yet; what depends on that comes last. */
  async #unpack(wanted: WantedLayer, lease: LayerLease, options: EnsureOptions): Promise<LayerRow> {
    const { folders, pool } = this.#parts;
    const { parent, diffId: expected, blob, below } = wanted;
    const unpacking = wanted.ahead?.take(blob) ?? new Unpacking(this.#parts, blob);
    const { name } = unpacking;
    return this.#keeping(parent, name, async () => {
      const { diffId, size, implicit } = await unpacking.finished(options);
      if (expected !== undefined && diffId !== expected) {
        throw invalidParameter(
          `layer does not match its image: expected the diff id ${expected}, found ${diffId}`,
        );
      }
      await below;
      const rows = this.#below(parent);
      const lowers = rows.map(({ folder }) => folders.diff(folder));
      const target = folders.diff(name.folder);
      if (lowers.length > 0 && implicit.length > 0)
        await pool.run({ kind: "inherit", target, lowers, paths: implicit }, { signal: options.signal });
      folders.stackOn(name, rows);
      const chainId = chainIdAbove(parent, diffId);
      lease.hold(chainId);
      const row = this.#publish({ chainId, parent, diffId, size, blob, ...name });
      return { row, result: row };
    });
  }

  /** What a new layer stands on. Throws invalidParameter when that is too much. */
  #below(parent: Digest | undefined): readonly LayerRow[] {
    const rows = this.lowers(parent);
    if (rows.length < MAX_LAYERS) return rows;
    throw invalidParameter(`max depth exceeded: an image can have ${MAX_LAYERS} layers`);
  }

  /** Runs `body` and discards a new folder unless the row that comes back is the one that uses it. */
  async #keeping<T>(
    parent: Digest | undefined,
    name: FolderName,
    body: () => Promise<{ readonly row: LayerRow; readonly result: T }>,
  ): Promise<T> {
    using holding = this.lease();
    if (parent !== undefined) holding.hold(parent);
    let used: string | undefined;
    try {
      const { row, result } = await body();
      used = row.folder;
      return result;
    } finally {
      if (used !== name.folder) discardFolder(this.#parts, name);
    }
  }

  /** The commit point. Someone else may have been first with the same content: then theirs counts. */
  #publish(row: LayerRow): LayerRow {
    const { db, table } = this.#parts;
    return db.transaction(() => {
      const known = table.layer(row.chainId);
      if (known) return known;
      if (row.parent !== undefined && !table.layer(row.parent)) {
        throw conflict(`layer ${row.parent} was removed meanwhile: try again`);
      }
      table.insertLayer(row);
      return row;
    });
  }
}
