import { invalidParameter } from "../../base/errors.ts";
import type { HealthConfig } from "../containers/documents.ts";

const NS_PER_MS = 1_000_000;
const DEFAULT_INTERVAL = 30_000;
const DEFAULT_TIMEOUT = 30_000;
const DEFAULT_START_INTERVAL = 5_000;
const DEFAULT_RETRIES = 3;

/** How a container is probed; times in milliseconds. */
export interface HealthPlan {
  readonly command:
    | { readonly kind: "exec"; readonly args: readonly string[] }
    | { readonly kind: "shell"; readonly line: string };
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

const DURATIONS = ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const;

/** Docker's rules for a health check; throws invalidParameter. */
export function checkHealth(config: HealthConfig | null | undefined): void {
  if (!config) return;
  for (const field of DURATIONS) {
    const value = config[field] ?? 0;
    if (value !== 0 && value < NS_PER_MS)
      throw invalidParameter(`${field} in Healthcheck cannot be less than 1ms`);
  }
  if ((config.Retries ?? 0) < 0) throw invalidParameter("Retries in Healthcheck cannot be negative");
}

const duration = (nanoseconds: number | undefined, fallback: number): number =>
  nanoseconds ? nanoseconds / NS_PER_MS : fallback;

function commandOf(test: readonly string[]): HealthPlan["command"] | undefined {
  const [kind, ...args] = test;
  if (kind === "CMD" && args.length > 0) return { kind: "exec", args };
  if (kind === "CMD-SHELL" && args[0]) return { kind: "shell", line: args[0] };
  return undefined;
}

/** Undefined when nothing is to be probed: no test, or NONE. */
export function planHealth(config: HealthConfig | null | undefined): HealthPlan | undefined {
  const command = commandOf(config?.Test ?? []);
  if (!config || !command) return undefined;
  return {
    command,
    interval: duration(config.Interval, DEFAULT_INTERVAL),
    timeout: duration(config.Timeout, DEFAULT_TIMEOUT),
    startPeriod: duration(config.StartPeriod, 0),
    startInterval: duration(config.StartInterval, DEFAULT_START_INTERVAL),
    retries: config.Retries || DEFAULT_RETRIES,
  };
}
