import { mkdirSync, statfsSync } from "node:fs";
import { systemError } from "../base/errors.ts";
import type { Mounts } from "../kernel/index.ts";

/** statfs(2): f_type of tmpfs. */
const TMPFS_MAGIC = 0x01021994;

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
 * after a reboot, and the monitors' fsync of exit files costs nothing there. True if a tmpfs was mounted for it.
 */
export function prepareExecRoot(path: string, mounts: Mounts): boolean {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  if (statfsSync(path).type === TMPFS_MAGIC) return false;
  mounts.mount({
    source: "wharf",
    target: path,
    type: "tmpfs",
    flags: ["nosuid", "nodev"],
    data: "mode=711",
  });
  return true;
}
