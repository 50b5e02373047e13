import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../base/log.ts";
import type { EngineRoom } from "../engine/index.ts";

/** What may pass between SIGKILL and the release of all that a container held, seconds: Docker's. */
const GRACE = 5;

/**
 * Stops what runs when the engine stops without live-restore, all at once, for at most `least` seconds (-1: no end), or
 * longer where a container has longer: as Docker does it, for one that is left running then has nobody to stop it.
 */
export async function stopContainers(engine: EngineRoom, least: number, log: Logger): Promise<void> {
  const longest = engine.longestStop();
  const stopped = engine.shutDown();
  if (least < 0 || longest < 0) return stopped;
  const timeout = Math.max(least, longest + GRACE);
  const late = new AbortController();
  const deadline = sleep(timeout * 1000, "late" as const, { signal: late.signal });
  if ((await Promise.race([stopped, deadline])) === "late")
    log.warn("some containers did not stop in time", { seconds: timeout });
  late.abort();
}
