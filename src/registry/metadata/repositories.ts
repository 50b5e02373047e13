import type { Database } from "../../store/index.ts";
import { number, optionalNumber, type Row, text } from "./rows.ts";

export interface Repository {
  readonly id: number;
  readonly project: number;
  readonly name: string;
  readonly created: number;
  readonly pulls: number;
  readonly pulled: number | undefined;
  readonly pushed: number | undefined;
}

const asRepository = (row: Row): Repository => ({
  id: number(row, "id"),
  project: number(row, "project"),
  name: text(row, "name"),
  created: number(row, "created"),
  pulls: number(row, "pulls"),
  pulled: optionalNumber(row, "pulled"),
  pushed: optionalNumber(row, "pushed"),
});

export class Repositories {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(name: string): Repository | undefined {
    const row = this.#database.prepare("SELECT * FROM repositories WHERE name = ?").get(name);
    return row && asRepository(row);
  }

  /** Finds it, or makes it in the project. */
  obtain(name: string, project: number): Repository {
    const known = this.find(name);
    if (known) return known;
    this.#database
      .prepare("INSERT INTO repositories (project, name, created) VALUES (?, ?, ?)")
      .run(project, name, Date.now());
    return this.find(name)!;
  }

  delete(id: number): void {
    this.#database.prepare("DELETE FROM repositories WHERE id = ?").run(id);
  }

  ofProject(project: number): readonly Repository[] {
    return this.#database
      .prepare("SELECT * FROM repositories WHERE project = ? ORDER BY name")
      .all(project)
      .map(asRepository);
  }

  /** Names after `last` in lexical order, of the projects that `visible` lists. */
  names(visible: readonly number[], last: string, limit: number): readonly string[] {
    return this.#database
      .prepare(
        `SELECT name FROM repositories WHERE name > ? AND project IN (SELECT value FROM json_each(?))
         AND EXISTS (SELECT 1 FROM manifests WHERE repository = repositories.id) ORDER BY name LIMIT ?`,
      )
      .all(last, JSON.stringify(visible), limit)
      .map((row) => text(row, "name"));
  }

  touchPushed(id: number, at: number): void {
    this.#database.prepare("UPDATE repositories SET pushed = ? WHERE id = ?").run(at, id);
  }

  addPulls(name: string, count: number, at: number): void {
    this.#database
      .prepare("UPDATE repositories SET pulls = pulls + ?, pulled = ? WHERE name = ?")
      .run(count, at, name);
  }
}
