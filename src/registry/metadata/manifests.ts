import type { Database } from "../../store/index.ts";
import type { BlobDigest } from "../distribution/digest.ts";
import type { ContentReference, ManifestDocument } from "../distribution/manifest-document.ts";
import { json, number, optionalNumber, optionalText, type Row, text } from "./rows.ts";

/** A manifest or index as the metadata knows it; its bytes are in the storage. */
export interface ManifestRecord {
  readonly id: number;
  readonly repository: number;
  readonly digest: BlobDigest;
  readonly mediaType: string;
  readonly artifactType: string | undefined;
  readonly kind: ManifestDocument["kind"];
  /** Of the document itself. */
  readonly size: number;
  /** Of all it refers to, indexes included. */
  readonly imageSize: number;
  readonly subject: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** "linux/arm64", from the image's configuration. */
  readonly platform: string | undefined;
  readonly created: number | undefined;
  readonly pushed: number;
  readonly pushedBy: string;
  readonly pulled: number | undefined;
}

export interface NewManifest {
  readonly repository: number;
  readonly digest: BlobDigest;
  readonly size: number;
  readonly document: ManifestDocument;
  readonly platform: string | undefined;
  readonly created: number | undefined;
  readonly by: string;
}

const asManifest = (row: Row): ManifestRecord => ({
  id: number(row, "id"),
  repository: number(row, "repository"),
  digest: text(row, "digest") as BlobDigest,
  mediaType: text(row, "media_type"),
  artifactType: optionalText(row, "artifact_type"),
  kind: text(row, "kind") as ManifestDocument["kind"],
  size: number(row, "size"),
  imageSize: number(row, "image_size"),
  subject: optionalText(row, "subject"),
  annotations: json(row, "annotations"),
  platform: optionalText(row, "platform"),
  created: optionalNumber(row, "created"),
  pushed: number(row, "pushed"),
  pushedBy: text(row, "pushed_by"),
  pulled: optionalNumber(row, "pulled"),
});

const asReference = (row: Row): ContentReference => ({
  digest: text(row, "digest") as BlobDigest,
  role: text(row, "role") as ContentReference["role"],
  mediaType: text(row, "media_type"),
  size: number(row, "size"),
  platform: optionalText(row, "platform"),
  foreign: false,
});

export class Manifests {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(repository: number, digest: BlobDigest): ManifestRecord | undefined {
    const row = this.#database
      .prepare("SELECT * FROM manifests WHERE repository = ? AND digest = ?")
      .get(repository, digest);
    return row && asManifest(row);
  }

  byTag(repository: number, tag: string): ManifestRecord | undefined {
    const row = this.#database
      .prepare(
        `SELECT manifests.* FROM tags JOIN manifests ON manifests.id = tags.manifest
         WHERE tags.repository = ? AND tags.name = ?`,
      )
      .get(repository, tag);
    return row && asManifest(row);
  }

  /** Inserts it and what it refers to; a second time it stays as it is. Within a transaction of the caller. */
  add(manifest: NewManifest): ManifestRecord {
    const known = this.find(manifest.repository, manifest.digest);
    if (known) return known;
    const { document } = manifest;
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO manifests (repository, digest, media_type, artifact_type, kind, size, image_size, subject,
           annotations, platform, created, pushed, pushed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        manifest.repository,
        manifest.digest,
        document.mediaType,
        document.artifactType ?? null,
        document.kind,
        manifest.size,
        manifest.size + this.#sizeOf(manifest.repository, document),
        document.subject?.digest ?? null,
        document.annotations ? JSON.stringify(document.annotations) : null,
        manifest.platform ?? null,
        manifest.created ?? null,
        Date.now(),
        manifest.by,
      );
    this.#addReferences(Number(lastInsertRowid), document.references);
    return this.find(manifest.repository, manifest.digest)!;
  }

  #sizeOf(repository: number, document: ManifestDocument): number {
    const own = document.references.filter(({ role }) => role !== "manifest");
    const children = document.references.filter(({ role }) => role === "manifest");
    const blobs = own.reduce((sum, { size, foreign }) => sum + (foreign ? 0 : size), 0);
    return children.reduce((sum, { digest }) => sum + (this.find(repository, digest)?.imageSize ?? 0), blobs);
  }

  #addReferences(manifest: number, references: readonly ContentReference[]): void {
    const insert = this.#database.prepare(
      `INSERT INTO manifest_references (manifest, position, digest, role, media_type, size, platform)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const [position, { digest, role, mediaType, size, platform }] of references.entries())
      insert.run(manifest, position, digest, role, mediaType, size, platform ?? null);
  }

  references(manifest: number): readonly ContentReference[] {
    return this.#database
      .prepare("SELECT * FROM manifest_references WHERE manifest = ? ORDER BY position")
      .all(manifest)
      .map(asReference);
  }

  /** Manifests of the repository whose subject is `digest`, oldest first. */
  referrers(repository: number, digest: BlobDigest): readonly ManifestRecord[] {
    return this.#database
      .prepare("SELECT * FROM manifests WHERE repository = ? AND subject = ? ORDER BY id")
      .all(repository, digest)
      .map(asManifest);
  }

  /** Manifests of the repository without a tag of their own, newest first. */
  untagged(repository: number, limit: number): readonly ManifestRecord[] {
    return this.#database
      .prepare(
        `SELECT * FROM manifests WHERE repository = ? AND NOT EXISTS (SELECT 1 FROM tags WHERE manifest = manifests.id)
         ORDER BY pushed DESC LIMIT ?`,
      )
      .all(repository, limit)
      .map(asManifest);
  }

  delete(id: number): void {
    this.#database.prepare("DELETE FROM manifests WHERE id = ?").run(id);
  }

  touchPulled(repository: string, digest: string, at: number): void {
    this.#database
      .prepare(
        "UPDATE manifests SET pulled = ? WHERE digest = ? AND repository = (SELECT id FROM repositories WHERE name = ?)",
      )
      .run(at, digest, repository);
  }

  count(): number {
    return number(this.#database.prepare("SELECT count(*) AS n FROM manifests").get() ?? {}, "n");
  }
}
