import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "../../base/ids.ts";
import { treeSizeInTurns } from "../../base/tree-size.ts";
import type { BuildDatabase } from "../ports.ts";

/** The contents of a client's context that earlier builds left here, by checksum. */
export interface KeptContext {
  has(sum: string): boolean;
  /** Notes that the context has this content now: what it no longer has may go. */
  uses(sum: string): void;
  /** Where a content lies that is kept. */
  path(sum: string): string;
  /** Takes a content in. False when the bytes are not those of the checksum. */
  add(sum: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<boolean>;
}

/** A context as the cache's owner sees it. Times are milliseconds since the epoch, sizes bytes. */
export interface KeptContextRecord {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly used: number;
  readonly uses: number;
  readonly inUse: boolean;
  readonly size: number;
}

export const CONTEXT_MIGRATION = `CREATE TABLE build_contexts (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     boot TEXT NOT NULL,
     created INTEGER NOT NULL,
     used INTEGER NOT NULL,
     uses INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`;

/** Contents a context no longer has stay as long as they are not more than those it has, or this. Bytes. */
const SLACK = 64 * 1024 * 1024;
/** Up to this size a content is written at once. Bytes. */
const SMALL = 128 * 1024;
/** Small contents written before everybody else gets a turn. */
const TURN = 64;

/** One context while builds use it. */
class OpenContext implements KeptContext {
  readonly #folder: string;
  readonly #names: Set<string>;
  readonly #used = new Set<string>();
  #written = 0;
  users = 0;

  constructor(folder: string, names: readonly string[]) {
    this.#folder = folder;
    this.#names = new Set(names);
  }

  has(sum: string): boolean {
    return this.#names.has(sum);
  }

  uses(sum: string): void {
    this.#used.add(sum);
  }

  path(sum: string): string {
    return join(this.#folder, sum);
  }

  async add(sum: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
    // Under another name until it is whole: an engine that is killed leaves no half content behind.
    const place = join(this.#folder, `.new-${newId().slice(0, 12)}`);
    const isWhole = await (size > SMALL
      ? writeLarge(place, sum, bytes)
      : this.#writeSmall(place, sum, bytes));
    if (isWhole) {
      renameSync(place, this.path(sum));
      this.#names.add(sum);
    }
    return isWhole;
  }

  /** Removes what the context no longer has when that is much. */
  async trim(): Promise<void> {
    const sizeOf = async (sum: string) => (await stat(this.path(sum)).catch(() => undefined))?.size ?? 0;
    const sizes = async (sums: readonly string[]) => {
      let total = 0;
      for (const sum of sums) total += await sizeOf(sum);
      return total;
    };
    const idle = [...this.#names].filter((sum) => !this.#used.has(sum));
    if (idle.length === 0) return;
    const idleSize = await sizes(idle);
    if (idleSize <= SLACK) return;
    if (idleSize <= (await sizes([...this.#names].filter((sum) => this.#used.has(sum))))) return;
    for (const sum of idle) await rm(this.path(sum), { force: true });
  }

  async #writeSmall(place: string, sum: string, bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
    const content = Buffer.concat(await Array.fromAsync(bytes));
    if (hash("sha256", content, "hex") !== sum) return false;
    if (++this.#written % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    const fd = openSync(place, "wx", 0o600);
    try {
      for (let at = 0; at < content.length; ) at += writeSync(fd, content, at);
    } finally {
      closeSync(fd);
    }
    return true;
  }
}

async function writeLarge(place: string, sum: string, bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
  const { createWriteStream } = await import("node:fs");
  const { pipeline } = await import("node:stream/promises");
  const seen = createHash("sha256");
  async function* summed() {
    for await (const chunk of bytes) {
      seen.update(chunk);
      yield chunk;
    }
  }
  await pipeline(Readable.from(summed()), createWriteStream(place, { flags: "wx", mode: 0o600 }));
  if (seen.digest("hex") === sum) return true;
  await rm(place, { force: true });
  return false;
}

/** Nothing is forced to the disk, so contents are trusted only as long as the machine runs. */
const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** Contents of contexts that outlive builds, so that `wharf build` sends only what is new. */
export class KeptContexts {
  readonly #root: string;
  readonly #database: BuildDatabase;
  readonly #open = new Map<string, Promise<OpenContext>>();

  constructor(root: string, database: BuildDatabase) {
    this.#root = join(root, "contexts");
    this.#database = database;
  }

  /** The contents of one context, which stay until `keep` is disposed. */
  async take(id: string, name: string, keep: AsyncDisposableStack): Promise<KeptContext> {
    const opening = this.#open.get(id) ?? this.#load(id);
    this.#open.set(id, opening);
    const context = await opening;
    context.users++;
    keep.defer(async () => {
      if (--context.users > 0) return;
      await context.trim();
      if (context.users === 0) this.#open.delete(id);
    });
    this.#note(id, name);
    return context;
  }

  async records(): Promise<readonly KeptContextRecord[]> {
    const rows = this.#database.prepare("SELECT * FROM build_contexts ORDER BY used").all();
    return Array.fromAsync(rows, async (row) => {
      const id = String(row["id"]);
      return {
        id,
        name: String(row["name"]),
        created: Number(row["created"]),
        used: Number(row["used"]),
        uses: Number(row["uses"]),
        inUse: this.#open.has(id),
        size: await treeSizeInTurns(join(this.#root, id)),
      };
    });
  }

  /** False when a build uses it. */
  async remove(id: string): Promise<boolean> {
    if (this.#open.has(id)) return false;
    this.#database.prepare("DELETE FROM build_contexts WHERE id = ?").run(id);
    // Out of the way first: a build that begins meanwhile makes a new one.
    const doomed = join(this.#root, `.removed-${newId().slice(0, 12)}`);
    await rename(join(this.#root, id), doomed).catch(() => undefined);
    await rm(doomed, { recursive: true, force: true });
    return true;
  }

  async #load(id: string): Promise<OpenContext> {
    const folder = join(this.#root, id);
    const row = this.#database.prepare("SELECT boot FROM build_contexts WHERE id = ?").get(id);
    try {
      if (row?.["boot"] !== bootId()) await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = await readdir(folder);
      const [halves, whole] = [names.filter(isHalf), names.filter((name) => !isHalf(name))];
      for (const name of halves) await rm(join(folder, name), { force: true });
      return new OpenContext(folder, whole);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  #note(id: string, name: string): void {
    const now = Date.now();
    this.#database
      .prepare(
        `INSERT INTO build_contexts (id, name, boot, created, used, uses) VALUES (?, ?, ?, ?, ?, 1)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, boot = excluded.boot, used = excluded.used, uses = uses + 1`,
      )
      .run(id, name, bootId(), now, now);
  }
}

const isHalf = (name: string): boolean => name.startsWith(".");
