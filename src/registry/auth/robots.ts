import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { conflict, invalidParameter, notFound } from "../../base/errors.ts";
import type { Database } from "../../store/index.ts";
import type { Role } from "../access/roles.ts";
import { flag, number, optionalNumber, optionalText, type Row, text } from "../metadata/rows.ts";

/** An account of a machine ("robot$project+name"). */
export interface Robot {
  readonly id: number;
  /** undefined: of all projects. */
  readonly project: number | undefined;
  readonly name: string;
  readonly role: Role;
  readonly description: string | undefined;
  readonly expires: number | undefined;
  readonly disabled: boolean;
  readonly version: number;
  readonly created: number;
  readonly createdBy: string;
  readonly seen: number | undefined;
}

export interface NewRobot {
  readonly name: string;
  readonly project: { readonly id: number; readonly name: string } | undefined;
  readonly role: Role;
  readonly description?: string;
  readonly expires?: number;
  readonly by: string;
}

const asRobot = (row: Row): Robot => ({
  id: number(row, "id"),
  project: optionalNumber(row, "project"),
  name: text(row, "name"),
  role: text(row, "role") as Role,
  description: optionalText(row, "description"),
  expires: optionalNumber(row, "expires"),
  disabled: flag(row, "disabled"),
  version: number(row, "version"),
  created: number(row, "created"),
  createdBy: text(row, "created_by"),
  seen: optionalNumber(row, "seen"),
});

/** Secrets are random and long, so a plain hash protects them as well as a slow one would. */
const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");
const newSecret = (): string => `wr_${randomBytes(32).toString("base64url")}`;
const SHORT_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const ROBOT_PREFIX = "robot$";

export class Robots {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(name: string): Robot | undefined {
    const row = this.#database.prepare("SELECT * FROM robots WHERE name = ?").get(name);
    return row && asRobot(row);
  }

  get(id: number): Robot | undefined {
    const row = this.#database.prepare("SELECT * FROM robots WHERE id = ?").get(id);
    return row && asRobot(row);
  }

  /** Of a project, or those of all projects. */
  list(project: number | undefined): readonly Robot[] {
    return this.#database
      .prepare("SELECT * FROM robots WHERE project IS ? ORDER BY name")
      .all(project ?? null)
      .map(asRobot);
  }

  /** Throws notFound unless it is the project's. */
  ofProject(project: number | undefined, id: number): Robot {
    const robot = this.get(id);
    if (!robot || robot.project !== project) throw notFound("there is no such robot");
    return robot;
  }

  /** The secret is told this once. Throws invalidParameter and conflict. */
  create(robot: NewRobot): { readonly robot: Robot; readonly secret: string } {
    if (!SHORT_NAME.test(robot.name))
      throw invalidParameter(
        "invalid robot name: lower-case letters, digits, and . _ - after the first, at most 64",
      );
    const name = `${ROBOT_PREFIX}${robot.project ? `${robot.project.name}+` : ""}${robot.name}`;
    if (this.find(name)) throw conflict(`there is already a robot ${name}`);
    const secret = newSecret();
    this.#database
      .prepare(
        `INSERT INTO robots (project, name, secret, role, description, expires, created, created_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        robot.project?.id ?? null,
        name,
        hashSecret(secret),
        robot.role,
        robot.description ?? null,
        robot.expires ?? null,
        Date.now(),
        robot.by,
      );
    return { robot: this.find(name)!, secret };
  }

  /** A new secret; the old one no longer counts. */
  renew(id: number): string {
    const secret = newSecret();
    this.#database
      .prepare("UPDATE robots SET secret = ?, version = version + 1 WHERE id = ?")
      .run(hashSecret(secret), id);
    return secret;
  }

  setDisabled(id: number, disabled: boolean): void {
    this.#database
      .prepare("UPDATE robots SET disabled = ?, version = version + 1 WHERE id = ?")
      .run(disabled ? 1 : 0, id);
  }

  delete(id: number): void {
    this.#database.prepare("DELETE FROM robots WHERE id = ?").run(id);
  }

  verify(id: number, secret: string): boolean {
    const expected = text(
      this.#database.prepare("SELECT secret FROM robots WHERE id = ?").get(id) ?? {},
      "secret",
    );
    const actual = hashSecret(secret);
    return expected.length === actual.length && timingSafeEqual(Buffer.from(expected), Buffer.from(actual));
  }

  touch(id: number): void {
    this.#database.prepare("UPDATE robots SET seen = ? WHERE id = ?").run(Date.now(), id);
  }
}

export const isUsable = ({ disabled, expires }: Pick<Robot, "disabled" | "expires">): boolean =>
  !disabled && (expires === undefined || expires > Date.now());
