import { cancelled } from "../../base/errors.ts";
import type { Container, ExitStatus } from "./container.ts";
import type { Kit } from "./kit.ts";
import { facts, isActive } from "./state.ts";

export type WaitCondition = "not-running" | "next-exit" | "removed";

/** The exit as a promise that is registered when this returns: an exit right after it is not missed. */
export function wait(
  kit: Kit,
  reference: string,
  condition: WaitCondition,
  signal: AbortSignal,
): { readonly exited: Promise<ExitStatus> } {
  const container = kit.table.resolve(reference);
  if (condition === "not-running" && !isActive(container.state)) {
    return { exited: Promise.resolve(statusOf(container)) };
  }
  return {
    exited: registered(condition === "removed" ? container.removalWaits : container.exitWaits, signal),
  };
}

function statusOf({ state }: Container): ExitStatus {
  const { exitCode } = facts(state);
  const error = "error" in state ? state.error : undefined;
  return error === undefined ? { exitCode } : { exitCode, error };
}

function registered(waits: Container["exitWaits"], signal: AbortSignal): Promise<ExitStatus> {
  const { promise, resolve, reject } = Promise.withResolvers<ExitStatus>();
  const onAbort = () => {
    waits.delete(told);
    reject(cancelled("the client has stopped waiting", signal.reason));
  };
  const told = (status: ExitStatus) => {
    signal.removeEventListener("abort", onAbort);
    resolve(status);
  };
  waits.add(told);
  // A client that is gone awaits nothing: the rejection is for those who still do.
  promise.catch(() => undefined);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}
