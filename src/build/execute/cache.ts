import type { Digest } from "../../oci/index.ts";
import type { BuildDatabase, BuiltLayer } from "../ports.ts";

/** What a key stands for: an image, and for layer keys the layer in it. */
export interface CacheRecord {
  readonly image: Digest;
  /** Undefined where the step changed no files. */
  readonly layer?: BuiltLayer;
}

/** Results of earlier steps by content key; they survive restarts. A record may name an image that is gone by now. */
export interface BuildCache {
  find(key: string): CacheRecord | undefined;
  save(key: string, record: CacheRecord, title: string): void;
}

const MIGRATIONS = [
  `CREATE TABLE build_cache (
     key TEXT PRIMARY KEY,
     image TEXT NOT NULL,
     diff_id TEXT,
     chain_id TEXT,
     size INTEGER,
     title TEXT NOT NULL,
     created INTEGER NOT NULL,
     used INTEGER NOT NULL,
     uses INTEGER NOT NULL DEFAULT 0
   ) STRICT, WITHOUT ROWID`,
];

/** Keeps the cache in the metadata database. Times are milliseconds since the epoch. */
export function openBuildCache(database: BuildDatabase): BuildCache {
  database.migrate("build", MIGRATIONS);
  return {
    find(key) {
      const row = database
        .prepare(
          "UPDATE build_cache SET used = ?, uses = uses + 1 WHERE key = ? RETURNING image, diff_id, chain_id, size",
        )
        .get(Date.now(), key);
      if (!row) return undefined;
      const image = String(row["image"]) as Digest;
      if (row["diff_id"] === null) return { image };
      const layer = {
        diffId: String(row["diff_id"]) as Digest,
        chainId: String(row["chain_id"]) as Digest,
        size: Number(row["size"]),
      };
      return { image, layer };
    },
    save(key, { image, layer }, title) {
      const now = Date.now();
      database
        .prepare(
          `INSERT OR REPLACE INTO build_cache (key, image, diff_id, chain_id, size, title, created, used)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(key, image, layer?.diffId ?? null, layer?.chainId ?? null, layer?.size ?? null, title, now, now);
    },
  };
}
