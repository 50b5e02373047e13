import { setImmediate as yieldToOthers } from "node:timers/promises";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { expireCached, retainTags } from "../access/retention.ts";
import type { Contents } from "../content/contents.ts";
import type { Uploads } from "../content/uploads.ts";
import type { BlobDigest } from "../distribution/digest.ts";
import { failure } from "../http/errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { number, text } from "../metadata/rows.ts";
import type { BlobStorage } from "../storage/storage.ts";
import {
  asCollection,
  type Collection,
  type CollectOptions,
  type CollectResult,
  NOTHING,
  PHASES,
  UNUSED_CONTENT,
  UNUSED_LINK,
} from "./collection.ts";

export interface CollectorParts {
  readonly metadata: Metadata;
  readonly storage: BlobStorage;
  readonly contents: Contents;
  readonly uploads: Uploads;
  readonly journal: Journal;
  readonly log: Logger;
  readonly leaseTime: number;
  readonly uploadTime: number;
}

/** Rows looked at in one go: well under 10 ms. */
const BATCH = 500;
/**
 * Garbage collection beside pulls and pushes. What a push in flight counts on is safe: a content that was sent, mounted
 * or asked about within `leaseTime` keeps its link, a link keeps its content, and the last look before a content goes
 * is one statement, in turn with uploads of the same content.
 */
export class Collector {
  readonly #parts: CollectorParts;
  #running: { readonly id: number; readonly ended: Promise<void>; result: CollectResult } | undefined;
  readonly #stop = new AbortController();

  constructor(parts: CollectorParts) {
    this.#parts = parts;
    parts.metadata.database
      .prepare("UPDATE collections SET state = 'interrupted' WHERE state = 'running'")
      .run();
  }

  /** Throws CONFLICT while another one runs. */
  start(options: CollectOptions): Collection {
    if (this.#running) throw failure("CONFLICT", { message: "a garbage collection is running already" });
    const { database } = this.#parts.metadata;
    const { lastInsertRowid } = database
      .prepare("INSERT INTO collections (started, started_by, dry_run, state) VALUES (?, ?, ?, 'running')")
      .run(Date.now(), options.by, options.dryRun ? 1 : 0);
    const id = Number(lastInsertRowid);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#running = { id, ended, result: NOTHING };
    void this.#run(id, options).finally(resolve);
    return this.find(id)!;
  }

  /** Runs one to its end. */
  async collect(options: CollectOptions): Promise<Collection> {
    const { id } = this.start(options);
    await this.#running?.ended;
    return this.find(id)!;
  }

  /** With the progress of one that runs. */
  find(id: number): Collection | undefined {
    const row = this.#parts.metadata.database.prepare("SELECT * FROM collections WHERE id = ?").get(id);
    if (!row) return undefined;
    return { ...asCollection(row), ...(this.#running?.id === id ? this.#running.result : {}) };
  }

  list(limit: number): readonly Collection[] {
    const { database } = this.#parts.metadata;
    const rows = database.prepare("SELECT id FROM collections ORDER BY id DESC LIMIT ?").all(limit);
    return rows.flatMap((row) => this.find(number(row, "id")) ?? []);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running?.ended;
  }

  async #run(id: number, options: CollectOptions): Promise<void> {
    const { database } = this.#parts.metadata;
    let state: Collection["state"] = "done";
    let error: string | undefined;
    try {
      await this.#phases(options);
      if (this.#stop.signal.aborted) state = "interrupted";
    } catch (cause) {
      state = "failed";
      error = messageOf(cause);
      this.#parts.log.error("the garbage collection failed", { error: cause });
    }
    const { phase: _phase, ...result } = this.#running?.result ?? NOTHING;
    try {
      database
        .prepare("UPDATE collections SET ended = ?, state = ?, result = ? WHERE id = ?")
        .run(Date.now(), state, JSON.stringify({ ...result, ...(error ? { error } : {}) }), id);
    } catch (cause) {
      this.#parts.log.error("the garbage collection's result could not be written", { error: cause });
    }
    this.#running = undefined;
  }

  #count(counts: Partial<CollectResult>): void {
    if (!this.#running) return;
    const { result } = this.#running;
    const sums = Object.entries(counts).map(([name, value]) => {
      const key = name as Exclude<keyof CollectResult, "phase" | "error">;
      return [name, typeof value === "number" ? result[key] + value : value];
    });
    this.#running.result = { ...result, ...Object.fromEntries(sums) };
  }

  async #phases(options: CollectOptions): Promise<void> {
    const work: Readonly<Record<(typeof PHASES)[number], () => Promise<void>>> = {
      uploads: () => this.#expireUploads(options),
      retention: () => this.#retain(options),
      untagged: () => (options.untagged ? this.#dropUntagged(options) : Promise.resolve()),
      links: () => (options.dryRun ? Promise.resolve() : this.#dropLinks()),
      contents: () => (options.dryRun ? this.#countUnused() : this.#dropContents()),
      orphans: () => this.#dropOrphans(options),
    };
    for (const phase of PHASES) {
      if (this.#stop.signal.aborted) return;
      if (this.#running) this.#running.result = { ...this.#running.result, phase };
      await work[phase]();
    }
  }

  async #expireUploads({ dryRun }: CollectOptions): Promise<void> {
    if (dryRun) return;
    this.#count({ uploads: await this.#parts.uploads.expire(Date.now() - this.#parts.uploadTime) });
  }

  async #retain({ dryRun, by }: CollectOptions): Promise<void> {
    const { metadata, journal } = this.#parts;
    for (const project of metadata.projects.list()) {
      const record = (entry: object) =>
        journal.audit.record({ actor: by, action: "tag.expire", address: "", ...entry });
      const tags = retainTags({ metadata }, project, { dryRun, record }).length;
      this.#count({ tags, manifests: expireCached({ metadata }, project, dryRun) });
      await yieldToOthers();
    }
  }

  async #dropUntagged({ dryRun, by }: CollectOptions): Promise<void> {
    const { metadata, journal, leaseTime } = this.#parts;
    const find = metadata.database.prepare(
      `SELECT manifests.id, manifests.digest, repositories.name FROM manifests
         JOIN repositories ON repositories.id = manifests.repository
       WHERE manifests.id > ? AND manifests.pushed < ? AND subject IS NULL
         AND NOT EXISTS (SELECT 1 FROM tags WHERE manifest = manifests.id)
         AND NOT EXISTS (SELECT 1 FROM manifest_references AS above JOIN manifests AS parent ON parent.id = above.manifest
           WHERE above.digest = manifests.digest AND parent.repository = manifests.repository)
       ORDER BY manifests.id LIMIT ?`,
    );
    let last = 0;
    for (;;) {
      const rows = find.all(last, Date.now() - leaseTime, BATCH);
      if (rows.length === 0 || this.#stop.signal.aborted) return;
      metadata.database.transaction(() => {
        for (const row of rows) {
          if (dryRun) continue;
          metadata.manifests.delete(number(row, "id"));
          const repository = text(row, "name");
          journal.audit.record({
            actor: by,
            action: "manifest.expire",
            address: "",
            repository,
            digest: text(row, "digest"),
          });
        }
      });
      this.#count({ manifests: rows.length });
      last = number(rows.at(-1)!, "id");
      await yieldToOthers();
    }
  }

  /** Repositories give up contents that no manifest of theirs uses, once nobody has asked for them for a while. */
  async #dropLinks(): Promise<void> {
    const { metadata, leaseTime } = this.#parts;
    const find = metadata.database.prepare(
      `SELECT repository, digest FROM repository_blobs AS link
       WHERE (repository, digest) > (?, ?) AND leased < ? AND ${UNUSED_LINK}
       ORDER BY repository, digest LIMIT ?`,
    );
    const drop = metadata.database.prepare(
      `DELETE FROM repository_blobs AS link WHERE repository = ? AND digest = ? AND leased < ? AND ${UNUSED_LINK}`,
    );
    let last: readonly [number, string] = [0, ""];
    for (;;) {
      const before = Date.now() - leaseTime;
      const rows = find.all(...last, before, BATCH);
      if (rows.length === 0 || this.#stop.signal.aborted) return;
      metadata.database.transaction(() => {
        for (const row of rows) drop.run(number(row, "repository"), text(row, "digest"), before);
      });
      this.#count({ links: rows.length });
      last = [number(rows.at(-1)!, "repository"), text(rows.at(-1)!, "digest")];
      await yieldToOthers();
    }
  }

  /** A backup that runs holds contents back: what it has listed must not go before it is copied. */
  #held(): boolean {
    const row = this.#parts.metadata.database.prepare("SELECT 1 FROM holds WHERE until > ?").get(Date.now());
    return row !== undefined;
  }

  async #dropContents(): Promise<void> {
    const { metadata, contents } = this.#parts;
    const find = metadata.database.prepare(
      `SELECT digest, size FROM blobs WHERE digest > ? AND ${UNUSED_CONTENT} ORDER BY digest LIMIT ?`,
    );
    let last = "";
    while (!this.#held() && !this.#stop.signal.aborted) {
      const rows = find.all(last, BATCH);
      if (rows.length === 0) return;
      for (const row of rows) {
        if (await contents.removeUnused(text(row, "digest") as BlobDigest))
          this.#count({ contents: 1, bytes: number(row, "size") });
      }
      last = text(rows.at(-1)!, "digest");
    }
  }

  async #countUnused(): Promise<void> {
    const { database } = this.#parts.metadata;
    const row = database
      .prepare(
        `SELECT count(*) AS contents, coalesce(sum(size), 0) AS bytes FROM blobs
         WHERE NOT EXISTS (SELECT 1 FROM manifests WHERE digest = blobs.digest)
         AND NOT EXISTS (SELECT 1 FROM repository_blobs AS link WHERE link.digest = blobs.digest
           AND NOT (leased < ? AND ${UNUSED_LINK}))`,
      )
      .get(Date.now() - this.#parts.leaseTime);
    this.#count({ contents: number(row ?? {}, "contents"), bytes: number(row ?? {}, "bytes") });
  }

  async #dropOrphans({ dryRun }: CollectOptions): Promise<void> {
    const { metadata, storage, contents, leaseTime } = this.#parts;
    for await (const { digest, size, modified } of storage.blobs()) {
      if (this.#stop.signal.aborted || this.#held()) return;
      if (modified > Date.now() - leaseTime || metadata.blobs.size(digest) !== undefined) continue;
      if (dryRun || (await contents.removeOrphan(digest))) this.#count({ orphans: 1, bytes: size });
    }
  }
}
