import type { RegistrySettings } from "../image/index.ts";
import type { Config } from "./config/config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How the engine reaches registries: its configuration, and the usual proxy variables where that names none. Pure. */
export function registrySettings(config: Config, environment: Environment): Partial<RegistrySettings> {
  const { registries, registryMirrors, insecureRegistries } = config;
  const { httpProxy, httpsProxy, noProxy, ...limits } = registries;
  const variable = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined;
  return {
    ...limits,
    mirrors: registryMirrors,
    insecure: insecureRegistries,
    proxy: {
      http: httpProxy ?? variable("HTTP_PROXY"),
      https: httpsProxy ?? variable("HTTPS_PROXY"),
      none: noProxy ?? variable("NO_PROXY"),
    },
  };
}
