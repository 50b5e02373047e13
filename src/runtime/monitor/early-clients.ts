import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../base/errors.ts";

/** Sockets that a process has open; undefined when it is gone. */
function openSockets(pid: number): number | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).filter((fd) => isSocket(`${folder}/${fd}`)).length;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ESRCH") return undefined;
    throw error;
  }
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith("socket:");
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ESRCH") return false;
    throw error;
  }
}

/** A monitor that has not taken up its clients after this many milliseconds is not waited for: it hangs. */
const PATIENCE = 10_000;

/**
 * Clients that attach to a container which has not started yet. conmon accepts one connection per turn of its loop, and
 * looks for output in the same turn: the first client is always in time, but a second one could miss output of a
 * program that writes at once. So `start` waits until conmon holds a socket for each of them that has not gone again.
 */
export class EarlyClients {
  readonly #started = new Set<string>();
  readonly #waiting = new Map<string, { readonly socketsBefore: number; clients: number }>();

  /** To be called before the connection is made. What it gives is to be called when the connection has gone again. */
  joins(id: string, monitorPid: number): () => void {
    if (this.#started.has(id)) return () => undefined;
    const known = this.#waiting.get(id);
    const entry = known ?? { socketsBefore: openSockets(monitorPid) ?? 0, clients: 0 };
    if (!known) this.#waiting.set(id, entry);
    entry.clients += 1;
    return () => {
      entry.clients -= 1;
    };
  }

  /** Resolves when all that have joined are heard; the next ones come to a container that runs. */
  async heard(id: string, monitorPid: number): Promise<void> {
    const entry = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#started.add(id);
    if (!entry || entry.clients < 2) return;
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      const open = openSockets(monitorPid);
      // Asked anew each time: one may go meanwhile.
      if (open === undefined || open >= entry.socketsBefore + entry.clients) return;
      await sleep(1);
    }
  }

  forget(id: string): void {
    this.#started.delete(id);
    this.#waiting.delete(id);
  }
}
