import { conflict, systemError } from "../../base/errors.ts";
import type { Container } from "./container.ts";
import { nextExit, requestNow, sendSignal, within } from "./end.ts";
import { alone, type Kit, settled } from "./kit.ts";
import type { LastRequest } from "./record.ts";
import { parseSignal } from "./signals.ts";
import { isRunning } from "./state.ts";

const SIGKILL = 9;
const KILL_PATIENCE = 10_000;

/** Sends a signal (SIGKILL when none is named). After SIGKILL it returns when the container has ended. */
export async function kill(
  kit: Kit,
  reference: string,
  text: string | undefined,
  client?: string,
): Promise<void> {
  const signal = parseSignal(text || "SIGKILL");
  const container = kit.table.resolve(reference);
  const ending = await alone(kit, container, () =>
    signalNow(kit, container, reference, { ...requestNow("kill", client), signal }),
  );
  if (!ending) return;
  if (!(await within(ending.exited, KILL_PATIENCE))) {
    ending.forget();
    throw systemError(`cannot kill container: ${reference}: it did not end within 10 seconds of SIGKILL`);
  }
  await settled(kit, container);
}

async function signalNow(
  kit: Kit,
  container: Container,
  reference: string,
  lastRequest: LastRequest & { readonly signal: number },
) {
  const { signal } = lastRequest;
  if (!isRunning(container.state)) {
    throw conflict(`cannot kill container: ${reference}: container ${container.id} is not running`);
  }
  const wasPaused = container.state.status === "paused";
  const byHand = endsByHand(container, signal);
  kit.table.saveLife(container, { lastRequest, ...(byHand && { manuallyStopped: true }) });
  const ending = signal === SIGKILL ? nextExit(container) : undefined;
  await sendSignal(kit, container, signal);
  if (ending && wasPaused) await kit.runtime.resume(container.id);
  return ending;
}

/** Docker's rule for which signals count as a stop by hand: any, unless the container names its own stop signal. */
function endsByHand(container: Container, signal: number): boolean {
  const { StopSignal } = container.record.document.config;
  return signal === SIGKILL || !StopSignal || parseSignal(StopSignal) === signal;
}
