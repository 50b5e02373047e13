import type { Digest } from "../../oci/index.ts";
import type { Database } from "../../store/index.ts";

export interface ImageRow {
  readonly id: Digest;
  readonly chainId: Digest | undefined;
  readonly parent: Digest | undefined;
  /** The configuration byte for byte: the id is its digest. */
  readonly config: Uint8Array;
  readonly size: number;
  readonly lastTagged: string | undefined;
  /** What the manifest it is pushed or saved with says besides. */
  readonly annotations?: Annotations | undefined;
}

export type Annotations = Readonly<Record<string, string>>;

/** A full name with tag or digest, e.g. "docker.io/library/busybox:latest". */
export interface ReferenceRow {
  readonly name: string;
  readonly repository: string;
  readonly image: Digest;
}

type Columns = Readonly<Record<string, unknown>>;
const optional = <T extends string>(value: unknown): T | undefined =>
  value === null ? undefined : (value as T);

const imageOf = (row: Columns): ImageRow => ({
  id: row["id"] as Digest,
  chainId: optional<Digest>(row["chain_id"]),
  parent: optional<Digest>(row["parent"]),
  config: row["config"] as Uint8Array,
  size: Number(row["size"]),
  lastTagged: optional(row["last_tagged"]),
  annotations: typeof row["annotations"] === "string" ? JSON.parse(row["annotations"]) : undefined,
});

const referenceOf = (row: Columns): ReferenceRow => ({
  name: String(row["name"]),
  repository: String(row["repository"]),
  image: row["image"] as Digest,
});

/** Rows of images and of the names that point to them. */
export class ImageTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  get(id: Digest): ImageRow | undefined {
    const row = this.#db.prepare("SELECT * FROM image_images WHERE id = ?").get(id);
    return row && imageOf(row);
  }

  list(): readonly ImageRow[] {
    return this.#db.prepare("SELECT * FROM image_images ORDER BY id").all().map(imageOf);
  }

  /** At most two ids that start like this: enough to tell "none", "this one" and "several" apart. */
  idsByPrefix(prefix: Digest): readonly Digest[] {
    const sql = "SELECT id FROM image_images WHERE id >= ? AND id < ? ORDER BY id LIMIT 2";
    return this.#db
      .prepare(sql)
      .all(prefix, `${prefix}g`)
      .map((row) => row["id"] as Digest);
  }

  children(id: Digest): readonly Digest[] {
    const rows = this.#db.prepare("SELECT id FROM image_images WHERE parent = ? ORDER BY id").all(id);
    return rows.map((row) => row["id"] as Digest);
  }

  /** False when the image was there already. */
  insert({ id, chainId, parent, config, size, lastTagged }: ImageRow): boolean {
    const sql =
      "INSERT OR IGNORE INTO image_images (id, chain_id, parent, config, size, last_tagged) VALUES (?, ?, ?, ?, ?, ?)";
    const { changes } = this.#db
      .prepare(sql)
      .run(id, chainId ?? null, parent ?? null, config, size, lastTagged ?? null);
    return Number(changes) > 0;
  }

  delete(id: Digest): void {
    this.#db.prepare("DELETE FROM image_images WHERE id = ?").run(id);
  }

  setParent(id: Digest, parent: Digest): void {
    this.#db.prepare("UPDATE image_images SET parent = ? WHERE id = ?").run(parent, id);
  }

  setLastTagged(id: Digest, time: string): void {
    this.#db.prepare("UPDATE image_images SET last_tagged = ? WHERE id = ?").run(time, id);
  }

  setAnnotations(id: Digest, annotations: Annotations): void {
    const text = JSON.stringify(annotations);
    this.#db.prepare("UPDATE image_images SET annotations = ? WHERE id = ?").run(text, id);
  }

  reference(name: string): ReferenceRow | undefined {
    const row = this.#db.prepare("SELECT * FROM image_references WHERE name = ?").get(name);
    return row && referenceOf(row);
  }

  references(): readonly ReferenceRow[] {
    return this.#db.prepare("SELECT * FROM image_references ORDER BY name").all().map(referenceOf);
  }

  referencesTo(image: Digest): readonly ReferenceRow[] {
    const sql = "SELECT * FROM image_references WHERE image = ? ORDER BY name";
    return this.#db.prepare(sql).all(image).map(referenceOf);
  }

  referencesIn(repository: string): readonly ReferenceRow[] {
    const sql = "SELECT * FROM image_references WHERE repository = ? ORDER BY name";
    return this.#db.prepare(sql).all(repository).map(referenceOf);
  }

  setReference({ name, repository, image }: ReferenceRow): void {
    const sql = "INSERT OR REPLACE INTO image_references (name, repository, image) VALUES (?, ?, ?)";
    this.#db.prepare(sql).run(name, repository, image);
  }

  deleteReference(name: string): void {
    this.#db.prepare("DELETE FROM image_references WHERE name = ?").run(name);
  }
}
