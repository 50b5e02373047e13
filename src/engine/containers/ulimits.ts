import type { EngineSettings } from "../ports.ts";
import type { HostConfig } from "./documents.ts";

type Ulimits = NonNullable<HostConfig["Ulimits"]>;

/** A container's ulimits with the engine's for what it leaves open: those of now, not of the creation, as with Docker. */
export function withDefaultUlimits(own: Ulimits, defaults: EngineSettings["defaultUlimits"]): Ulimits {
  const named = new Set(own.map(({ Name }) => Name));
  return [...own, ...defaults.filter(({ Name }) => !named.has(Name))];
}
