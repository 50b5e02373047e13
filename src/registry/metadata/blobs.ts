import type { Database } from "../../store/index.ts";
import type { BlobDigest } from "../distribution/digest.ts";
import { number, type Row, text } from "./rows.ts";

/** A content a repository has. */
export interface LinkedBlob {
  readonly digest: BlobDigest;
  readonly size: number;
  /** When a client last sent, mounted or asked for it. */
  readonly leased: number;
}

const asLinked = (row: Row): LinkedBlob => ({
  digest: text(row, "digest") as BlobDigest,
  size: number(row, "size"),
  leased: number(row, "leased"),
});

/** Contents, and which repositories have them. */
export class Blobs {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  size(digest: BlobDigest): number | undefined {
    const row = this.#database.prepare("SELECT size FROM blobs WHERE digest = ?").get(digest);
    return row && number(row, "size");
  }

  add(digest: BlobDigest, size: number): void {
    this.#database
      .prepare("INSERT INTO blobs (digest, size, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
      .run(digest, size, Date.now());
  }

  inRepository(repository: number, digest: BlobDigest): LinkedBlob | undefined {
    const row = this.#database
      .prepare(
        `SELECT blobs.digest, size, leased FROM repository_blobs JOIN blobs USING (digest)
         WHERE repository = ? AND digest = ?`,
      )
      .get(repository, digest);
    return row && asLinked(row);
  }

  /** Gives the repository the content, or renews its lease. The content must be in `blobs`. */
  link(repository: number, digest: BlobDigest): void {
    this.#database
      .prepare(
        `INSERT INTO repository_blobs (repository, digest, leased) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET leased = excluded.leased`,
      )
      .run(repository, digest, Date.now());
  }

  unlink(repository: number, digest: BlobDigest): boolean {
    const { changes } = this.#database
      .prepare("DELETE FROM repository_blobs WHERE repository = ? AND digest = ?")
      .run(repository, digest);
    return Number(changes) > 0;
  }

  /** Projects whose repositories have the content. */
  projectsWith(digest: BlobDigest): readonly number[] {
    return this.#database
      .prepare(
        `SELECT DISTINCT project FROM repository_blobs JOIN repositories ON repositories.id = repository
         WHERE digest = ?`,
      )
      .all(digest)
      .map((row) => number(row, "project"));
  }

  projectHas(project: number, digest: BlobDigest): boolean {
    return this.projectsWith(digest).includes(project);
  }

  totals(): { readonly count: number; readonly bytes: number } {
    const row = this.#database
      .prepare("SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM blobs")
      .get();
    return { count: number(row ?? {}, "count"), bytes: number(row ?? {}, "bytes") };
  }
}
