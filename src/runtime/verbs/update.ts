import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { conflict, systemError } from "../../base/errors.ts";
import { run } from "../oci/run.ts";
import { deviceLookup } from "../spec/device-lookup.ts";
import type { HostDocument } from "../spec/input.ts";
import { resources } from "../spec/resources.ts";
import type { RuntimeDeps } from "./deps.ts";

/**
 * Lets the OCI runtime write the new limits: it knows the order in which cgroup v1 and v2 take them. One child process,
 * on a path where nobody waits for milliseconds.
 */
export async function updateContainer(deps: RuntimeDeps, id: string, change: HostDocument): Promise<void> {
  const container = deps.supervisor.find(id);
  if (!container) throw conflict(`container ${id} is not running`);
  const { controllers } = deps.kernel.cgroups;
  // Without rules for devices: those the container has stay as they are.
  const { devices: _unchanged, ...limits } = resources(change, [], { controllers }, deviceLookup());
  // "No limit" means nothing at creation, but here it takes a limit away.
  const pids =
    typeof change.PidsLimit === "number" && controllers.has("pids") ? { limit: change.PidsLimit } : undefined;
  const file = join(container.bundle.folder, "update.json");
  try {
    await writeFile(file, JSON.stringify({ ...limits, ...(pids && { pids }) }));
    const command = [...container.runtime.command, "update", "--resources", file, id];
    const { code, stderr } = await run(command, deps.environment);
    if (code !== 0) throw systemError(`OCI runtime update failed: ${stderr.trim()}`);
  } finally {
    await rm(file, { force: true });
  }
}
