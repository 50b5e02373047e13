import type { Digest } from "../../oci/index.ts";
import type { Database } from "../../store/index.ts";
import type { DriverName } from "../layers/drivers/driver.ts";

/** A read-only layer that is unpacked. */
export interface LayerRow {
  readonly chainId: Digest;
  readonly parent: Digest | undefined;
  readonly diffId: Digest;
  /** Name of its folder below `overlay2`. */
  readonly folder: string;
  /** Its short name in `overlay2/l`. */
  readonly link: string;
  /** Bytes of its files. */
  readonly size: number;
  /** The blob it came from, as it came: compressed or not. */
  readonly blob: Digest;
}

/** A writable layer. */
export interface SnapshotRow {
  readonly id: string;
  readonly parent: Digest | undefined;
  readonly folder: string;
  readonly driver: DriverName;
}

type Columns = Readonly<Record<string, unknown>>;
const optional = (value: unknown): Digest | undefined => (value === null ? undefined : (value as Digest));

const layerOf = (row: Columns): LayerRow => ({
  chainId: row["chain_id"] as Digest,
  parent: optional(row["parent"]),
  diffId: row["diff_id"] as Digest,
  folder: String(row["folder"]),
  link: String(row["link"]),
  size: Number(row["size"]),
  blob: row["blob"] as Digest,
});

const snapshotOf = (row: Columns): SnapshotRow => ({
  id: String(row["id"]),
  parent: optional(row["parent"]),
  folder: String(row["folder"]),
  driver: row["driver"] as DriverName,
});

/** Rows of layers and snapshots. Everything is synchronous; see schema.ts for what counts as in use. */
export class LayerTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  layer(chainId: Digest): LayerRow | undefined {
    const row = this.#db.prepare("SELECT * FROM image_layers WHERE chain_id = ?").get(chainId);
    return row && layerOf(row);
  }

  /** A layer and all below it, topmost first. Empty when there is no such layer. */
  stack(chainId: Digest | undefined): readonly LayerRow[] {
    if (chainId === undefined) return [];
    const sql = `
      WITH RECURSIVE stack (chain_id, level) AS (
        SELECT ?, 0
        UNION ALL
        SELECT parent, level + 1 FROM image_layers JOIN stack USING (chain_id) WHERE parent IS NOT NULL
      )
      SELECT image_layers.* FROM stack JOIN image_layers USING (chain_id) ORDER BY level`;
    return this.#db.prepare(sql).all(chainId).map(layerOf);
  }

  layers(): readonly LayerRow[] {
    return this.#db.prepare("SELECT * FROM image_layers").all().map(layerOf);
  }

  insertLayer(row: LayerRow): void {
    const sql =
      "INSERT INTO image_layers (chain_id, parent, diff_id, folder, link, size, blob) VALUES (?, ?, ?, ?, ?, ?, ?)";
    const { chainId, parent, diffId, folder, link, size, blob } = row;
    this.#db.prepare(sql).run(chainId, parent ?? null, diffId, folder, link, size, blob);
  }

  setBlob(chainId: Digest, blob: Digest): void {
    this.#db.prepare("UPDATE image_layers SET blob = ? WHERE chain_id = ?").run(blob, chainId);
  }

  deleteLayer(chainId: Digest): void {
    this.#db.prepare("DELETE FROM image_layers WHERE chain_id = ?").run(chainId);
  }

  isLayerInUse(chainId: Digest): boolean {
    const sql = `
      SELECT EXISTS (SELECT 1 FROM image_layers WHERE parent = ?1)
          OR EXISTS (SELECT 1 FROM image_images WHERE chain_id = ?1)
          OR EXISTS (SELECT 1 FROM image_snapshots WHERE parent = ?1) AS used`;
    return this.#db.prepare(sql).get(chainId)?.["used"] === 1;
  }

  isBlobInUse(blob: Digest): boolean {
    return this.#db.prepare("SELECT 1 FROM image_layers WHERE blob = ? LIMIT 1").get(blob) !== undefined;
  }

  /** Whether a layer came from this blob, or has it as its archive. */
  isContentKnown(digest: Digest): boolean {
    const sql = "SELECT 1 FROM image_layers WHERE blob = ?1 OR diff_id = ?1 LIMIT 1";
    return this.#db.prepare(sql).get(digest) !== undefined;
  }

  snapshot(id: string): SnapshotRow | undefined {
    const row = this.#db.prepare("SELECT * FROM image_snapshots WHERE id = ?").get(id);
    return row && snapshotOf(row);
  }

  snapshots(): readonly SnapshotRow[] {
    return this.#db.prepare("SELECT * FROM image_snapshots").all().map(snapshotOf);
  }

  insertSnapshot({ id, parent, folder, driver }: SnapshotRow): void {
    const sql = "INSERT INTO image_snapshots (id, parent, folder, driver) VALUES (?, ?, ?, ?)";
    this.#db.prepare(sql).run(id, parent ?? null, folder, driver);
  }

  deleteSnapshot(id: string): void {
    this.#db.prepare("DELETE FROM image_snapshots WHERE id = ?").run(id);
  }
}
