import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Config } from "./config/config.ts";
import { keyOf, OPTIONS } from "./config/options.ts";

/** What needs a restart. Everything else is asked for when it is needed. */
function fixed({ containers, ...config }: Config): Readonly<Record<string, unknown>> {
  const { shmSize: _shm, ipcMode: _ipc, cgroupnsMode: _cgroupns, ...ofContainers } = containers;
  const {
    debug: _debug,
    logLevel: _level,
    labels: _labels,
    liveRestore: _live,
    shutdownTimeout: _timeout,
    registryMirrors: _mirrors,
    insecureRegistries: _insecure,
    registries: _registries,
    ...rest
  } = config;
  return { ...rest, containers: ofContainers };
}

/** Names of the settings that differ and cannot be changed without a restart. Pure. */
export function changedWithoutEffect(before: Config, after: Config): readonly string[] {
  const [old, now] = [fixed(before), fixed(after)];
  return Object.keys(old).filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
}

/** What Docker's event of a reload tells: the settings as they are now. Pure. */
export const reloadAttributes = (config: Config, host: string): Readonly<Record<string, string>> => ({
  name: host,
  debug: String(config.debug),
  labels: JSON.stringify(config.labels),
  "live-restore": String(config.liveRestore),
  "shutdown-timeout": String(config.shutdownTimeout),
  "max-concurrent-downloads": String(config.registries.maxDownloads),
  "max-concurrent-uploads": String(config.registries.maxUploads),
  "max-download-attempts": String(config.registries.attempts),
  "insecure-registries": JSON.stringify(config.insecureRegistries),
  "registry-mirrors": JSON.stringify(config.registryMirrors),
  "default-runtime": config.defaultRuntime ?? "",
  runtimes: Object.entries(config.runtimes)
    .map(([name, { path }]) => `${name}:${path}`)
    .join(" "),
  "default-shm-size": String(config.containers.shmSize),
  "default-ipc-mode": config.containers.ipcMode,
  "default-cgroupns-mode": config.containers.cgroupnsMode ?? "",
});

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
