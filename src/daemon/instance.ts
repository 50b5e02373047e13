import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errnoOf, systemError } from "../base/errors.ts";

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
    const pid = Number(readFileSync(path, "utf8").trim());
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
  return { [Symbol.dispose]: () => unlinkSync(path) };
}

/**
 * Holds the data root for this process, so that two engines never write to one. A write lock on a database file of its
 * own: the kernel gives it back however the process ends, and it works across namespaces.
 */
export function claimDataRoot(dataRoot: string): Disposable {
  const lock = new DatabaseSync(join(dataRoot, "engine.lock"));
  try {
    lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw systemError(
      `another engine uses ${dataRoot}; stop it or choose another folder with --data-root`,
      cause,
    );
  }
  return { [Symbol.dispose]: () => lock.close() };
}
