import type { HealthConfig } from "../../api/schema/container-config.ts";
import type { ContainerFlags } from "./flags.ts";

const DURATIONS = ["interval", "timeout", "start-period", "start-interval"] as const;

/** What the flags say of a health check; undefined: what the image says. */
export function readHealth(flags: ContainerFlags): HealthConfig | undefined {
  const set =
    flags["health-cmd"] !== "" ||
    flags["health-retries"] !== 0 ||
    DURATIONS.some((name) => flags[`health-${name}`] !== 0);
  if (flags["no-healthcheck"]) {
    if (set) throw new Error("--no-healthcheck conflicts with --health-* options");
    return { Test: ["NONE"] };
  }
  if (!set) return undefined;
  for (const name of DURATIONS)
    if (flags[`health-${name}`] < 0) throw new Error(`--health-${name} cannot be negative`);
  if (flags["health-retries"] < 0) throw new Error("--health-retries cannot be negative");
  return {
    ...(flags["health-cmd"] ? { Test: ["CMD-SHELL", flags["health-cmd"]] } : {}),
    Interval: flags["health-interval"],
    Timeout: flags["health-timeout"],
    StartPeriod: flags["health-start-period"],
    StartInterval: flags["health-start-interval"],
    Retries: flags["health-retries"],
  };
}
