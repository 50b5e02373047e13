import { hasKind, systemError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Credentials } from "./credentials.ts";
import { endpointsOf } from "./endpoints.ts";
import { RegistryError } from "./errors.ts";
import { Session } from "./session.ts";
import type { RegistrySettings } from "./settings.ts";

export interface Target {
  readonly domain: string;
  readonly purpose: "pull" | "push";
  readonly credentials: Credentials;
  readonly settings: RegistrySettings;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Runs `body` against the first endpoint of a registry that serves it. A mirror that fails in any way is passed over;
 * a registry that may be reached in plain HTTP is, when TLS did not work. `body` must be safe to run again.
 */
export async function withRegistry<T>(target: Target, body: (session: Session) => Promise<T>): Promise<T> {
  const { domain, purpose, settings, credentials, signal } = target;
  const endpoints = endpointsOf(domain, purpose, settings);
  let failure: unknown;
  for (const endpoint of endpoints) {
    await using session = new Session(endpoint, credentials, settings);
    let isConnected = false;
    try {
      await session.ping(signal);
      isConnected = true;
      return await body(session);
    } catch (error) {
      if (hasKind(error, "cancelled")) throw error;
      const mayGoOn = endpoint.mirror || !isConnected;
      if (!mayGoOn) throw error;
      target.log.debug("registry endpoint failed", { endpoint: endpoint.url, error });
      failure = moreTelling(failure, error);
    }
  }
  throw failure ?? systemError(`no endpoint is known for the registry ${domain}`);
}

/** Of TLS and plain HTTP both failing, the first that reached a server says more. */
const moreTelling = (before: unknown, now: unknown): unknown =>
  before === undefined || now instanceof RegistryError || !/refused/.test(String(now)) ? now : before;
