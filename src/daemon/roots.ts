import { existsSync, mkdirSync, readdirSync, rmdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { systemError } from "../base/errors.ts";
import type { Cgroups, Mounts } from "../kernel/index.ts";

/** statfs(2): f_type of tmpfs. */
const TMPFS_MAGIC = 0x01021994;

/** By this name the engine knows the tmpfs it mounted. */
const MOUNT_SOURCE = "wharf";

/** Makes the data root: closed to others, because layers hold setuid programs of every image. */
export function prepareDataRoot(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o710 });
  } catch (cause) {
    throw systemError(`cannot make the data root ${path}; wharfd needs root`, cause);
  }
}

/**
 * Makes the exec root and sees to it that it is on tmpfs: what is there describes running processes and must be gone
 * after a reboot, and the monitors' fsync of exit files costs nothing there.
 */
export function prepareExecRoot(path: string, mounts: Mounts): void {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  if (statfsSync(path).type === TMPFS_MAGIC) return;
  mounts.mount({
    source: MOUNT_SOURCE,
    target: path,
    type: "tmpfs",
    flags: ["nosuid", "nodev"],
    data: "mode=711",
  });
}

/** Takes a tmpfs made for the exec root away again, unless containers that outlive the engine are in it. */
export function releaseExecRoot(path: string, mounts: Mounts): void {
  const ours = mounts.list().some(({ target, source }) => target === path && source === MOUNT_SOURCE);
  const containers = join(path, "containers");
  if (!ours || (existsSync(containers) && readdirSync(containers).length > 0)) return;
  mounts.unmount(path, { detach: true });
  rmdirSync(path);
}

/** Takes the group above the containers' away when none is left in it; the runtime makes it with the first container. */
export async function releaseCgroupParent(path: string, cgroups: Cgroups): Promise<void> {
  if (path === "/" || cgroups.children(path).length > 0 || cgroups.processes(path).length > 0) return;
  await cgroups.remove(path);
}
