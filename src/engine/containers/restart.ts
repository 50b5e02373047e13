import { conflict } from "../../base/errors.ts";
import { alone, type Kit } from "./kit.ts";
import { publish } from "./publish.ts";
import { startAfresh, startNow } from "./start.ts";
import { isActive, isRunning } from "./state.ts";
import { type StopOptions, stopContainer } from "./stop.ts";

/** Stops it if it runs, and starts it. AutoRemove does not take it away in between. */
export async function restart(kit: Kit, reference: string, options: StopOptions): Promise<void> {
  const container = kit.table.resolve(reference);
  if (container.state.status === "removing" || container.state.status === "dead") {
    throw conflict("container is marked for removal and cannot be started");
  }
  container.held++;
  try {
    if (isActive(container.state)) await stopContainer(kit, container, options, "restart");
    await alone(kit, container, async () => {
      if (isRunning(container.state)) return;
      startAfresh(kit, container);
      await startNow(kit, container);
    });
  } finally {
    container.held--;
  }
  publish(kit, container, "restart");
}
