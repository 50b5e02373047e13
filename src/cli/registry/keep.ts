import type { AuthConfigDocument } from "../../api/schema/registry.ts";
import { changeConfig } from "../config/write.ts";
import type { Context } from "../context.ts";
import { helperFor } from "./credentials.ts";

/** Keeps what a login has proved: with the helper that is configured, else in config.json, where it is only encoded. */
export async function keepCredentials(
  { config, err }: Pick<Context, "config" | "err">,
  folder: string,
  auth: AuthConfigDocument & { readonly serveraddress: string },
): Promise<void> {
  const { serveraddress, username = "", password = "", identitytoken } = auth;
  const helper = helperFor(config(), serveraddress);
  if (helper !== undefined) {
    const { storeInHelper } = await import("./helper.ts");
    await storeInHelper(helper, auth);
    changeConfig(folder, (known) => ({ ...known, auths: { ...known.auths, [serveraddress]: {} } }));
    return;
  }
  const encoded = Buffer.from(`${username}:${password}`).toString("base64");
  const stored = { auth: encoded, ...(identitytoken ? { identitytoken } : {}) };
  changeConfig(folder, (known) => ({ ...known, auths: { ...known.auths, [serveraddress]: stored } }));
  err.write(`
WARNING! Your credentials are stored unencrypted in '${folder}/config.json'.
Configure a credential helper to remove this warning. See
https://docs.docker.com/go/credential-store/

`);
}

export async function forgetCredentials(
  { config }: Pick<Context, "config">,
  folder: string,
  registry: string,
): Promise<void> {
  const helper = helperFor(config(), registry);
  if (helper !== undefined) {
    const { eraseFromHelper } = await import("./helper.ts");
    await eraseFromHelper(helper, registry).catch(() => undefined);
  }
  if (config().auths?.[registry] === undefined) return;
  changeConfig(folder, ({ auths: { [registry]: _gone, ...auths } = {}, ...rest }) => ({ ...rest, auths }));
}
