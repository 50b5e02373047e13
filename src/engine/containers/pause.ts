import { conflict } from "../../base/errors.ts";
import type { Container } from "./container.ts";
import { requestNow } from "./end.ts";
import { alone, type Kit } from "./kit.ts";
import { publish } from "./publish.ts";
import type { LastRequest } from "./record.ts";
import { transition } from "./state.ts";

/** Freezes every process of it. */
export function pause(kit: Kit, reference: string, client?: string): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const { status } = container.state;
    if (status === "paused") throw conflict(`Container ${container.id} is already paused`);
    if (status === "restarting")
      throw conflict(`Container ${container.id} is restarting, wait until the container is running`);
    if (status !== "running") throw conflict(`Container ${container.id} is not running`);
    await pauseNow(kit, container, requestNow("pause", client));
  });
}

export function unpause(kit: Kit, reference: string): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    if (container.state.status !== "paused") throw conflict(`Container ${container.id} is not paused`);
    await unpauseNow(kit, container);
  });
}

/** For a running container that the caller holds; `lastRequest` when a client asked for it. */
export async function pauseNow(kit: Kit, container: Container, lastRequest?: LastRequest): Promise<void> {
  await kit.runtime.pause(container.id);
  const { state } = transition(container.state, { type: "paused" });
  kit.table.saveLife(container, { state, ...(lastRequest && { lastRequest }) });
  publish(kit, container, "pause");
}

/** For a paused container that the caller holds. */
export async function unpauseNow(kit: Kit, container: Container): Promise<void> {
  await kit.runtime.resume(container.id);
  kit.table.saveState(container, transition(container.state, { type: "resumed" }).state);
  publish(kit, container, "unpause");
}

/**
 * Runs the body while a running container, which the caller holds, is frozen. It is thawed whatever happens: the record
 * says so before anything is frozen, so that after a crash the next engine does it.
 */
export async function whilePaused<T>(kit: Kit, container: Container, body: () => Promise<T>): Promise<T> {
  const frozen = transition(container.state, { type: "paused", briefly: true }).state;
  kit.table.saveState(container, frozen);
  try {
    await kit.runtime.pause(container.id);
  } catch (error) {
    kit.table.saveState(container, transition(container.state, { type: "resumed" }).state);
    throw error;
  }
  publish(kit, container, "pause");
  try {
    return await body();
  } finally {
    // one that was killed meanwhile has nothing to thaw
    if (container.state.status === "paused") await unpauseNow(kit, container);
  }
}
