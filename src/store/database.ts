import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { systemError } from "../base/errors.ts";
import { databaseFailure } from "./failure.ts";
import { reserveJournal } from "./reserve.ts";

/** One step of a room's schema: runs once, in order, inside a transaction. Published steps never change. */
export type Migration = string;

/** A row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** The engine's metadata database. Everything is synchronous: a statement takes microseconds. */
export interface Database {
  /** Nothing had ever been written into it when it was opened. */
  readonly isNew: boolean;
  /** Brings the tables of `room` up to date; each room keeps its own list of steps. */
  migrate(room: string, steps: readonly Migration[]): void;
  /** A prepared statement, cached by its text. */
  prepare(sql: string): StatementSync;
  /** All or nothing; nested calls join the outer transaction. `body` must not be asynchronous. */
  transaction<T>(body: () => T): T;
  close(): void;
}

export interface DatabaseOptions {
  /** A committed transaction outlives a power cut too; costs an fsync each. */
  readonly durable?: boolean;
}

/**
 * Opens (or makes) the database. WAL with synchronous=NORMAL: a crash of the engine loses nothing; a power cut may
 * lose the last transactions but never leaves a torn one (sqlite.org/pragma.html#pragma_synchronous).
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  const raw = openRaw(path);
  if (options.durable) raw.exec("PRAGMA synchronous = FULL");
  const statements = new Map<string, StatementSync>();
  let depth = 0;

  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const made = raw.prepare(sql);
    statements.set(sql, made);
    return made;
  };

  const transaction = <T>(body: () => T): T => {
    if (depth > 0) return body();
    depth++;
    try {
      raw.exec("BEGIN IMMEDIATE");
      const result = body();
      raw.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk or a broken one has taken it back already, and refuses to do so twice.
      if (raw.isTransaction) raw.exec("ROLLBACK");
      throw databaseFailure(path, error);
    } finally {
      depth--;
    }
  };

  const migrate = (room: string, steps: readonly Migration[]): void =>
    transaction(() => {
      const row = prepare("SELECT version FROM migrations WHERE room = ?").get(room);
      const done = row ? Number(row["version"]) : 0;
      if (done > steps.length) {
        throw systemError(
          `${path} was written by a newer version (tables of ${room}: ${done}, known: ${steps.length})`,
        );
      }
      for (const step of steps.slice(done)) raw.exec(step);
      prepare("INSERT OR REPLACE INTO migrations (room, version) VALUES (?, ?)").run(room, steps.length);
    });

  return {
    isNew: prepare("SELECT 1 FROM migrations LIMIT 1").get() === undefined,
    prepare,
    transaction,
    migrate,
    close() {
      statements.clear();
      raw.close();
    },
  };
}

function openRaw(path: string): DatabaseSync {
  let raw: DatabaseSync | undefined;
  try {
    raw = new DatabaseSync(path);
    raw.exec(
      "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON",
    );
    raw.exec(
      "CREATE TABLE IF NOT EXISTS migrations (room TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT",
    );
    if (path !== ":memory:") reserveJournal(path);
    return raw;
  } catch (error) {
    raw?.close();
    throw databaseFailure(path, error);
  }
}
