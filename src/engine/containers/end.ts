import { systemError } from "../../base/errors.ts";
import { cancelRestart } from "../restart/schedule.ts";
import type { Container, ExitStatus } from "./container.ts";
import type { Kit } from "./kit.ts";
import { publish } from "./publish.ts";
import type { LastRequest } from "./record.ts";
import { isRunning } from "./state.ts";

const SIGKILL = 9;
/** The kernel ends a process at once; longer means that it hangs in an uninterruptible sleep. */
const KILL_PATIENCE = 10_000;

/** The next exit. Ask before the signal is sent, or a fast one is missed. */
export function nextExit(container: Container): { readonly exited: Promise<ExitStatus>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<ExitStatus>();
  container.exitWaits.add(resolve);
  return { exited: promise, forget: () => void container.exitWaits.delete(resolve) };
}

/** True when it came within `milliseconds`; -1 waits for ever. */
export async function within(exited: Promise<unknown>, milliseconds: number): Promise<boolean> {
  if (milliseconds < 0) {
    await exited;
    return true;
  }
  const { promise, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, milliseconds, false);
  try {
    return await Promise.race([exited.then(() => true as const), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A request as it is kept, made now. */
export const requestNow = (verb: LastRequest["verb"], client: string | undefined): LastRequest => ({
  verb,
  at: new Date().toISOString(),
  ...(client !== undefined && { client }),
});

/** Says that a signal is sent, and sends it: in this order, so that no death is told before its cause. */
export async function sendSignal(kit: Kit, container: Container, signal: number): Promise<void> {
  publish(kit, container, "kill", { signal: String(signal) });
  await kit.runtime.kill(container.id, signal);
}

/** SIGKILL, and the certainty that it is over. Fine when it does not run; a coming restart is cancelled. */
export async function endNow(kit: Kit, container: Container): Promise<void> {
  cancelRestart(kit, container);
  if (!isRunning(container.state)) return;
  const { exited, forget } = nextExit(container);
  const wasPaused = container.state.status === "paused";
  await sendSignal(kit, container, SIGKILL);
  // A frozen process does not even die.
  if (wasPaused) await kit.runtime.resume(container.id);
  if (await within(exited, KILL_PATIENCE)) return;
  forget();
  throw systemError(
    `container ${container.id} did not end within 10 seconds of SIGKILL: a process of it hangs in the kernel`,
  );
}
