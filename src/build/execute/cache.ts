import type { Digest } from "../../oci/index.ts";
import type { BuildDatabase, BuiltLayer } from "../ports.ts";
import { CACHE_MOUNT_MIGRATION } from "./cache-mounts.ts";
import { openRecipes, RECIPE_MIGRATION, type Recipes } from "./explain.ts";
import { CONTEXT_MIGRATION } from "./kept-contexts.ts";
import { WORKSPACE_MIGRATION } from "./tracked-layers.ts";

/** What a key stands for: an image, and for layer keys the layer in it. */
export interface CacheRecord {
  readonly image: Digest;
  /** Undefined where the step changed no files. */
  readonly layer?: BuiltLayer;
}

/** All that is known of one image in the cache. Times are milliseconds since the epoch. */
export interface CachedImage {
  readonly image: Digest;
  readonly title: string;
  /** Bytes of its topmost layer. */
  readonly size: number;
  readonly created: number;
  readonly used: number;
  readonly uses: number;
  /** Somebody asked for just this image: it is more than a step on the way. */
  readonly isResult: boolean;
}

/** Results of earlier steps by content key; they survive restarts. A record may name an image that is gone by now. */
export interface BuildCache {
  find(key: string): CacheRecord | undefined;
  save(key: string, record: CacheRecord, title: string): void;
  /** Marks what a build was asked for. */
  saveResult(image: Digest): void;
  images(): readonly CachedImage[];
  forget(image: Digest): void;
  /** What steps were made of when they last ran. */
  readonly recipes: Recipes;
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
  `CREATE INDEX build_cache_by_image ON build_cache (image);
   CREATE TABLE build_results (image TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
   ${CACHE_MOUNT_MIGRATION}`,
  RECIPE_MIGRATION,
  WORKSPACE_MIGRATION,
  CONTEXT_MIGRATION,
];

const ALL_IMAGES = `
  SELECT image, min(title) AS title, max(coalesce(size, 0)) AS size, min(created) AS created, max(used) AS used,
         max(uses) AS uses, EXISTS (SELECT 1 FROM build_results AS r WHERE r.image = build_cache.image) AS result
  FROM build_cache GROUP BY image ORDER BY used, image`;

/** Keeps the cache in the metadata database. Times are milliseconds since the epoch. */
export function openBuildCache(database: BuildDatabase): BuildCache {
  database.migrate("build", MIGRATIONS);
  return {
    recipes: openRecipes(database),
    find: (key) => findRecord(database, key),
    save(key, { image, layer }, title) {
      const now = Date.now();
      database
        .prepare(
          `INSERT OR REPLACE INTO build_cache (key, image, diff_id, chain_id, size, title, created, used)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(key, image, layer?.diffId ?? null, layer?.chainId ?? null, layer?.size ?? null, title, now, now);
    },
    saveResult(image) {
      database.prepare("INSERT OR IGNORE INTO build_results (image) VALUES (?)").run(image);
    },
    images: () =>
      database
        .prepare(ALL_IMAGES)
        .all()
        .map((row) => ({
          image: String(row["image"]) as Digest,
          title: String(row["title"]),
          size: Number(row["size"]),
          created: Number(row["created"]),
          used: Number(row["used"]),
          uses: Number(row["uses"]),
          isResult: row["result"] === 1,
        })),
    forget(image) {
      database.prepare("DELETE FROM build_cache WHERE image = ?").run(image);
      database.prepare("DELETE FROM build_results WHERE image = ?").run(image);
    },
  };
}

function findRecord(database: BuildDatabase, key: string): CacheRecord | undefined {
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
}
