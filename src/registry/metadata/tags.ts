import type { Database } from "../../store/index.ts";
import type { BlobDigest } from "../distribution/digest.ts";
import { number, optionalNumber, optionalText, type Row, text } from "./rows.ts";

export interface Tag {
  readonly name: string;
  readonly digest: BlobDigest;
  readonly updated: number;
  readonly updatedBy: string;
  readonly pulled: number | undefined;
  /** When a proxy cache last compared it with upstream. */
  readonly checked: number | undefined;
}

/** A tag with what lists show of its manifest. */
export interface TagSummary extends Tag {
  readonly mediaType: string;
  readonly kind: string;
  readonly artifactType: string | undefined;
  readonly imageSize: number;
  readonly platforms: readonly string[];
  /** How many; of an index none. */
  readonly layers: number;
  readonly created: number | undefined;
}

const asTag = (row: Row): Tag => ({
  name: text(row, "name"),
  digest: text(row, "digest") as BlobDigest,
  updated: number(row, "updated"),
  updatedBy: text(row, "updated_by"),
  pulled: optionalNumber(row, "pulled"),
  checked: optionalNumber(row, "checked"),
});

const asSummary = (row: Row): TagSummary => ({
  ...asTag(row),
  mediaType: text(row, "media_type"),
  kind: text(row, "kind"),
  artifactType: optionalText(row, "artifact_type"),
  imageSize: number(row, "image_size"),
  platforms: text(row, "platforms").split(",").filter(Boolean),
  layers: number(row, "layers"),
  created: optionalNumber(row, "created"),
});

/** Sort orders of the summaries. */
export type TagOrder = "name" | "newest";

export class Tags {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(repository: number, name: string): Tag | undefined {
    const row = this.#database
      .prepare(
        `SELECT tags.*, digest FROM tags JOIN manifests ON manifests.id = tags.manifest
         WHERE tags.repository = ? AND name = ?`,
      )
      .get(repository, name);
    return row && asTag(row);
  }

  /** Names after `last` in lexical order. */
  names(repository: number, last: string, limit: number): readonly string[] {
    return this.#database
      .prepare("SELECT name FROM tags WHERE repository = ? AND name > ? ORDER BY name LIMIT ?")
      .all(repository, last, limit)
      .map((row) => text(row, "name"));
  }

  ofManifest(manifest: number): readonly string[] {
    return this.#database
      .prepare("SELECT name FROM tags WHERE manifest = ? ORDER BY name")
      .all(manifest)
      .map((row) => text(row, "name"));
  }

  set(repository: number, name: string, manifest: number, by: string): void {
    this.#database
      .prepare(
        `INSERT INTO tags (repository, name, manifest, updated, updated_by) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET manifest = excluded.manifest, updated = excluded.updated,
           updated_by = excluded.updated_by`,
      )
      .run(repository, name, manifest, Date.now(), by);
  }

  delete(repository: number, name: string): boolean {
    const { changes } = this.#database
      .prepare("DELETE FROM tags WHERE repository = ? AND name = ?")
      .run(repository, name);
    return Number(changes) > 0;
  }

  count(repository: number): number {
    const row = this.#database.prepare("SELECT count(*) AS n FROM tags WHERE repository = ?").get(repository);
    return number(row ?? {}, "n");
  }

  summaries(
    repository: number,
    search: string,
    order: TagOrder,
    offset: number,
    limit: number,
  ): readonly TagSummary[] {
    const by = order === "newest" ? "tags.updated DESC, tags.name" : "tags.name";
    return this.#database
      .prepare(
        `SELECT tags.*, digest, media_type, kind, artifact_type, image_size, manifests.created,
           coalesce(platform, (SELECT group_concat(platform) FROM manifest_references
             WHERE manifest = manifests.id AND role = 'manifest' AND platform IS NOT NULL)) AS platforms,
           (SELECT count(*) FROM manifest_references WHERE manifest = manifests.id AND role = 'layer') AS layers
         FROM tags JOIN manifests ON manifests.id = tags.manifest
         WHERE tags.repository = ? AND instr(name, ?) > 0 ORDER BY ${by} LIMIT ? OFFSET ?`,
      )
      .all(repository, search, limit, offset)
      .map(asSummary);
  }

  touchPulled(repository: string, name: string, at: number): void {
    this.#database
      .prepare(
        "UPDATE tags SET pulled = ? WHERE name = ? AND repository = (SELECT id FROM repositories WHERE name = ?)",
      )
      .run(at, name, repository);
  }

  touchChecked(repository: number, name: string, at: number): void {
    this.#database
      .prepare("UPDATE tags SET checked = ? WHERE repository = ? AND name = ?")
      .run(at, repository, name);
  }
}
