import { invalidParameter } from "../../base/errors.ts";
import { parseMode } from "./mode.ts";

/** One entry of HostConfig.VolumesFrom: "name", "name:ro", "name:rw,z". Pure; throws invalidParameter. */
export function parseVolumesFrom(spec: string): { readonly container: string; readonly readonly: boolean } {
  if (spec === "") throw invalidParameter("volumes-from specification cannot be an empty string");
  const colon = spec.indexOf(":");
  const container = colon < 0 ? spec : spec.slice(0, colon);
  const text = colon < 0 ? "" : spec.slice(colon + 1);
  const mode = parseMode(text);
  // The mounts keep the propagation they have, and nothing is copied into them.
  if (mode.propagation !== undefined || mode.copy !== undefined)
    throw invalidParameter(`invalid mode: ${text}`);
  return { container, readonly: mode.access === "ro" };
}
