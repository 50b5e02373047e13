import { hasKind, messageOf, unauthorized } from "../../base/errors.ts";
import { DEFAULT_DOMAIN } from "../../oci/index.ts";
import { withRegistry } from "../../registry-client/connect.ts";
import { RegistryError } from "../../registry-client/errors.ts";
import type { Distribution } from "../distribution.ts";
import { type RegistryKit, targetOf } from "./kit.ts";

/** The registry of an address as `docker login` gives it: a host, or the old address of the default registry. */
export function domainOfAddress(address: string): string {
  const host = address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
  return host === "" || host === "index.docker.io" ? DEFAULT_DOMAIN : host;
}

/** `docker login`: the registry's base address has to accept the credentials. */
export async function login(
  kit: RegistryKit,
  address: string,
  { credentials, signal }: Parameters<Distribution["login"]>[1],
): Promise<string> {
  const domain = domainOfAddress(address);
  // "push" leaves mirrors out: they are never shown credentials.
  const target = targetOf(kit, domain, "push", { credentials, signal });
  try {
    return await withRegistry(target, async (session) => {
      const answer = await session.send({ method: "GET", url: "/v2/", scopes: [], signal });
      answer.body.resume();
      return session.identityToken;
    });
  } catch (error) {
    if (error instanceof RegistryError && error.status === 401)
      throw unauthorized(
        `login attempt to https://${domain}/v2/ failed with status: 401 Unauthorized`,
        error,
      );
    if (!(error instanceof RegistryError) && hasKind(error, "unauthorized"))
      throw unauthorized(`login attempt to https://${domain}/v2/ failed: ${messageOf(error)}`, error);
    throw error;
  }
}
