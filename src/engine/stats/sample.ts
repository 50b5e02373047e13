import type { ContainerUsage } from "../../runtime/index.ts";
import type { Container } from "../containers/container.ts";
import type { Kit } from "../containers/kit.ts";
import { networkMode } from "../containers/modes.ts";
import { isRunning } from "../containers/state.ts";

/** What a container used at one moment. */
export interface StatsSample {
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly at: string;
  /** Undefined while it does not run. */
  readonly usage: ContainerUsage | undefined;
}

/** Undefined when the container has been removed. */
export function sampleOf(kit: Kit, container: Container): StatsSample | undefined {
  if (kit.table.get(container.id) !== container) return undefined;
  const { id, name, state } = container;
  const usage = isRunning(state) ? kit.runtime.usage(id) : undefined;
  // The counters of the host's interfaces are not the container's.
  const sharesHost = networkMode(container.record.document.hostConfig.NetworkMode) === "host";
  return {
    id,
    name,
    at: new Date().toISOString(),
    usage: usage && sharesHost ? { ...usage, interfaces: [] } : usage,
  };
}
