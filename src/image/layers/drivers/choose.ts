import { mkdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { invalidParameter, messageOf } from "../../../base/errors.ts";
import type { Logger } from "../../../base/log.ts";
import type { Mounts } from "../../../kernel/index.ts";
import type { DriverName } from "./driver.ts";

/** f_type of btrfs (linux/magic.h). */
const BTRFS_MAGIC = 0x9123683e;

/** Why a driver cannot work below the data root; undefined: it can. Tries it out and leaves nothing behind. */
export function obstacleTo(name: DriverName, dataRoot: string, mounts: Mounts): string | undefined {
  mkdirSync(dataRoot, { recursive: true, mode: 0o710 });
  if (name === "vfs") return undefined;
  if (name === "btrfs")
    return statfsSync(dataRoot).type === BTRFS_MAGIC ? undefined : `${dataRoot} is not on a btrfs filesystem`;
  const probe = join(dataRoot, ".overlay-probe");
  const target = join(probe, "merged");
  const remove = () => {
    mounts.unmount(target);
    rmSync(probe, { recursive: true, force: true });
  };
  try {
    remove(); // an engine killed in the middle of this left it
    for (const folder of ["lower", "upper", "work", "merged"])
      mkdirSync(join(probe, folder), { recursive: true });
    const data = "lowerdir=lower,upperdir=upper,workdir=work";
    mounts.mountFrom(probe, { source: "overlay", target, type: "overlay", data });
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    remove();
  }
}

/**
 * The driver asked for, else the first that works. Throws invalidParameter when the one asked for does not: writing
 * elsewhere than people expect would hide their containers.
 */
export function chooseDriver(
  wanted: DriverName | undefined,
  dataRoot: string,
  mounts: Mounts,
  log: Logger,
): DriverName {
  if (wanted !== undefined) {
    const obstacle = obstacleTo(wanted, dataRoot, mounts);
    if (obstacle === undefined) return wanted;
    throw invalidParameter(`the storage driver ${wanted} cannot be used: ${obstacle}`);
  }
  for (const name of ["overlay2", "btrfs"] as const) {
    const obstacle = obstacleTo(name, dataRoot, mounts);
    if (obstacle === undefined) return name;
    log.warn("a storage driver cannot be used", { driver: name, reason: obstacle });
  }
  return "vfs";
}
