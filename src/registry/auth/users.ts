import { conflict, invalidParameter, notFound } from "../../base/errors.ts";
import type { Database } from "../../store/index.ts";
import { flag, number, optionalNumber, optionalText, type Row, text } from "../metadata/rows.ts";

export interface User {
  readonly id: number;
  readonly name: string;
  readonly email: string | undefined;
  /** Administers the whole registry. */
  readonly admin: boolean;
  readonly disabled: boolean;
  /** Rises when what was issued to them (sessions, tokens) must no longer count. */
  readonly version: number;
  readonly created: number;
  readonly seen: number | undefined;
}

export interface UserChange {
  readonly email?: string;
  readonly admin?: boolean;
  readonly disabled?: boolean;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,99}$/;
/** Names the trail uses for those without an account. */
const TAKEN = new Set(["anonymous", "open", "registry"]);

const asUser = (row: Row): User => ({
  id: number(row, "id"),
  name: text(row, "name"),
  email: optionalText(row, "email"),
  admin: flag(row, "admin"),
  disabled: flag(row, "disabled"),
  version: number(row, "version"),
  created: number(row, "created"),
  seen: optionalNumber(row, "seen"),
});

/** People's accounts. */
export class Users {
  readonly #database: Database;
  #some = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether there is an account at all: then the registry is no longer open. */
  get exist(): boolean {
    // once true it stays so: the last administrator cannot be deleted
    this.#some ||= this.#database.prepare("SELECT 1 FROM users LIMIT 1").get() !== undefined;
    return this.#some;
  }

  find(name: string): User | undefined {
    const row = this.#database.prepare("SELECT * FROM users WHERE name = ?").get(name);
    return row && asUser(row);
  }

  /** Throws notFound. */
  named(name: string): User {
    const user = this.find(name);
    if (!user) throw notFound(`there is no user ${name.slice(0, 100)}`);
    return user;
  }

  get(id: number): User | undefined {
    const row = this.#database.prepare("SELECT * FROM users WHERE id = ?").get(id);
    return row && asUser(row);
  }

  list(): readonly User[] {
    return this.#database.prepare("SELECT * FROM users ORDER BY name").all().map(asUser);
  }

  passwordOf(id: number): string {
    return text(this.#database.prepare("SELECT password FROM users WHERE id = ?").get(id) ?? {}, "password");
  }

  /** `password`: its hash. Throws invalidParameter and conflict. */
  create(name: string, password: string, change: UserChange = {}): User {
    if (!NAME.test(name) || TAKEN.has(name))
      throw invalidParameter("invalid user name: letters, digits, and . _ @ - after the first, at most 100");
    if (this.find(name)) throw conflict(`there is already a user ${name}`);
    this.#database
      .prepare(
        "INSERT INTO users (name, password, email, admin, disabled, created) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .run(name, password, change.email ?? null, change.admin ? 1 : 0, change.disabled ? 1 : 0, Date.now());
    return this.named(name);
  }

  /** Throws conflict where nobody would be left to administer the registry. */
  update(user: User, change: UserChange): User {
    const admin = change.admin ?? user.admin;
    const disabled = change.disabled ?? user.disabled;
    if (user.admin && (!admin || disabled)) this.#keepAdministrator(user);
    const version = user.version + (disabled && !user.disabled ? 1 : 0);
    this.#database
      .prepare("UPDATE users SET email = ?, admin = ?, disabled = ?, version = ? WHERE id = ?")
      .run(change.email ?? user.email ?? null, admin ? 1 : 0, disabled ? 1 : 0, version, user.id);
    return this.named(user.name);
  }

  /** Sets the hash; what was issued before no longer counts. */
  setPassword(user: User, password: string): void {
    this.#database
      .prepare("UPDATE users SET password = ?, version = version + 1 WHERE id = ?")
      .run(password, user.id);
  }

  /** The same password under a better hash. */
  rehash(user: User, password: string): void {
    this.#database.prepare("UPDATE users SET password = ? WHERE id = ?").run(password, user.id);
  }

  delete(user: User): void {
    if (user.admin) this.#keepAdministrator(user);
    this.#database.prepare("DELETE FROM users WHERE id = ?").run(user.id);
  }

  #keepAdministrator(user: User): void {
    const others = this.#database
      .prepare("SELECT 1 FROM users WHERE admin = 1 AND disabled = 0 AND id <> ? LIMIT 1")
      .get(user.id);
    if (!others) throw conflict(`${user.name} is the last administrator`);
  }

  touch(id: number): void {
    this.#database.prepare("UPDATE users SET seen = ? WHERE id = ?").run(Date.now(), id);
  }
}
