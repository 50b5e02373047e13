import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Config } from "./config/config.ts";
import { keyOf, OPTIONS } from "./config/options.ts";

/** Names of the settings that differ and cannot be changed without a restart. Pure. */
export function changedWithoutEffect(before: Config, after: Config): readonly string[] {
  const reloadable = new Set([
    "debug",
    "logLevel",
    "labels",
    "liveRestore",
    "shutdownTimeout",
    "registryMirrors",
    "insecureRegistries",
    "registries",
  ]);
  return Object.keys(before).filter((key) => {
    const name = key as keyof Config;
    return !reloadable.has(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  });
}

/** Keys of daemon.json that SIGHUP applies. */
export const RELOADABLE_KEYS = OPTIONS.filter(({ reloadable }) => reloadable).map(keyOf);

/** SIGHUP: reads the file again and applies what can be applied; a bad file changes nothing. */
export function reload(
  before: Config,
  load: () => Config,
  apply: (config: Config) => void,
  log: Logger,
): void {
  let after: Config;
  try {
    after = load();
  } catch (error) {
    log.error("the configuration was not reloaded", { error: messageOf(error) });
    return;
  }
  const ignored = changedWithoutEffect(before, after);
  if (ignored.length > 0) log.warn("changed settings that need a restart", { settings: ignored });
  apply(after);
  log.info("configuration reloaded", { reloadable: RELOADABLE_KEYS });
}
