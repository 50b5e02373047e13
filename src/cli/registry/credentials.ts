import type { AuthConfigDocument } from "../../api/schema/registry.ts";
import type { ConfigFile, StoredAuth } from "../config/file.ts";

const withoutScheme = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

/** The program that keeps a registry's credentials, if one does. */
export const helperFor = ({ credHelpers, credsStore }: ConfigFile, registry: string): string | undefined =>
  credHelpers?.[registry] ?? credHelpers?.[withoutScheme(registry)] ?? (credsStore || undefined);

/** What is known of a registry: from its helper, else from the file. Nothing, when nobody has logged in. */
export async function credentialsFor(config: ConfigFile, registry: string): Promise<AuthConfigDocument> {
  const helper = helperFor(config, registry);
  if (helper !== undefined) {
    const { getFromHelper } = await import("./helper.ts");
    return getFromHelper(helper, registry);
  }
  const stored = config.auths?.[registry] ?? findByHost(config, registry);
  return stored === undefined ? {} : fromStored(stored, registry);
}

const findByHost = ({ auths = {} }: ConfigFile, registry: string): StoredAuth | undefined =>
  Object.entries(auths).find(([address]) => withoutScheme(address) === withoutScheme(registry))?.[1];

function fromStored(stored: StoredAuth, registry: string): AuthConfigDocument {
  const { auth, username, password, identitytoken, registrytoken } = stored;
  const [user = username, ...secret] = auth ? Buffer.from(auth, "base64").toString().split(":") : [];
  const pass = auth ? secret.join(":").replace(/\0+$/, "") : password;
  return {
    ...(user ? { username: user } : {}),
    ...(pass ? { password: pass } : {}),
    ...(identitytoken ? { identitytoken } : {}),
    ...(registrytoken ? { registrytoken } : {}),
    serveraddress: registry,
  };
}

export const encodeAuth = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

/** The header with which the engine asks a registry on our behalf. */
export async function authHeader(config: ConfigFile, registry: string): Promise<Record<string, string>> {
  return { "X-Registry-Auth": padded(encodeAuth(await credentialsFor(config, registry))) };
}

const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, "=");

/** Everything that is known, for builds, which may ask any registry. */
export async function allCredentials(
  config: ConfigFile,
): Promise<Readonly<Record<string, AuthConfigDocument>>> {
  const registries = new Set([...Object.keys(config.auths ?? {}), ...Object.keys(config.credHelpers ?? {})]);
  if (config.credsStore) {
    const { listFromHelper } = await import("./helper.ts");
    for (const registry of await listFromHelper(config.credsStore)) registries.add(registry);
  }
  const known = [...registries].map(async (name) => [name, await credentialsFor(config, name)] as const);
  return Object.fromEntries(
    (await Promise.all(known)).filter(([, { username, identitytoken }]) => username || identitytoken),
  );
}
