import type { Database } from "../../store/index.ts";
import { flag, json, number, optionalNumber, type Row, text } from "./rows.ts";

/** What a project's administrators decide. */
export interface ProjectSettings {
  /** Patterns ("v*", "release-**") of tags that cannot be moved or deleted. */
  readonly immutableTags?: readonly string[];
  readonly retention?: RetentionRule;
  readonly proxy?: ProxySettings;
}

/** Which tags stay; those that none of the conditions keeps are deleted. */
export interface RetentionRule {
  /** Patterns of repositories (within the project) and tags the rule looks at; default: all. */
  readonly repositories?: readonly string[];
  readonly tags?: readonly string[];
  readonly keepNewest?: number;
  readonly keepPushedWithinDays?: number;
  readonly keepPulledWithinDays?: number;
}

/** The project is a pull-through cache of an upstream registry. */
export interface ProxySettings {
  /** "https://registry.example". */
  readonly upstream: string;
  readonly username?: string;
  readonly password?: string;
  /** How long a tag is served without asking upstream, in seconds. Default 300. */
  readonly freshSeconds?: number;
  /** Contents nobody asked for in so many days are given up. Default 7. */
  readonly expireDays?: number;
}

export interface Project {
  readonly id: number;
  readonly name: string;
  readonly public: boolean;
  /** Bytes; undefined: no limit. */
  readonly quota: number | undefined;
  readonly settings: ProjectSettings;
  readonly created: number;
}

export interface ProjectChange {
  readonly public?: boolean;
  readonly quota?: number | null;
  readonly settings?: ProjectSettings;
}

const asProject = (row: Row): Project => ({
  id: number(row, "id"),
  name: text(row, "name"),
  public: flag(row, "public"),
  quota: optionalNumber(row, "quota"),
  settings: json<ProjectSettings>(row, "settings") ?? {},
  created: number(row, "created"),
});

export class Projects {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(name: string): Project | undefined {
    const row = this.#database.prepare("SELECT * FROM projects WHERE name = ?").get(name);
    return row && asProject(row);
  }

  get(id: number): Project | undefined {
    const row = this.#database.prepare("SELECT * FROM projects WHERE id = ?").get(id);
    return row && asProject(row);
  }

  list(): readonly Project[] {
    return this.#database.prepare("SELECT * FROM projects ORDER BY name").all().map(asProject);
  }

  create(name: string, change: ProjectChange = {}): Project {
    this.#database
      .prepare("INSERT INTO projects (name, public, quota, settings, created) VALUES (?, ?, ?, ?, ?)")
      .run(
        name,
        change.public ? 1 : 0,
        change.quota ?? null,
        JSON.stringify(change.settings ?? {}),
        Date.now(),
      );
    return this.find(name)!;
  }

  update(project: Project, change: ProjectChange): Project {
    const quota = change.quota === undefined ? project.quota : (change.quota ?? undefined);
    this.#database
      .prepare("UPDATE projects SET public = ?, quota = ?, settings = ? WHERE id = ?")
      .run(
        (change.public ?? project.public) ? 1 : 0,
        quota ?? null,
        JSON.stringify(change.settings ?? project.settings),
        project.id,
      );
    return this.get(project.id)!;
  }

  delete(id: number): void {
    this.#database.prepare("DELETE FROM projects WHERE id = ?").run(id);
  }

  /** Bytes of the different contents its repositories have. */
  usage(id: number): number {
    const row = this.#database
      .prepare(
        `SELECT coalesce(sum(size), 0) AS used FROM blobs WHERE digest IN (
           SELECT digest FROM repository_blobs JOIN repositories ON repositories.id = repository WHERE project = ?1
           UNION SELECT digest FROM manifests JOIN repositories ON repositories.id = repository WHERE project = ?1)`,
      )
      .get(id);
    return number(row ?? {}, "used");
  }
}
