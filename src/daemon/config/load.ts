import { readFileSync } from "node:fs";
import { errnoOf, invalidParameter } from "../../base/errors.ts";
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

/** Reads the file (again) and settles the configuration. */
export function loadConfig({ flags, configFile, configFileGiven }: Invocation): Config {
  const file = readConfigFile(configFile, readText(configFile, configFileGiven));
  const raw = mergeRaw(flags, file, configFile);
  refuseWithoutEffect(raw);
  return decide(raw);
}

function readText(path: string, mustExist: boolean): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (!mustExist && errnoOf(cause) === "ENOENT") return "{}";
    throw invalidParameter(`unable to read the configuration file ${path}`, cause);
  }
}
