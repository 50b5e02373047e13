import type { KeyedQueue } from "../../base/async.ts";
import { hasKind, notFound } from "../../base/errors.ts";
import type { EventBus } from "../events/bus.ts";
import type { EngineDeps } from "../ports.ts";
import type { Container } from "./container.ts";
import type { ContainerTable } from "./table.ts";

/** What every verb works with. */
export interface Kit extends EngineDeps {
  readonly table: ContainerTable;
  /** Serialises what takes several steps, per container. Never entered twice by one call. */
  readonly queue: KeyedQueue;
  readonly events: EventBus;
  /** Tear-downs under way: a start that finds a port or an address taken waits for them once. */
  readonly releasing: Set<Promise<void>>;
  /** The start itself, for the restart policy; the caller holds the container. */
  readonly launch: (container: Container) => Promise<void>;
  /** Set when the engine goes down: nothing is restarted any more. */
  readonly closing: AbortSignal;
}

/** Runs `body` alone on its container. Throws notFound when the container has been removed before its turn. */
export function alone<T>(kit: Kit, container: Container, body: () => Promise<T>): Promise<T> {
  return kit.queue.run(container.id, async () => {
    if (kit.table.get(container.id) !== container) throw notFound(`No such container: ${container.id}`);
    return body();
  });
}

/**
 * Does something again, once, that was refused: the port, address or network may belong to a container that has ended and
 * is being torn down at this moment.
 */
export async function patiently<T>(kit: Kit, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const held = hasKind(error, "conflict") || hasKind(error, "forbidden");
    if (!held || kit.releasing.size === 0) throw error;
    await Promise.allSettled(kit.releasing);
    return body();
  }
}

/** When all that is under way or queued for the container is over. */
export const settled = (kit: Kit, container: Container): Promise<void> =>
  kit.queue.run(container.id, () => Promise.resolve());
