import { hasKind } from "../../base/errors.ts";
import type { Container } from "./container.ts";
import type { Kit } from "./kit.ts";
import { isRunning } from "./state.ts";
import { secondsToEnd, stopContainer } from "./stop.ts";

const runningOnes = (kit: Kit): readonly Container[] =>
  [...kit.table.all()].filter(({ state }) => isRunning(state));

/** The most seconds that one of them has until SIGKILL; -1: one has no limit. */
export function longestStop(kit: Kit): number {
  const seconds = runningOnes(kit).map((container) => secondsToEnd(kit, container));
  return seconds.some((each) => each < 0) ? -1 : Math.max(0, ...seconds);
}

/**
 * Ends all containers at once, each within its own time. It does not count as a stop by hand: the restart policies bring
 * them back with the next start of the engine.
 */
export async function stopEverything(kit: Kit): Promise<void> {
  await Promise.all(runningOnes(kit).map((container) => stopForShutdown(kit, container)));
}

async function stopForShutdown(kit: Kit, container: Container): Promise<void> {
  try {
    await stopContainer(kit, container, { signal: undefined, timeout: undefined }, "shutdown");
  } catch (error) {
    if (hasKind(error, "notFound")) return;
    kit.log.error("could not stop a container for the shutdown", { id: container.id, error });
  }
}
