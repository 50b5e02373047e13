import { invalidParameter } from "../../base/errors.ts";
import type { LogConfig } from "../containers/documents.ts";

/** Drivers there are, and the options each understands. */
const DRIVERS: Readonly<Record<string, ReadonlySet<string>>> = { "json-file": new Set(), none: new Set() };
/** Docker's options of json-file that have no effect here. */
const NOT_YET = new Set([
  "max-size",
  "max-file",
  "compress",
  "labels",
  "labels-regex",
  "env",
  "env-regex",
  "tag",
  "mode",
  "max-buffer-size",
]);

/** Throws invalidParameter for a driver or an option that would have no effect. */
export function checkLogConfig(config: LogConfig | null | undefined, defaultDriver: string): void {
  const driver = config?.Type || defaultDriver;
  const options = Object.hasOwn(DRIVERS, driver) ? DRIVERS[driver] : undefined;
  if (!options) {
    throw invalidParameter(
      `error looking up logging plugin ${driver}: plugin "${driver}" not found: use one of ${Object.keys(DRIVERS).join(", ")}`,
    );
  }
  for (const option of Object.keys(config?.Config ?? {})) {
    if (options.has(option)) continue;
    if (NOT_YET.has(option))
      throw invalidParameter(`log opt '${option}' is not supported for ${driver}: leave it out`);
    throw invalidParameter(`unknown log opt '${option}' for ${driver} log driver`);
  }
}

/** False for a driver that keeps nothing. */
export const keepsLog = (config: LogConfig | null | undefined): boolean => config?.Type !== "none";
