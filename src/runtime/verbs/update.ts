import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { conflict, systemError } from "../../base/errors.ts";
import { run } from "../oci/run.ts";
import { deviceLookup } from "../spec/device-lookup.ts";
import type { HostDocument } from "../spec/input.ts";
import { resources } from "../spec/resources.ts";
import type { RuntimeDeps } from "./deps.ts";
import { failureFor } from "./make-bundle.ts";

/**
 * Lets the OCI runtime write the new limits: it knows the order in which cgroup v1 and v2 take them. One child process,
 * on a path where nobody waits for milliseconds.
 */
export async function updateContainer(deps: RuntimeDeps, id: string, change: HostDocument): Promise<void> {
  const container = deps.supervisor.find(id);
  if (!container) throw conflict(`container ${id} is not running`);
  const { controllers } = deps.kernel.cgroups;
  const { CpuQuota, ...kept } = change;
  const freesCpu = (CpuQuota ?? 0) < 0;
  const wanted = freesCpu ? kept : change;
  // Without rules for devices: those the container has stay as they are.
  const { devices: _unchanged, ...limits } = resources(wanted, [], { controllers }, deviceLookup());
  const file = join(container.bundle.folder, "update.json");
  try {
    // Somebody may have emptied the exec root.
    await mkdir(container.bundle.folder, { recursive: true, mode: 0o711 });
    await writeFile(file, JSON.stringify(limits));
    const command = [...container.runtime.command, "update", "--resources", file, id];
    const { code, stderr } = await run(command, deps.environment);
    if (code !== 0)
      throw failureFor(deps, container, systemError(`OCI runtime update failed: ${stderr.trim()}`));
    // "No limit" means nothing at creation, but here it takes a limit away; crun writes -1 where the kernel wants "max".
    const { cgroup } = container.record;
    if (cgroup && freesCpu) deps.kernel.cgroups.unlimit(cgroup, "cpu");
    if (cgroup && (change.PidsLimit ?? 0) < 0) deps.kernel.cgroups.unlimit(cgroup, "pids");
  } finally {
    await rm(file, { force: true });
  }
}
