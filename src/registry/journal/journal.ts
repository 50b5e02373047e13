import type { Logger } from "../../base/log.ts";
import { nameOf } from "../access/identity.ts";
import type { AuditEntry, AuditLog } from "../audit/audit.ts";
import { projectOf } from "../distribution/names.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Traffic } from "./traffic.ts";

/** What happened to an image, for those outside who want to know (webhooks). */
export interface RegistryEvent {
  readonly action: "push" | "pull" | "delete";
  readonly actor: string;
  readonly address: string;
  readonly project: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly mediaType?: string;
  readonly size?: number;
}

export interface Subject {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly mediaType?: string;
  readonly size?: number;
}

const FLUSH_AFTER = 500;
const RETRY_AFTER = 5_000;
/** More than this is not kept in memory for a disk that stays full. */
const PENDING_LIMIT = 50_000;

/** Writes down what is done: audit trail, counters, events. */
export class Journal {
  readonly audit: AuditLog;
  readonly #metadata: Metadata;
  readonly #traffic: Traffic;
  readonly #log: Logger;
  #listeners: ((event: RegistryEvent) => void)[] = [];
  #pulls = new Map<string, { readonly subject: Subject; count: number; at: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(audit: AuditLog, metadata: Metadata, traffic: Traffic, log: Logger) {
    this.#log = log;
    this.audit = audit;
    this.#metadata = metadata;
    this.#traffic = traffic;
  }

  onEvent(listener: (event: RegistryEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** What is done by hand to accounts, projects and settings. Within the change's transaction. */
  record(exchange: Exchange, action: string, entry: Partial<AuditEntry> = {}): void {
    this.audit.record({
      actor: nameOf(exchange.caller.identity),
      address: exchange.address,
      ...entry,
      action,
    });
  }

  /** What may happen often (refusals): equal entries of a moment are one record. */
  recordSoon(entry: AuditEntry): void {
    this.audit.queue(entry);
    this.#flushSoon();
  }

  /** An image or artifact was pushed, or a tag set to it. Within the change's transaction. */
  pushed(exchange: Exchange, subject: Subject): void {
    this.#happened(exchange, "push", "manifest.push", subject);
    this.#traffic.add(projectOf(subject.repository), { pushes: 1 });
  }

  deleted(
    exchange: Exchange,
    action: "manifest.delete" | "tag.delete" | "blob.delete",
    subject: Subject,
  ): void {
    this.#happened(exchange, "delete", action, subject);
  }

  #happened(exchange: Exchange, event: "push" | "delete", action: string, subject: Subject): void {
    const { repository, tag, digest } = subject;
    this.record(exchange, action, { project: projectOf(repository), repository, reference: tag, digest });
    this.#emit(exchange, event, subject);
  }

  /** Often: counted together and written a little later. */
  pulled(exchange: Exchange, subject: Subject): void {
    const { repository, tag, digest } = subject;
    const project = projectOf(repository);
    const actor = nameOf(exchange.caller.identity);
    const entry = { actor, address: exchange.address, project, repository, reference: tag, digest };
    this.audit.queue({ ...entry, action: "manifest.pull" });
    this.#traffic.add(project, { pulls: 1 });
    const key = `${repository}\n${tag ?? ""}\n${digest ?? ""}`;
    const known = this.#pulls.get(key);
    if (known) known.count++;
    else this.#pulls.set(key, { subject, count: 1, at: Date.now() });
    this.#flushSoon();
    this.#emit(exchange, "pull", subject);
  }

  #emit(exchange: Exchange, action: RegistryEvent["action"], subject: Subject): void {
    if (this.#listeners.length === 0) return;
    const actor = nameOf(exchange.caller.identity);
    const event = {
      action,
      actor,
      address: exchange.address,
      project: projectOf(subject.repository),
      ...subject,
    };
    for (const listener of this.#listeners) listener(event);
  }

  /** Writes what was put off. Where that fails (a full disk), it is tried again later. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.#metadata.database.transaction(() => {
        for (const { subject, count, at } of this.#pulls.values()) this.#countPull(subject, count, at);
        this.#traffic.write();
        this.audit.write();
      });
    } catch (error) {
      this.#log.error("the journal could not be written", { error });
      this.#flushSoon(RETRY_AFTER);
      if (this.#pulls.size + this.audit.pending < PENDING_LIMIT) return;
      this.#log.error("entries of the journal are lost: there are too many that could not be written");
    }
    this.#pulls = new Map();
    this.#traffic.clear();
    this.audit.clear();
  }

  #flushSoon(wait = FLUSH_AFTER): void {
    this.#timer ??= setTimeout(() => this.flush(), wait).unref();
  }

  #countPull({ repository, tag, digest }: Subject, count: number, at: number): void {
    this.#metadata.repositories.addPulls(repository, count, at);
    if (digest) this.#metadata.manifests.touchPulled(repository, digest, at);
    if (tag) this.#metadata.tags.touchPulled(repository, tag, at);
  }
}
