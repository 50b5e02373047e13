import type { Digest } from "../../oci/index.ts";
import type { Database, Migration } from "../../store/index.ts";

/** A layer as some repository has it. */
export interface KnownBlob {
  readonly diffId: Digest;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes as the registry stores them. */
  readonly size: number;
  readonly domain: string;
  readonly path: string;
}

export interface KnownManifest {
  readonly mediaType: string;
  readonly content: Uint8Array;
}

const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE distribution_blobs (
    diff_id     TEXT NOT NULL,
    digest      TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        INTEGER NOT NULL,
    domain      TEXT NOT NULL,
    path        TEXT NOT NULL,
    PRIMARY KEY (diff_id, digest, domain, path)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE distribution_manifests (
    image       TEXT PRIMARY KEY REFERENCES image_images (id) ON DELETE CASCADE,
    media_type  TEXT NOT NULL,
    content     BLOB NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE distribution_indexes (
    image       TEXT PRIMARY KEY REFERENCES image_images (id) ON DELETE CASCADE,
    media_type  TEXT NOT NULL,
    content     BLOB NOT NULL
  ) STRICT;
  `,
];

type Documents = "distribution_manifests" | "distribution_indexes";

/**
 * What is known of registries' content: hints that save transfers, checked with the registry each time. Rows of layers
 * that are gone are dropped when it is opened.
 */
export class RegistryMemory {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    db.migrate("distribution", MIGRATIONS);
    db.prepare(
      "DELETE FROM distribution_blobs WHERE diff_id NOT IN (SELECT diff_id FROM image_layers)",
    ).run();
  }

  remember({ diffId, digest, mediaType, size, domain, path }: KnownBlob): void {
    const sql =
      "INSERT OR REPLACE INTO distribution_blobs (diff_id, digest, media_type, size, domain, path) VALUES (?, ?, ?, ?, ?, ?)";
    this.#db.prepare(sql).run(diffId, digest, mediaType, size, domain, path);
  }

  /** The registry does not have it any more. */
  forget({ diffId, digest, domain, path }: KnownBlob): void {
    const sql = "DELETE FROM distribution_blobs WHERE diff_id = ? AND digest = ? AND domain = ? AND path = ?";
    this.#db.prepare(sql).run(diffId, digest, domain, path);
  }

  /** Where a registry has a layer; `path` itself first. */
  find(diffId: Digest, domain: string, path: string): readonly KnownBlob[] {
    const sql =
      "SELECT * FROM distribution_blobs WHERE diff_id = ? AND domain = ? ORDER BY path = ? DESC, path, digest";
    return this.#db
      .prepare(sql)
      .all(diffId, domain, path)
      .map((row) => ({
        diffId,
        digest: row["digest"] as Digest,
        mediaType: String(row["media_type"]),
        size: Number(row["size"]),
        domain,
        path: String(row["path"]),
      }));
  }

  /** Keeps the manifest an image came with, so that a push gives it back byte for byte. */
  rememberManifest(image: Digest, manifest: KnownManifest): void {
    this.#keep("distribution_manifests", image, manifest);
  }

  manifest(image: Digest): KnownManifest | undefined {
    return this.#kept("distribution_manifests", image);
  }

  /** Keeps the index that led to an image: it says for which other platforms there are images. */
  rememberIndex(image: Digest, index: KnownManifest): void {
    this.#keep("distribution_indexes", image, index);
  }

  index(image: Digest): KnownManifest | undefined {
    return this.#kept("distribution_indexes", image);
  }

  #keep(table: Documents, image: Digest, { mediaType, content }: KnownManifest): void {
    const sql = `INSERT OR REPLACE INTO ${table} (image, media_type, content) VALUES (?, ?, ?)`;
    this.#db.prepare(sql).run(image, mediaType, content);
  }

  #kept(table: Documents, image: Digest): KnownManifest | undefined {
    const row = this.#db.prepare(`SELECT * FROM ${table} WHERE image = ?`).get(image);
    return row && { mediaType: String(row["media_type"]), content: row["content"] as Uint8Array };
  }
}
