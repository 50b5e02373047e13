import { invalidParameter } from "../../base/errors.ts";
import type { LogLimits } from "../../runtime/index.ts";
import type { Labels } from "../views.ts";
import { optional, parseBytes, parseCount, parseSwitch } from "./values.ts";

type Limits = Omit<LogLimits, "needed">;

const size = (option: string, text: string): number => parseBytes(option, text, 1000);
const count = (option: string, text: string): number => parseCount(option, text, 1);
/** Docker's for "local" and for the copies of what is sent elsewhere. */
const KEPT = { maxSize: 20_000_000, maxFiles: 5, compress: true };
/** Without a copy to read from, a file lives until its lines are sent. */
const NOTHING_KEPT = { maxSize: 1_000_000, maxFiles: 1, compress: false };

function read(options: Labels, prefix: "" | "cache-"): Partial<Limits> {
  return {
    maxSize: optional(options, `${prefix}max-size`, size),
    maxFiles: optional(options, `${prefix}max-file`, count),
    compress: optional(options, `${prefix}compress`, parseSwitch),
  };
}

/** How much of its log a container keeps; undefined for all of it. */
export function limitsOf(driver: string, options: Labels): Limits | undefined {
  if (driver === "none") return undefined;
  if (driver === "json-file") {
    const { maxSize, maxFiles = 1, compress = false } = read(options, "");
    return maxSize === undefined ? undefined : { maxSize, maxFiles, compress };
  }
  if (optional(options, "cache-disabled", parseSwitch)) return NOTHING_KEPT;
  const asked = read(options, driver === "local" ? "" : "cache-");
  return {
    maxSize: asked.maxSize ?? KEPT.maxSize,
    maxFiles: asked.maxFiles ?? KEPT.maxFiles,
    compress: asked.compress ?? (asked.maxFiles !== 1 && KEPT.compress),
  };
}

/** Docker's rules for them; throws invalidParameter. */
export function checkLimits(driver: string, options: Labels): void {
  const { maxSize, maxFiles, compress } = read(
    options,
    driver === "json-file" || driver === "local" ? "" : "cache-",
  );
  if (driver === "json-file" && compress && (maxSize === undefined || (maxFiles ?? 1) === 1)) {
    throw invalidParameter("compress cannot be true when max-file is less than 2 or max-size is not set");
  }
  if (driver === "local" && compress && maxFiles === 1)
    throw invalidParameter("compression cannot be enabled when max file count is 1");
  limitsOf(driver, options);
}
