import type { Kit } from "./kit.ts";

/** Milliseconds between looks at the rules: one short child process each time. */
const INTERVAL = 30_000;

export interface RulesWatch {
  /** Looks now. Logs a failure instead of throwing it. */
  check(): Promise<void>;
  stop(): void;
}

/**
 * Administrators, firewalld and the like flush rules that are not theirs; containers would lose their network until the
 * engine's next start.
 */
export function watchRules({ firewall, log }: Kit): RulesWatch {
  async function check(): Promise<void> {
    try {
      if (await firewall.restore()) log.warn("rules of the engine had been removed and are there again");
    } catch (error) {
      log.error("could not look after the firewall rules", { error });
    }
  }
  const timer = setInterval(() => void check(), INTERVAL).unref();
  return { check, stop: () => clearInterval(timer) };
}
