import { randomUUID } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { conflict, notFound } from "../../base/errors.ts";
import { algorithmOf, type BlobDigest, hexDigits } from "../distribution/digest.ts";
import { type Metadata, openMetadata } from "../metadata/metadata.ts";
import { number, text } from "../metadata/rows.ts";

export interface BackupResult {
  readonly contents: number;
  readonly bytes: number;
  /** Contents that an earlier backup in the same folder has brought already. */
  readonly kept: number;
}

/** Longer than any step between two renewals takes: a backup that was killed holds nothing up for long. */
const HOLD_TIME = 10 * 60_000;

const contentPath = (folder: string, digest: BlobDigest): string => {
  const hex = hexDigits(digest);
  return join(folder, "blobs", algorithmOf(digest), hex.slice(0, 2), hex);
};

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Copies under another name first: what has a name is whole. A file system that can share blocks does. */
async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, part, constants.COPYFILE_FICLONE);
  await syncFile(part);
  await rename(part, to);
}

/**
 * Copies a registry, which may be serving, into `target`: its database as of one moment, and all contents that names.
 * Garbage collection removes no contents until then. A later backup into the same folder copies what is new.
 */
export async function backUp(metadata: Metadata, data: string, target: string): Promise<BackupResult> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  const { database } = metadata;
  const hold = randomUUID();
  const renew = database.prepare(
    "INSERT INTO holds (id, until) VALUES (?, ?) ON CONFLICT DO UPDATE SET until = excluded.until",
  );
  renew.run(hold, Date.now() + HOLD_TIME);
  const part = join(target, "registry.db.part");
  try {
    await rm(part, { force: true });
    database.prepare("VACUUM INTO ?").run(part);
    const copied = await copyContents(part, data, target, () => renew.run(hold, Date.now() + HOLD_TIME));
    await syncFile(part);
    // last: a backup with a database is a backup that is whole
    await rename(part, join(target, "registry.db"));
    return copied;
  } finally {
    database.prepare("DELETE FROM holds WHERE id = ? OR until < ?").run(hold, Date.now());
  }
}

async function copyContents(
  databasePath: string,
  data: string,
  target: string,
  renew: () => void,
): Promise<BackupResult> {
  const snapshot = openMetadata(databasePath);
  const result = { contents: 0, bytes: 0, kept: 0 };
  try {
    // uploads under way are not part of it
    snapshot.database.prepare("DELETE FROM uploads").run();
    snapshot.database.prepare("DELETE FROM holds").run();
    snapshot.database.prepare("PRAGMA journal_mode = DELETE").get();
    for (const row of snapshot.database.prepare("SELECT digest, size FROM blobs").all()) {
      const digest = text(row, "digest") as BlobDigest;
      const to = contentPath(target, digest);
      if (existsSync(to)) {
        result.kept++;
        continue;
      }
      await copyWhole(contentPath(data, digest), to);
      result.contents++;
      result.bytes += number(row, "size");
      renew();
    }
  } finally {
    snapshot.database.close();
  }
  return result;
}

/** Makes an empty folder a registry's data from a backup. Throws conflict where there is something already. */
export async function restore(backup: string, data: string): Promise<BackupResult> {
  const database = join(backup, "registry.db");
  if (!existsSync(database)) throw notFound(`${backup} holds no backup: ${database} is not there`);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const found = await readdir(data);
  if (found.length > 0) throw conflict(`${data} is not empty: a backup is restored into an empty folder`);
  const part = join(data, "registry.db.part");
  await copyFile(database, part, constants.COPYFILE_FICLONE);
  const copied = await copyContents(part, backup, data, () => undefined);
  await syncFile(part);
  await rename(part, join(data, "registry.db"));
  return copied;
}
