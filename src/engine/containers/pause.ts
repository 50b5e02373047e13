import { conflict } from "../../base/errors.ts";
import { alone, type Kit } from "./kit.ts";
import { publish } from "./publish.ts";
import { transition } from "./state.ts";

/** Freezes every process of it. */
export function pause(kit: Kit, reference: string): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const { status } = container.state;
    if (status === "paused") throw conflict(`Container ${container.id} is already paused`);
    if (status === "restarting")
      throw conflict(`Container ${container.id} is restarting, wait until the container is running`);
    if (status !== "running") throw conflict(`Container ${container.id} is not running`);
    await kit.runtime.pause(container.id);
    kit.table.saveState(container, transition(container.state, { type: "paused" }).state);
    publish(kit, container, "pause");
  });
}

export function unpause(kit: Kit, reference: string): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    if (container.state.status !== "paused") throw conflict(`Container ${container.id} is not paused`);
    await kit.runtime.resume(container.id);
    kit.table.saveState(container, transition(container.state, { type: "resumed" }).state);
    publish(kit, container, "unpause");
  });
}
