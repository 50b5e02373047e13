import type { Kit } from "./kit.ts";
import { restoreBridges } from "./restore-bridges.ts";

/** Milliseconds between looks at rules and bridges: one short child process each time. */
const INTERVAL = 30_000;
/** Until the first look: a change that an engine asked for in the moment it was killed may come after the next's start. */
const FIRST = 3000;

export interface RulesWatch {
  /** Looks now. Logs a failure instead of throwing it. */
  check(): Promise<void>;
  stop(): void;
}

/**
 * Administrators, firewalld and the like flush rules that are not theirs, and delete bridges; containers would lose their
 * network until the engine's next start.
 */
export function watchRules(kit: Kit): RulesWatch {
  const { firewall, log } = kit;
  async function check(strict = false): Promise<void> {
    await restoreBridges(kit);
    try {
      if (await firewall.restore(strict))
        log.warn("rules of the engine had been changed and are as they ought to be again");
    } catch (error) {
      log.error("could not look after the firewall rules", { error });
    }
  }
  const first = setTimeout(() => void check(true), FIRST).unref();
  const timer = setInterval(() => void check(), INTERVAL).unref();
  return {
    check: () => check(),
    stop() {
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}
