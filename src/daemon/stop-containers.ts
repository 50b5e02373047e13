import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../base/log.ts";
import type { EngineRoom } from "../engine/index.ts";

/** Stops what runs when the engine stops without live-restore, all at once, for at most `timeout` seconds (-1: no end). */
export async function stopContainers(engine: EngineRoom, timeout: number, log: Logger): Promise<void> {
  const stopped = engine.shutDown();
  if (timeout < 0) return stopped;
  const late = new AbortController();
  const deadline = sleep(timeout * 1000, "late" as const, { signal: late.signal });
  if ((await Promise.race([stopped, deadline])) === "late")
    log.warn("some containers did not stop in time", { seconds: timeout });
  late.abort();
}
