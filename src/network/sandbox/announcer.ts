import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Kernel, Links } from "../../kernel/index.ts";
import { announcements, type Schedule } from "../model/announcement.ts";
import type { StoredEndpoint } from "../model/records.ts";

/** Milliseconds between looks at a bridge port that does not pass frames on yet, and until it is waited for no longer. */
const LOOK = 50;
const PATIENCE = 500;

/**
 * The container, its interface, or the link below it went away meanwhile: nobody is there to be told of. ENOBUFS is the answer
 * of an interface that has no neighbours and takes no frames for them (ipvlan of layer 3).
 */
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENODEV", "ENXIO", "ENETDOWN", "EINVAL", "ENOBUFS"]);

export interface AnnouncerParts {
  readonly kernel: Pick<Kernel, "netlink" | "frames">;
  readonly host: Links;
  readonly log: Logger;
}

/**
 * Tells the link of an endpoint which MAC its addresses have: neighbours may remember another container's. Nobody waits for
 * it; it ends with the interface.
 */
export class Announcer {
  readonly #parts: AnnouncerParts;
  readonly #closing = new AbortController();

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** In the background; a failure is logged. */
  announce(netns: string, endpoint: StoredEndpoint, schedule: Schedule): void {
    this.#announce(netns, endpoint, schedule).catch((error: unknown) => {
      if (this.#closing.signal.aborted || GONE.has(errnoOf(error) ?? "")) return;
      this.#parts.log.warn("addresses of an endpoint were not announced", {
        endpoint: endpoint.endpointId,
        error,
      });
    });
  }

  async #announce(netns: string, endpoint: StoredEndpoint, { times, interval }: Schedule): Promise<void> {
    const frames = announcements(endpoint.macAddress, endpoint.ipv4, endpoint.ipv6);
    if (frames.length === 0 || endpoint.macAddress === "" || times === 0) return;
    await this.#forwarding(endpoint);
    for (let sent = 0; sent < times; sent++) {
      if (sent > 0) await this.#sleep(interval);
      if (!this.#send(netns, endpoint, frames)) return;
    }
  }

  /** A port joins its bridge's traffic when the kernel has noticed its carrier: frames before that are lost. */
  async #forwarding({ hostInterface }: StoredEndpoint): Promise<void> {
    for (let waited = 0; waited < PATIENCE; waited += LOOK) {
      await this.#sleep(waited === 0 ? 0 : LOOK);
      const port = hostInterface === "" ? undefined : this.#parts.host.find(hostInterface);
      if (port?.forwarding !== false) return;
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { ref: false, signal: this.#closing.signal });
  }

  /** False when it is another interface by now, or has another MAC. */
  #send(
    netns: string,
    { containerInterface, macAddress }: StoredEndpoint,
    frames: readonly Uint8Array[],
  ): boolean {
    const { kernel } = this.#parts;
    using inside = kernel.netlink.open(netns);
    const link = inside.find(containerInterface);
    if (link?.mac !== macAddress) return false;
    kernel.frames.send(netns, link.index, frames);
    return true;
  }

  /** Announces nothing more. */
  close(): void {
    this.#closing.abort();
  }
}
