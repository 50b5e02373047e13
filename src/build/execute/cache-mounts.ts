import { createHash } from "node:crypto";
import { chmodSync, chownSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { treeSizeInTurns } from "../../base/tree-size.ts";
import type { Mount } from "../plan/index.ts";
import type { BuildDatabase, BuildLayers } from "../ports.ts";

type CacheMount = Extract<Mount, { readonly type: "cache" }>;

/** A cache mount as the cache's owner sees it. Times are milliseconds since the epoch, sizes bytes. */
export interface CacheMountRecord {
  /** Name of its folder. */
  readonly name: string;
  readonly id: string;
  readonly created: number;
  readonly used: number;
  readonly uses: number;
  readonly inUse: boolean;
  readonly size: number;
}

export const CACHE_MOUNT_MIGRATION = `CREATE TABLE build_cache_mounts (
     name TEXT PRIMARY KEY,
     id TEXT NOT NULL,
     created INTEGER NOT NULL,
     used INTEGER NOT NULL,
     uses INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`;

interface Holder {
  users: number;
  isLocked: boolean;
  readonly waiting: (() => void)[];
}

/**
 * Folders that outlive builds, for `RUN --mount=type=cache`. `shared` ones are anybody's, a `locked` one has one user
 * at a time, a `private` one that is in use is answered with another folder.
 */
export class CacheMounts {
  readonly #root: string;
  readonly #database: BuildDatabase;
  readonly #layers: Pick<BuildLayers, "discard">;
  readonly #holders = new Map<string, Holder>();

  constructor(root: string, database: BuildDatabase, layers: Pick<BuildLayers, "discard">) {
    this.#root = join(root, "cache-mounts");
    this.#layers = layers;
    this.#database = database;
  }

  /**
   * Takes the folder of a mount until `keep` is disposed; `fill` puts the first content into a new one. Whoever takes
   * several takes them in the order of their ids, so that two commands cannot wait for each other.
   */
  async take(
    mount: CacheMount,
    keep: AsyncDisposableStack,
    fill: (folder: string) => Promise<void>,
  ): Promise<string> {
    const base = createHash("sha256").update(mount.id).digest("hex");
    let name = base;
    if (mount.sharing === "private") for (let n = 1; this.#isInUse(name); n++) name = `${base}-${n}`;
    const holder = this.#holders.get(name) ?? { users: 0, isLocked: false, waiting: [] };
    this.#holders.set(name, holder);
    holder.users++;
    keep.defer(() => this.#leave(name, holder));
    if (mount.sharing === "locked") {
      while (holder.isLocked) await new Promise<void>((resolve) => holder.waiting.push(resolve));
      holder.isLocked = true;
      keep.defer(() => {
        holder.isLocked = false;
        holder.waiting.shift()?.();
      });
    }
    await this.#make(name, mount, fill);
    this.#note(name, mount.id);
    return join(this.#root, name);
  }

  async records(): Promise<readonly CacheMountRecord[]> {
    const rows = this.#database.prepare("SELECT * FROM build_cache_mounts ORDER BY used").all();
    return Array.fromAsync(rows, async (row) => {
      const name = String(row["name"]);
      return {
        name,
        id: String(row["id"]),
        created: Number(row["created"]),
        used: Number(row["used"]),
        uses: Number(row["uses"]),
        inUse: this.#isInUse(name),
        size: await treeSizeInTurns(join(this.#root, name)),
      };
    });
  }

  /** False when a command uses it. */
  async remove(name: string): Promise<boolean> {
    if (this.#isInUse(name)) return false;
    this.#database.prepare("DELETE FROM build_cache_mounts WHERE name = ?").run(name);
    this.#layers.discard(join(this.#root, name));
    return true;
  }

  #isInUse(name: string): boolean {
    return (this.#holders.get(name)?.users ?? 0) > 0;
  }

  #leave(name: string, holder: Holder): void {
    if (--holder.users === 0) this.#holders.delete(name);
  }

  async #make(name: string, { uid, gid, mode }: CacheMount, fill: (folder: string) => Promise<void>) {
    const folder = join(this.#root, name);
    const made = await mkdir(folder, { recursive: true });
    if (made === undefined) return;
    try {
      await fill(folder);
      chownSync(folder, uid, gid);
      chmodSync(folder, mode);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  #note(name: string, id: string): void {
    const now = Date.now();
    this.#database
      .prepare(
        `INSERT INTO build_cache_mounts (name, id, created, used, uses) VALUES (?, ?, ?, ?, 1)
         ON CONFLICT (name) DO UPDATE SET used = excluded.used, uses = uses + 1`,
      )
      .run(name, id, now, now);
  }
}
