import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errnoOf, systemError } from "../base/errors.ts";
import { readRegularFile } from "../base/regular-file.ts";
import { type Database, databaseFailure } from "../store/index.ts";

/** sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const state = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.[0];
    return state !== "Z";
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}

/** Writes the pid file; refuses while the process of an older one lives. Disposing removes it. */
export function claimPidFile(path: string): Disposable {
  try {
    const pid = Number(readRegularFile(path).toString().trim());
    if (pid > 0 && pid !== process.pid && isAlive(pid)) {
      throw systemError(
        `process with PID ${pid} is still running (${path}); stop it or choose another file with --pidfile`,
      );
    }
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${process.pid}\n`);
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

/**
 * Holds the data root for this process, so that two engines never write to one. A write lock on a database file of its
 * own: the kernel gives it back however the process ends, and it works across namespaces.
 */
export function claimDataRoot(dataRoot: string): Disposable {
  const path = join(dataRoot, "engine.lock");
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path);
    lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    const isHeld =
      typeof error === "object" && error !== null && "errcode" in error && error.errcode === SQLITE_BUSY;
    if (!isHeld) throw databaseFailure(path, error);
    throw systemError(
      `another engine uses ${dataRoot}; stop it or choose another folder with --data-root`,
      error,
    );
  }
  return { [Symbol.dispose]: () => lock.close() };
}

/** Folders of the data root whose contents mean nothing without the records of the database. */
const RECORDED = ["containers", "volumes", "content/blobs/sha256", "overlay2", "vfs", "btrfs"];

/**
 * Refuses a database without records for folders with contents: what no record names is removed at a start, so an engine
 * that went on would delete everything that a lost database knew.
 */
export function refuseLostDatabase(dataRoot: string, database: Pick<Database, "isNew">): void {
  const path = join(dataRoot, "wharf.db");
  const orphaned = database.isNew ? RECORDED.find((folder) => hasEntries(join(dataRoot, folder))) : undefined;
  if (orphaned === undefined) return;
  throw systemError(
    `the metadata database ${path} is empty, but ${join(dataRoot, orphaned)} is not: put the database back from a backup, or move ${dataRoot} away to begin anew`,
  );
}

function hasEntries(folder: string): boolean {
  try {
    // overlay2 keeps a folder of short names there from the beginning.
    return readdirSync(folder).some((name) => name !== "l");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}
