import type { Probe } from "./probe.ts";

/** Docker keeps this many results for inspect. */
const KEPT = 5;

/** One result as inspect shows it. */
export interface HealthResult {
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
  readonly Output: string;
}

export interface Health {
  readonly status: "starting" | "healthy" | "unhealthy";
  readonly failingStreak: number;
  readonly log: readonly HealthResult[];
}

export const START: Health = { status: "starting", failingStreak: 0, log: [] };

/** What a probe's result makes of the health. A failure in the start period does not count. Pure. */
export function nextHealth(health: Health, probe: Probe, retries: number, inStartPeriod: boolean): Health {
  const result = { Start: probe.start, End: probe.end, ExitCode: probe.exitCode, Output: probe.output };
  const log = [...health.log, result].slice(-KEPT);
  if (probe.exitCode === 0) return { status: "healthy", failingStreak: 0, log };
  if (health.status === "starting" && inStartPeriod) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  const status = failingStreak >= retries ? "unhealthy" : health.status;
  return { status, failingStreak, log };
}
