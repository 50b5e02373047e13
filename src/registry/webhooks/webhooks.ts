import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Database } from "../../store/index.ts";
import type { RegistryEvent } from "../journal/journal.ts";
import { flag, json, number, optionalNumber, optionalText, type Row, text } from "../metadata/rows.ts";
import { envelope, post } from "./delivery.ts";

export const EVENTS = ["push", "pull", "delete"] as const;

export interface Webhook {
  readonly id: number;
  readonly project: number;
  readonly url: string;
  /** Signs each delivery (`X-Wharf-Signature: sha256=<HMAC of the body>`). */
  readonly secret: string | undefined;
  readonly events: readonly (typeof EVENTS)[number][];
  readonly enabled: boolean;
  readonly created: number;
}

export interface Delivery {
  readonly id: number;
  readonly event: string;
  readonly attempts: number;
  /** When it is tried again; null: no more. */
  readonly next: number | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly created: number;
  readonly done: number | null;
}

/** Waits before the next attempts, in milliseconds; after the last it is given up. */
const RETRIES = [1_000, 10_000, 60_000, 600_000, 3_600_000];
const KEPT_DELIVERIES = 500;
const AT_ONCE = 20;

const asWebhook = (row: Row): Webhook => ({
  id: number(row, "id"),
  project: number(row, "project"),
  url: text(row, "url"),
  secret: optionalText(row, "secret"),
  events: json<Webhook["events"]>(row, "events") ?? [],
  enabled: flag(row, "enabled"),
  created: number(row, "created"),
});

/** Tells others what happened. Deliveries are kept in a table, so that a restart loses none. */
export class Webhooks {
  readonly #database: Database;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  get(id: number): Webhook | undefined {
    const row = this.#database.prepare("SELECT * FROM webhooks WHERE id = ?").get(id);
    return row && asWebhook(row);
  }

  ofProject(project: number): readonly Webhook[] {
    return this.#database
      .prepare("SELECT * FROM webhooks WHERE project = ? ORDER BY id")
      .all(project)
      .map(asWebhook);
  }

  create(webhook: Omit<Webhook, "id" | "created">): Webhook {
    const { lastInsertRowid } = this.#database
      .prepare(
        "INSERT INTO webhooks (project, url, secret, events, enabled, created) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .run(
        webhook.project,
        webhook.url,
        webhook.secret ?? null,
        JSON.stringify(webhook.events),
        webhook.enabled ? 1 : 0,
        Date.now(),
      );
    return this.get(Number(lastInsertRowid))!;
  }

  update({ id, url, secret, events, enabled }: Webhook): void {
    this.#database
      .prepare("UPDATE webhooks SET url = ?, secret = ?, events = ?, enabled = ? WHERE id = ?")
      .run(url, secret ?? null, JSON.stringify(events), enabled ? 1 : 0, id);
  }

  delete(id: number): void {
    this.#database.prepare("DELETE FROM webhooks WHERE id = ?").run(id);
  }

  deliveries(webhook: number, limit: number): readonly Delivery[] {
    return this.#database
      .prepare("SELECT * FROM deliveries WHERE webhook = ? ORDER BY id DESC LIMIT ?")
      .all(webhook, limit)
      .map((row) => ({
        id: number(row, "id"),
        event: text(row, "event"),
        attempts: number(row, "attempts"),
        next: optionalNumber(row, "next") ?? null,
        status: optionalNumber(row, "status") ?? null,
        error: optionalText(row, "error") ?? null,
        created: number(row, "created"),
        done: optionalNumber(row, "done") ?? null,
      }));
  }

  /** Queues an event for those of its project who asked for it; within the transaction of what happened. */
  notify(event: RegistryEvent): void {
    const rows = this.#database
      .prepare(
        `SELECT webhooks.* FROM webhooks JOIN projects ON projects.id = project
         WHERE projects.name = ? AND enabled = 1`,
      )
      .all(event.project);
    const wanted = rows.map(asWebhook).filter(({ events }) => events.includes(event.action));
    for (const webhook of wanted) this.#queue(webhook.id, event.action, envelope(event));
    if (wanted.length > 0) this.#wake(0);
  }

  test({ id }: Webhook, project: string): void {
    const event = {
      action: "push",
      actor: "registry",
      address: "",
      project,
      repository: `${project}/test`,
    } as const;
    this.#queue(id, "test", envelope({ ...event, tag: "test" }));
    this.#wake(0);
  }

  #queue(webhook: number, event: string, payload: string): void {
    const now = Date.now();
    this.#database
      .prepare("INSERT INTO deliveries (webhook, event, payload, next, created) VALUES (?, ?, ?, ?, ?)")
      .run(webhook, event, payload, now, now);
    this.#database
      .prepare(
        `DELETE FROM deliveries WHERE webhook = ?1 AND next IS NULL AND id <
           (SELECT id FROM deliveries WHERE webhook = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`,
      )
      .run(webhook, KEPT_DELIVERIES);
  }

  /** Begins with what a former run left. */
  start(): void {
    this.#wake(0);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wake(wait: number): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running ??= this.#deliverDue()
        .catch((error: unknown) => this.#log.error("webhooks could not be delivered", { error }))
        .then(() => {
          this.#running = undefined;
          this.#wakeForNext();
        })
        .catch((error: unknown) => {
          this.#log.error("webhooks wait", { error });
          this.#wake(RETRIES.at(-1)!);
        });
    }, wait);
    this.#timer.unref();
  }

  #wakeForNext(): void {
    if (this.#stop.signal.aborted) return;
    const row = this.#database
      .prepare("SELECT min(next) AS next FROM deliveries WHERE next IS NOT NULL")
      .get();
    const next = row && optionalNumber(row, "next");
    if (next !== undefined) this.#wake(Math.max(0, next - Date.now()));
  }

  async #deliverDue(): Promise<void> {
    const due = this.#database
      .prepare(
        `SELECT deliveries.*, url, secret FROM deliveries JOIN webhooks ON webhooks.id = webhook
         WHERE next <= ? ORDER BY next LIMIT ?`,
      )
      .all(Date.now(), AT_ONCE);
    await Promise.all(due.map((row) => this.#deliver(row)));
  }

  async #deliver(row: Row): Promise<void> {
    const attempts = number(row, "attempts") + 1;
    let status: number | undefined;
    let error: string | undefined;
    try {
      status = await post(
        text(row, "url"),
        text(row, "payload"),
        optionalText(row, "secret"),
        this.#stop.signal,
      );
      if (status < 200 || status >= 300) error = `it answered ${status}`;
    } catch (cause) {
      if (this.#stop.signal.aborted) return;
      error = messageOf(cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause);
    }
    const wait = RETRIES[attempts - 1];
    const next = error !== undefined && wait !== undefined ? Date.now() + wait : null;
    this.#database
      .prepare("UPDATE deliveries SET attempts = ?, next = ?, status = ?, error = ?, done = ? WHERE id = ?")
      .run(
        attempts,
        next,
        status ?? null,
        error ?? null,
        next === null ? Date.now() : null,
        number(row, "id"),
      );
  }
}
