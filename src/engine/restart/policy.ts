import { invalidParameter } from "../../base/errors.ts";
import type { RestartPolicy } from "../containers/documents.ts";

const NAMES = ["no", "always", "unless-stopped", "on-failure"];
const FIRST_DELAY = 100;
const LONGEST_DELAY = 60_000;
/** A container that ran this long is healthy: its next failure starts from the first delay again. */
const SETTLED_AFTER = 10_000;

/** Throws invalidParameter for a policy that cannot be. */
export function checkRestartPolicy(policy: RestartPolicy | null | undefined): void {
  const name = policy?.Name ?? "";
  const count = policy?.MaximumRetryCount ?? 0;
  if (name !== "" && !NAMES.includes(name)) {
    throw invalidParameter(
      `invalid restart policy: unknown policy '${name}'; use one of '${NAMES.join("', '")}'`,
    );
  }
  if (name !== "on-failure" && count !== 0) {
    throw invalidParameter("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  if (count < 0) throw invalidParameter("invalid restart policy: maximum retry count cannot be negative");
}

export interface RestartFacts {
  readonly policy: RestartPolicy | null | undefined;
  readonly exitCode: number;
  readonly manuallyStopped: boolean;
  readonly restartCount: number;
}

export interface ExitFacts extends RestartFacts {
  /** Milliseconds it ran. */
  readonly ran: number;
  /** The delay before its latest restart; 0 if there was none. */
  readonly lastDelay: number;
}

function wanted({ policy, exitCode, manuallyStopped, restartCount }: RestartFacts): boolean {
  switch (policy?.Name) {
    case "always":
      return true;
    case "unless-stopped":
      return !manuallyStopped;
    case "on-failure": {
      const most = policy.MaximumRetryCount ?? 0;
      return exitCode !== 0 && !manuallyStopped && (most === 0 || restartCount < most);
    }
    default:
      return false;
  }
}

/** After an exit: the delay in milliseconds until its restart, or undefined for none. A stop by hand is respected. */
export function restartDelay(facts: ExitFacts): number | undefined {
  if (facts.manuallyStopped || !wanted(facts)) return undefined;
  if (facts.lastDelay === 0 || facts.ran >= SETTLED_AFTER) return FIRST_DELAY;
  return Math.min(facts.lastDelay * 2, LONGEST_DELAY);
}

/** When the engine starts: `always` brings back even what was stopped by hand, as Docker does. */
export const restartsWithEngine = (facts: RestartFacts): boolean => wanted(facts);
