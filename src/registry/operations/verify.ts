import { createHash } from "node:crypto";
import { AuditLog } from "../audit/audit.ts";
import { algorithmOf, type BlobDigest, finishDigest } from "../distribution/digest.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { number, text } from "../metadata/rows.ts";
import type { BlobStorage } from "../storage/storage.ts";

/** What is wrong with a registry's data. */
export interface Fault {
  readonly kind: "missing" | "size" | "digest" | "reference" | "audit" | "database";
  readonly subject: string;
  readonly detail: string;
}

export interface VerifyOptions {
  /** Read and hash every content; else only look whether it is there, in its size. */
  readonly content: boolean;
}

/** Compares a registry's records with what is stored, fault by fault. Changes nothing; a registry may be running on it. */
export async function* verify(
  metadata: Metadata,
  storage: BlobStorage,
  { content }: VerifyOptions,
): AsyncGenerator<Fault> {
  yield* verifyDatabase(metadata);
  for (const row of metadata.database.prepare("SELECT digest, size FROM blobs ORDER BY digest").all()) {
    const digest = text(row, "digest") as BlobDigest;
    const fault = await verifyContent(storage, digest, number(row, "size"), content);
    // taken away by a collection in the meantime
    if (fault && metadata.blobs.size(digest) !== undefined) yield fault;
  }
  const broken = new AuditLog(metadata.database).firstBroken();
  if (broken !== undefined)
    yield {
      kind: "audit",
      subject: `record ${broken}`,
      detail: "it, or one before it, was changed or taken out",
    };
}

function* verifyDatabase({ database }: Metadata): Generator<Fault> {
  for (const row of database.prepare("PRAGMA integrity_check").all()) {
    const found = text(row, "integrity_check");
    if (found !== "ok") yield { kind: "database", subject: "registry.db", detail: found };
  }
  for (const row of database.prepare("PRAGMA foreign_key_check").all())
    yield {
      kind: "database",
      subject: text(row, "table"),
      detail: `row ${text(row, "rowid")} names what is not there`,
    };
  const unresolved = database.prepare(
    `SELECT repositories.name, manifests.digest AS manifest, used.digest FROM manifest_references AS used
       JOIN manifests ON manifests.id = used.manifest JOIN repositories ON repositories.id = manifests.repository
       JOIN projects ON projects.id = repositories.project
     WHERE used.media_type NOT LIKE '%nondistributable%' AND used.media_type NOT LIKE '%foreign%'
       AND json_extract(projects.settings, '$.proxy') IS NULL
       AND NOT EXISTS (SELECT 1 FROM repository_blobs AS link
         WHERE link.repository = manifests.repository AND link.digest = used.digest)
       AND NOT EXISTS (SELECT 1 FROM manifests AS child
         WHERE child.repository = manifests.repository AND child.digest = used.digest)`,
  );
  for (const row of unresolved.all())
    yield {
      kind: "reference",
      subject: `${text(row, "name")}@${text(row, "manifest")}`,
      detail: `it refers to ${text(row, "digest")}, which its repository does not have (any more)`,
    };
}

async function verifyContent(
  storage: BlobStorage,
  digest: BlobDigest,
  size: number,
  content: boolean,
): Promise<Fault | undefined> {
  await using reader = await storage.open(digest);
  if (!reader) return { kind: "missing", subject: digest, detail: "its file is not there" };
  if (reader.size !== size)
    return { kind: "size", subject: digest, detail: `${reader.size} bytes, expected ${size}` };
  if (!content) return undefined;
  const algorithm = algorithmOf(digest);
  const hash = createHash(algorithm);
  for await (const chunk of reader.chunks()) hash.update(chunk);
  const actual = finishDigest(algorithm, hash);
  return actual === digest
    ? undefined
    : { kind: "digest", subject: digest, detail: `its content is ${actual}` };
}
