import { errnoOf, invalidParameter } from "../../base/errors.ts";
import { readRegularFile } from "../../base/regular-file.ts";
import type { Config } from "./config.ts";
import { decide } from "./decide.ts";
import { mergeRaw, type Raw, readConfigFile, readFlags, refuseWithoutEffect } from "./raw.ts";

export const DEFAULT_CONFIG_FILE = "/etc/wharf/daemon.json";

export interface Invocation {
  readonly flags: Raw;
  readonly configFile: string;
  /** `--config-file` was given: then the file must exist. */
  readonly configFileGiven: boolean;
}

export function readInvocation(argv: readonly string[]): Invocation {
  const flags = new Map(readFlags(argv));
  const given = flags.get("config-file");
  flags.delete("config-file");
  return {
    flags,
    configFile: typeof given === "string" ? given : DEFAULT_CONFIG_FILE,
    configFileGiven: given !== undefined,
  };
}

/**
 * Reads the file (again) and settles the configuration. WHARF_LIVE_RESTORE=1 in `env`, which the unit of the service has,
 * decides about live-restore where neither flags nor file do: a flag in its place would forbid the file's.
 */
export function loadConfig(
  { flags, configFile, configFileGiven }: Invocation,
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const file = readConfigFile(configFile, readText(configFile, configFileGiven));
  const raw = mergeRaw(flags, file, configFile);
  refuseWithoutEffect(raw);
  const usual: Raw = new Map(env["WHARF_LIVE_RESTORE"] === "1" ? [["live-restore", true]] : []);
  return decide(new Map([...usual, ...raw]));
}

function readText(path: string, mustExist: boolean): string {
  try {
    return readRegularFile(path).toString();
  } catch (cause) {
    if (!mustExist && errnoOf(cause) === "ENOENT") return "{}";
    throw invalidParameter(`unable to read the configuration file ${path}`, cause);
  }
}
