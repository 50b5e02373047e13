import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What `login` keeps for a registry: basic authentication in base64, or a token. */
export interface StoredAuth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly email?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

export interface ProxySettings {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  readonly ftpProxy?: string;
  readonly allProxy?: string;
}

/** `config.json` as docker keeps it; fields that are not known here are left as they are. */
export interface ConfigFile {
  readonly auths?: Readonly<Record<string, StoredAuth>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly HttpHeaders?: Readonly<Record<string, string>>;
  readonly psFormat?: string;
  readonly imagesFormat?: string;
  readonly networksFormat?: string;
  readonly volumesFormat?: string;
  readonly statsFormat?: string;
  readonly pluginsFormat?: string;
  readonly detachKeys?: string;
  readonly currentContext?: string;
  readonly proxies?: Readonly<Record<string, ProxySettings>>;
  readonly pruneFilters?: readonly string[];
  /** Wharf's own: false, and no command starts the engine. */
  readonly autostart?: boolean;
}

export const configPath = (folder: string): string => join(folder, "config.json");

/** The user's configuration; empty when there is none. A file that cannot be read is said on stderr, not fatal. */
export function readConfig(folder: string, warn: (text: string) => void): ConfigFile {
  const path = configPath(folder);
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as ConfigFile;
    warn(`WARNING: Error loading config file: ${path}: it must hold an object`);
  } catch (error) {
    warn(`WARNING: Error loading config file: ${path}: ${error instanceof Error ? error.message : error}`);
  }
  return {};
}
