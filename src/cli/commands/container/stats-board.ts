import type { ContainerStats } from "../../../api/schema/stats.ts";
import type { Client } from "../../connection/connect.ts";
import type { Measured } from "../../format/stats.ts";

/** The containers that are watched, with what was measured of each last. */
export class StatsBoard {
  readonly #client: Client;
  readonly #lines = new Map<string, ContainerStats | undefined>();
  readonly #watches = new Map<string, AbortController>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Follows a container until it ends or is left out. What goes wrong with it is told by its line staying empty. */
  watch(container: string): void {
    if (this.#watches.has(container)) return;
    const stop = new AbortController();
    this.#watches.set(container, stop);
    this.#lines.set(container, undefined);
    this.#follow(container, stop.signal).catch(() => this.#lines.set(container, undefined));
  }

  leave(container: string): void {
    this.#watches.get(container)?.abort();
    this.#watches.delete(container);
    this.#lines.delete(container);
  }

  async #follow(id: string, signal: AbortSignal): Promise<void> {
    for await (const stats of await this.#client.lines("ContainerStats", { id, stream: true }, { signal }))
      if (this.#watches.has(id)) this.#lines.set(id, stats);
  }

  /** What has been measured, in the order it was asked for. */
  lines(): readonly Measured[] {
    return [...this.#lines].map(([container, stats]) => ({ container, stats }));
  }
}
