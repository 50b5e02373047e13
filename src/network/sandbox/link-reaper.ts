import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../base/errors.ts";
import type { Links } from "../../kernel/index.ts";

/** Milliseconds between looks, and until the kernel is no longer waited for. */
const INTERVAL = 25;
const PATIENCE = 2000;

/**
 * Sees to it that the host sides of ended sandboxes go. The kernel removes a veth pair with the last reference to its
 * namespace, some 30 ms later and without holding anybody up; asking for the removal would hold this thread that long.
 * Where somebody else keeps the namespace alive it is asked for all the same.
 */
export class LinkReaper {
  readonly #host: Links;
  readonly #pending = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(host: Links) {
    this.#host = host;
  }

  /** Runs `afterwards` when all these links are gone; a failure goes to `failed`. */
  whenGone(names: readonly string[], afterwards: () => void, failed: (error: unknown) => void): void {
    const done = Promise.all(names.map((name) => this.#await(name)))
      .then(afterwards)
      .catch(failed);
    this.#pending.add(done);
    void done.then(() => this.#pending.delete(done));
  }

  async #await(name: string): Promise<void> {
    const { signal } = this.#closing;
    for (let waited = 0; waited < PATIENCE && !signal.aborted; waited += INTERVAL) {
      if (!this.#host.find(name)) return;
      await sleep(INTERVAL, undefined, { signal }).catch(() => undefined);
    }
    await this.remove(name);
  }

  /** Asks for it at once, and waits without holding up anybody; fine when it is gone. */
  async remove(name: string): Promise<void> {
    const link = name === "" ? undefined : this.#host.find(name);
    if (!link) return;
    try {
      await this.#host.removeLater(link.index);
    } catch (error) {
      if (errnoOf(error) !== "ENODEV") throw error;
    }
  }

  /** Waits no longer for the kernel. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#pending);
  }
}
