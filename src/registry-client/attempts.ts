import { setTimeout as sleep } from "node:timers/promises";
import { cancelled, hasKind } from "../base/errors.ts";
import { ConnectionError, RegistryError } from "./errors.ts";
import type { RegistrySettings } from "./settings.ts";

/** Longer waits that a registry asks for are not waited: the caller is told instead. Seconds. */
const LONGEST_WAIT = 60;

export interface AttemptOptions {
  readonly settings: Pick<RegistrySettings, "attempts" | "retryDelay">;
  readonly signal: AbortSignal;
  /** Called before each wait, with whole seconds. */
  readonly onRetry?: (seconds: number) => void;
}

/**
 * Runs `body` until it succeeds, at most `attempts` times, waiting longer each time. What another try cannot change
 * (refusals, wrong content, a full disk) fails at once.
 */
export async function withAttempts<T>(
  { settings, signal, onRetry }: AttemptOptions,
  body: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await body();
    } catch (error) {
      if (signal.aborted && !hasKind(error, "cancelled")) throw cancelled("the request was cancelled", error);
      const wait = delayOf(error, settings.retryDelay * 2 ** (attempt - 1));
      if (wait === undefined || attempt >= settings.attempts) throw error;
      onRetry?.(Math.max(1, Math.round(wait / 1000)));
      await pause(wait, signal);
    }
  }
}

/** Milliseconds before the next try; undefined when there is no point in one. */
function delayOf(error: unknown, usual: number): number | undefined {
  if (error instanceof ConnectionError) return usual;
  if (!(error instanceof RegistryError)) return undefined;
  if (error.status !== 429 && error.status < 500) return undefined;
  if (error.retryAfter === undefined) return usual;
  return error.retryAfter > LONGEST_WAIT ? undefined : Math.max(usual, error.retryAfter * 1000);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (cause) {
    throw cancelled("the request was cancelled", cause);
  }
}
