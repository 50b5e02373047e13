import type { Database } from "../../store/index.ts";
import { number, text } from "../metadata/rows.ts";
import { isRole, type Role } from "./roles.ts";

export interface Member {
  readonly user: string;
  readonly role: Role;
}

/** Who has which role in which project. */
export class Members {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  roleOf(project: number, user: number): Role | undefined {
    const row = this.#database
      .prepare("SELECT role FROM members WHERE project = ? AND user = ?")
      .get(project, user);
    const role = row?.["role"];
    return isRole(role) ? role : undefined;
  }

  list(project: number): readonly Member[] {
    return this.#database
      .prepare("SELECT name, role FROM members JOIN users ON users.id = user WHERE project = ? ORDER BY name")
      .all(project)
      .map((row) => ({ user: text(row, "name"), role: text(row, "role") as Role }));
  }

  /** Ids of the projects a user is a member of. */
  projectsOf(user: number): readonly number[] {
    return this.#database
      .prepare("SELECT project FROM members WHERE user = ?")
      .all(user)
      .map((row) => number(row, "project"));
  }

  set(project: number, user: number, role: Role): void {
    this.#database
      .prepare(
        "INSERT INTO members (project, user, role) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role",
      )
      .run(project, user, role);
  }

  remove(project: number, user: number): boolean {
    const { changes } = this.#database
      .prepare("DELETE FROM members WHERE project = ? AND user = ?")
      .run(project, user);
    return Number(changes) > 0;
  }
}
