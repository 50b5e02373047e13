import type { BigIntStats } from "node:fs";

/** Where the runtime mounts something over the root filesystem and makes an empty entry for it if there is none. */
const FILES: ReadonlySet<string> = new Set([
  "/.dockerenv",
  "/dev/console",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/resolv.conf",
]);
const FOLDERS: ReadonlySet<string> = new Set([
  "/dev",
  "/dev/mqueue",
  "/dev/pts",
  "/dev/shm",
  "/etc",
  "/proc",
  "/sys",
]);

/**
 * True for what the runtime left in a writable layer only to mount over it. A container cannot put anything there
 * itself, because it sees the mount, so an empty entry is never its own work; `diff` and `commit` leave it out.
 */
export function isRuntimeMountpoint(path: string, stat: BigIntStats): boolean {
  if (stat.isFile()) return stat.size === 0n && FILES.has(path);
  if (stat.isDirectory()) return FOLDERS.has(path);
  return stat.isSymbolicLink() && path === "/etc/mtab";
}
