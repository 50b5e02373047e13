import type { Database } from "../../store/index.ts";
import type { ContainerDocument, ContainerRecord, Life } from "./record.ts";

const MIGRATIONS = [
  `CREATE TABLE containers (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     document TEXT NOT NULL,
     life TEXT NOT NULL
   ) STRICT`,
];

/** The container table. Each call is one transaction: a crash leaves the row before or after it. */
export interface ContainerStore {
  all(): readonly ContainerRecord[];
  insert(record: ContainerRecord): void;
  saveLife(id: string, life: Life): void;
  saveDocument(id: string, document: ContainerDocument): void;
  rename(id: string, name: string): void;
  delete(id: string): void;
}

export function openContainerStore(db: Database): ContainerStore {
  db.migrate("containers", MIGRATIONS);
  const run = (sql: string, ...values: string[]): void => {
    db.prepare(sql).run(...values);
  };
  return {
    all: () =>
      db
        .prepare("SELECT id, name, document, life FROM containers ORDER BY rowid")
        .all()
        .map((row) => ({
          id: String(row["id"]),
          name: String(row["name"]),
          document: JSON.parse(String(row["document"])) as ContainerDocument,
          life: JSON.parse(String(row["life"])) as Life,
        })),
    insert: ({ id, name, document, life }) =>
      run(
        "INSERT INTO containers (id, name, document, life) VALUES (?, ?, ?, ?)",
        id,
        name,
        JSON.stringify(document),
        JSON.stringify(life),
      ),
    saveLife: (id, life) => run("UPDATE containers SET life = ? WHERE id = ?", JSON.stringify(life), id),
    saveDocument: (id, document) =>
      run("UPDATE containers SET document = ? WHERE id = ?", JSON.stringify(document), id),
    rename: (id, name) => run("UPDATE containers SET name = ? WHERE id = ?", name, id),
    delete: (id) => run("DELETE FROM containers WHERE id = ?", id),
  };
}
