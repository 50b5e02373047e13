import type { ContainerUsage } from "../runtime.ts";
import type { RuntimeDeps } from "./deps.ts";

/** What a container uses now; undefined when it has no process or no cgroup. */
export function usageOf({ supervisor, kernel }: RuntimeDeps, id: string): ContainerUsage | undefined {
  const container = supervisor.find(id);
  if (!container?.record.cgroup) return undefined;
  const { cgroup, pid } = container.record;
  const used = kernel.usage.cgroup(cgroup);
  return used && { cgroup: used, interfaces: kernel.usage.interfaces(pid), host: kernel.usage.host() };
}
