import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again and again until the probe says yes; fails after `limit` milliseconds, naming what was waited for. The limit is
 * there to end what hangs, not to measure: a machine that does other things as well may take many seconds.
 */
export async function until(
  what: string,
  probe: () => Promise<boolean> | boolean,
  limit = 50_000,
): Promise<void> {
  const deadline = Date.now() + limit;
  while (!(await probe())) {
    if (Date.now() > deadline) throw new Error(`waited ${limit} ms in vain: ${what}`);
    await sleep(20);
  }
}
