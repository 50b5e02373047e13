import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { deviceNumbers } from "../../base/device-numbers.ts";
import { errnoOf, invalidParameter } from "../../base/errors.ts";
import type { DeviceLookup } from "./devices.ts";
import type { OciDevice } from "./oci-spec.ts";

function deviceOf(path: string, stats: Stats): OciDevice | undefined {
  const type = stats.isCharacterDevice() ? "c" : stats.isBlockDevice() ? "b" : undefined;
  if (!type) return undefined;
  return {
    path,
    type,
    ...deviceNumbers(stats.rdev),
    fileMode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
  };
}

/** Not devices of the host's hardware, or made anew in every container. */
const SKIPPED: ReadonlySet<string> = new Set([
  "pts",
  "shm",
  "fd",
  "mqueue",
  ".lxc",
  ".lxd-mounts",
  ".udev",
  "console",
]);

function below(folder: string): readonly OciDevice[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIPPED.has(entry.name)) return [];
    if (entry.isDirectory()) return below(path);
    if (!entry.isCharacterDevice() && !entry.isBlockDevice()) return [];
    try {
      const device = deviceOf(path, lstatSync(path));
      return device ? [device] : [];
    } catch (error) {
      // Devices come and go while we look.
      if (errnoOf(error) === "ENOENT") return [];
      throw error;
    }
  });
}

function at(path: string): readonly OciDevice[] {
  const failed = (reason: string, cause?: unknown) =>
    invalidParameter(
      `error gathering device information while adding custom device "${path}": ${reason}`,
      cause,
    );
  try {
    const real = realpathSync(path);
    const stats = statSync(real);
    const found = stats.isDirectory() ? below(real) : [];
    if (found.length > 0)
      return found.map((device) => ({ ...device, path: device.path.replace(real, () => path) }));
    const device = deviceOf(path, stats);
    if (device) return [device];
  } catch (error) {
    throw failed(errnoOf(error) === "ENOENT" ? "no such file or directory" : "cannot be read", error);
  }
  throw failed("not a device node");
}

/** Looks at this host's /dev each time it is asked. */
export const deviceLookup = (): DeviceLookup => ({ at, all: () => below("/dev") });
