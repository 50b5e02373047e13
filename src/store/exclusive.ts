import { DatabaseSync } from "node:sqlite";
import { conflict } from "../base/errors.ts";

/**
 * Holds the file `path` for this process alone, until it is disposed or the process ends, however it ends: the lock is
 * the kernel's, taken by SQLite. Throws conflict, saying `refusal`, when another process holds it.
 */
export function holdExclusively(path: string, refusal: string): Disposable {
  const raw = new DatabaseSync(path);
  try {
    raw.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    raw.close();
    throw conflict(refusal, cause);
  }
  return { [Symbol.dispose]: () => raw.close() };
}
