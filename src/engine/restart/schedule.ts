import type { Container } from "../containers/container.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { transition } from "../containers/state.ts";

/** Starts the container again after `delay` milliseconds, unless somebody cancels it before. */
export function scheduleRestart(kit: Kit, container: Container, delay: number): void {
  container.backoff = delay;
  const timer = setTimeout(() => {
    container.restart = undefined;
    alone(kit, container, () => restartNow(kit, container)).catch((error: unknown) => {
      kit.log.error("could not restart the container", { id: container.id, error });
    });
  }, delay);
  timer.unref();
  container.restart = { at: Date.now() + delay, cancel: () => clearTimeout(timer) };
}

async function restartNow(kit: Kit, container: Container): Promise<void> {
  if (container.state.status !== "restarting" || kit.closing.aborted) return;
  kit.table.saveLife(container, { restartCount: container.record.life.restartCount + 1 });
  await kit.launch(container);
}

/** Ends a wait for the next restart: the container is then simply exited. */
export function cancelRestart(kit: Kit, container: Container): void {
  container.restart?.cancel();
  container.restart = undefined;
  kit.table.saveState(container, transition(container.state, { type: "restartCancelled" }).state);
}
