import { notModified, systemError } from "../../base/errors.ts";
import { cancelRestart } from "../restart/schedule.ts";
import type { Container } from "./container.ts";
import { nextExit, requestNow, sendSignal, within } from "./end.ts";
import { alone, type Kit, settled } from "./kit.ts";
import { publish } from "./publish.ts";
import type { LastRequest } from "./record.ts";
import { parseSignal } from "./signals.ts";
import { isActive, isRunning } from "./state.ts";

const SIGKILL = 9;
const KILL_PATIENCE_SECONDS = 10;

export interface StopOptions {
  readonly signal: string | undefined;
  /** Seconds between the signal and SIGKILL; -1 waits for ever; undefined: the container's own. */
  readonly timeout: number | undefined;
  /** How the client calls itself. */
  readonly client?: string | undefined;
}

/** Seconds between its stop signal and SIGKILL where nobody says otherwise; -1: no end. */
export const secondsToEnd = (kit: Kit, { record }: Container): number =>
  record.document.config.StopTimeout ?? kit.settings.stopTimeout;

/** Asks it to end, then makes it. Returns when it has ended and released its network. */
export async function stop(kit: Kit, reference: string, options: StopOptions): Promise<void> {
  const container = kit.table.resolve(reference);
  if (!isActive(container.state)) throw notModified(`container ${container.id} is already stopped`);
  await stopContainer(kit, container, options);
}

/** The same for any container; fine when it does not run. The restart policy respects it, but not a shutdown. */
export async function stopContainer(
  kit: Kit,
  container: Container,
  options: StopOptions,
  verb: "stop" | "restart" | "shutdown" = "stop",
): Promise<void> {
  const { config } = container.record.document;
  const signal = parseSignal(options.signal || config.StopSignal || "SIGTERM");
  const timeout = options.timeout ?? secondsToEnd(kit, container);
  const signalled = await alone(kit, container, () =>
    beginStop(kit, container, { ...requestNow(verb, options.client), signal }),
  );
  if (signalled) await awaitEnd(kit, container, signalled.exited, timeout);
  // The release of what it used is behind this in the queue.
  await settled(kit, container);
  publish(kit, container, "stop");
}

/** Undefined when nothing runs any more. */
async function beginStop(
  kit: Kit,
  container: Container,
  lastRequest: LastRequest & { readonly signal: number },
) {
  if (!isActive(container.state)) return undefined;
  const byHand = lastRequest.verb !== "shutdown";
  kit.table.saveLife(container, { lastRequest, ...(byHand && { manuallyStopped: true }) });
  cancelRestart(kit, container);
  if (!isRunning(container.state)) return undefined;
  const wasPaused = container.state.status === "paused";
  const exit = nextExit(container);
  await sendSignal(kit, container, lastRequest.signal);
  // Docker thaws a paused container for its end; its state stays as it is until then.
  if (wasPaused) await kit.runtime.resume(container.id);
  return exit;
}

async function awaitEnd(
  kit: Kit,
  container: Container,
  exited: Promise<unknown>,
  seconds: number,
): Promise<void> {
  if (await within(exited, seconds < 0 ? -1 : seconds * 1000)) return;
  const { lastRequest } = container.record.life;
  const killedAt = new Date().toISOString();
  if (lastRequest) kit.table.saveLife(container, { lastRequest: { ...lastRequest, killedAt } });
  await sendSignal(kit, container, SIGKILL);
  if (await within(exited, KILL_PATIENCE_SECONDS * 1000)) return;
  throw systemError(
    `container ${container.id} did not end within ${KILL_PATIENCE_SECONDS} seconds of SIGKILL: a process of it hangs in the kernel`,
  );
}
