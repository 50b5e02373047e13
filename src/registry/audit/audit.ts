import { createHash } from "node:crypto";
import type { Database } from "../../store/index.ts";
import { json, number, optionalNumber, optionalText, type Row, text } from "../metadata/rows.ts";

/** Something that was done, or was tried and refused. */
export interface AuditEntry {
  readonly actor: string;
  /** "manifest.push", "tag.delete", "user.create", ... */
  readonly action: string;
  readonly project?: string;
  readonly repository?: string;
  /** The tag, or the name of what was changed. */
  readonly reference?: string;
  readonly digest?: string;
  readonly address: string;
  readonly outcome?: "ok" | "denied";
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditRecord extends AuditEntry {
  readonly id: number;
  readonly at: number;
  /** Equal pulls of one moment are one record. */
  readonly count: number;
  /** SHA-256 over the record and the one before it: a record that was changed or taken out breaks the chain. */
  readonly chain: string;
}

export interface AuditQuery {
  readonly project?: string;
  readonly actor?: string;
  readonly action?: string;
  /** Text that occurs in actor, repository, reference, digest or address. */
  readonly search?: string;
  readonly from?: number;
  readonly until?: number;
  /** Records before this id: the next page. */
  readonly before?: number;
  readonly limit: number;
}

const asRecord = (row: Row): AuditRecord => ({
  id: number(row, "id"),
  at: number(row, "at"),
  actor: text(row, "actor"),
  action: text(row, "action"),
  project: optionalText(row, "project"),
  repository: optionalText(row, "repository"),
  reference: optionalText(row, "reference"),
  digest: optionalText(row, "digest"),
  address: text(row, "address"),
  outcome: text(row, "outcome") as "ok" | "denied",
  count: number(row, "count"),
  detail: json(row, "detail"),
  chain: text(row, "chain"),
});

/** The append-only trail: the table itself refuses changes. */
export class AuditLog {
  readonly #database: Database;
  #pending = new Map<string, { readonly entry: AuditEntry; readonly at: number; count: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Within the caller's transaction, so that a change and its record are one. */
  record(entry: AuditEntry): void {
    this.#insert(entry, Date.now(), 1);
  }

  /** For what happens often (pulls): equal entries are counted together until they are written. */
  queue(entry: AuditEntry): void {
    const key = [
      entry.actor,
      entry.action,
      entry.repository,
      entry.reference,
      entry.digest,
      entry.address,
    ].join("\n");
    const known = this.#pending.get(key);
    if (known) known.count++;
    else this.#pending.set(key, { entry, at: Date.now(), count: 1 });
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Writes what is queued, within the caller's transaction; `clear` when that has held. */
  write(): void {
    for (const { entry, at, count } of this.#pending.values()) this.#insert(entry, at, count);
  }

  clear(): void {
    this.#pending = new Map();
  }

  #insert(entry: AuditEntry, at: number, count: number): void {
    const values = [
      at,
      entry.actor,
      entry.action,
      entry.project ?? null,
      entry.repository ?? null,
      entry.reference ?? null,
      entry.digest ?? null,
      entry.address,
      entry.outcome ?? "ok",
      count,
      entry.detail ? JSON.stringify(entry.detail) : null,
    ] as const;
    this.#database.transaction(() => {
      const last = this.#database.prepare("SELECT chain FROM audit ORDER BY id DESC LIMIT 1").get();
      this.#database
        .prepare(
          `INSERT INTO audit (at, actor, action, project, repository, reference, digest, address, outcome, count,
             detail, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(...values, link(last ? text(last, "chain") : "", values));
    });
  }

  /** Newest first. */
  search(query: AuditQuery): readonly AuditRecord[] {
    const { conditions, values } = conditionsOf(query);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    return this.#database
      .prepare(`SELECT * FROM audit ${where} ORDER BY id DESC LIMIT ?`)
      .all(...values, query.limit)
      .map(asRecord);
  }

  /** The id of the first record whose chain does not hold; undefined: all is as it was written. */
  firstBroken(): number | undefined {
    let before = "";
    for (const row of this.#database.prepare("SELECT * FROM audit ORDER BY id").iterate()) {
      const values = AUDIT_COLUMNS.map((column) => row[column] ?? null) as readonly (
        | string
        | number
        | null
      )[];
      if (link(before, values) !== text(row, "chain")) return number(row, "id");
      before = text(row, "chain");
    }
    return undefined;
  }

  get size(): number {
    return optionalNumber(this.#database.prepare("SELECT count(*) AS n FROM audit").get() ?? {}, "n") ?? 0;
  }
}

/** What a record says, in the order its chain and its exports have. */
export const AUDIT_COLUMNS = [
  "at",
  "actor",
  "action",
  "project",
  "repository",
  "reference",
  "digest",
  "address",
  "outcome",
  "count",
  "detail",
] as const;

const link = (before: string, values: readonly (string | number | null)[]): string =>
  createHash("sha256").update(before).update(JSON.stringify(values)).digest("hex");

function conditionsOf(query: AuditQuery): { conditions: string[]; values: (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, ...value: (string | number)[]) => {
    conditions.push(condition);
    values.push(...value);
  };
  if (query.project !== undefined) add("project = ?", query.project);
  if (query.actor !== undefined) add("actor = ?", query.actor);
  if (query.action !== undefined) add("substr(action, 1, length(?)) = ?", query.action, query.action);
  if (query.from !== undefined) add("at >= ?", query.from);
  if (query.until !== undefined) add("at <= ?", query.until);
  if (query.before !== undefined) add("id < ?", query.before);
  if (query.search) {
    const columns = ["actor", "repository", "reference", "digest", "address"];
    add(
      `(${columns.map((column) => `instr(coalesce(${column}, ''), ?) > 0`).join(" OR ")})`,
      ...columns.map(() => query.search ?? ""),
    );
  }
  return { conditions, values };
}
