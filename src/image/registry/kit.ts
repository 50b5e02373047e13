import type { KeyedQueue, Semaphore } from "../../base/async.ts";
import type { Target } from "../../registry-client/connect.ts";
import type { RegistrySettings } from "../../registry-client/settings.ts";
import type { Parts } from "../store/parts.ts";
import type { RegistryMemory } from "./memory.ts";

/** What the verbs that talk to registries work with. */
export interface RegistryKit extends Parts {
  readonly memory: RegistryMemory;
  /** The settings in force. */
  readonly settings: () => RegistrySettings;
  readonly downloads: Semaphore;
  readonly uploads: Semaphore;
  /** Serialises downloads of the same blob. */
  readonly fetching: KeyedQueue;
  /** Folder of downloads that are not complete: `<hex of the digest>`; the next pull goes on with them. */
  readonly partials: string;
}

/** The registry an operation is about, reached as the settings of this moment say. */
export const targetOf = (
  { settings, log }: RegistryKit,
  domain: string,
  purpose: Target["purpose"],
  { credentials, signal }: Pick<Target, "credentials" | "signal">,
): Target => ({ domain, purpose, credentials, settings: settings(), log, signal });
