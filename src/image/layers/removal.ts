import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isPathable } from "../../base/entries.ts";
import { errnoOf, messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Mounts } from "../../kernel/index.ts";
import type { WorkerPool } from "./worker/pool.ts";

/**
 * Deletes folders in two steps: a rename into `removing`, after which nobody can find them, then the slow part in the
 * background. What a crash leaves in `removing` goes at the next start.
 */
export class Removal {
  readonly #root: string;
  readonly #mounts: Mounts;
  readonly #pool: WorkerPool;
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(dataRoot: string, mounts: Mounts, pool: WorkerPool, log: Logger) {
    this.#root = join(dataRoot, "removing");
    this.#mounts = mounts;
    this.#pool = pool;
    this.#log = log;
  }

  /** Takes the folder out of sight at once. Fine when it is not there. */
  start(folder: string): void {
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    const away = join(this.#root, randomBytes(12).toString("hex"));
    try {
      renameSync(folder, away);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return;
      throw error;
    }
    this.#delete(away);
  }

  /** Goes on with what an earlier run left. */
  resume(): void {
    let names: readonly string[] = [];
    try {
      names = readdirSync(this.#root);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
    for (const name of names) this.#delete(join(this.#root, name));
  }

  /** Settles when all that was started is gone. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #delete(folder: string): void {
    const running = this.#deleteNow(folder)
      .catch((error: unknown) =>
        this.#log.warn("cannot delete a removed layer; the next start tries again", {
          folder,
          error: messageOf(error),
        }),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #deleteNow(folder: string): Promise<void> {
    await nextTurn(); // whoever removes something need not wait for the rest
    // Mounts move with the folder they are in. Below our own folder they are ours; none may be there while deleting.
    const inside = this.#mounts.list().filter(({ target }) => target.startsWith(`${folder}/`));
    for (const { target } of inside.reverse()) this.#mounts.unmount(target, { detach: true });
    // A thread costs more than deleting the few files of most containers.
    if (isSmall(folder)) await rm(folder, { recursive: true, force: true });
    else await this.#pool.run({ kind: "delete", folder });
  }
}

const FEW_ENTRIES = 200;

/** Whether a tree has few entries, none of which paths of text do not reach. */
function isSmall(folder: string): boolean {
  const waiting = [folder];
  let count = 0;
  for (let path = waiting.pop(); path !== undefined && count <= FEW_ENTRIES; path = waiting.pop()) {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      count++;
      const inside = join(path, entry.name);
      if (!isPathable(inside)) return false;
      if (entry.isDirectory()) waiting.push(inside);
    }
  }
  return count <= FEW_ENTRIES;
}
