import { posix } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import type { MountWish } from "../volume.ts";
import { parseMode } from "./mode.ts";
import { type MountDocument, parseMountDocument } from "./mount-document.ts";
import { checkDestination, checkVolumeName, NO_MOUNT } from "./wish.ts";

export interface MountSources {
  /** HostConfig.Binds. */
  readonly binds: readonly string[];
  /** HostConfig.Mounts. */
  readonly mounts: readonly MountDocument[];
  /** Destinations of `VOLUME` and `-v /path`, from image and container configuration. */
  readonly volumes: readonly string[];
  /** Mounts of the containers named by VolumesFrom, in their order, already made read-only where asked. */
  readonly volumesFrom: readonly MountWish[];
  /** Destinations of HostConfig.Tmpfs: a declared volume there is left out. */
  readonly tmpfs: readonly string[];
  /** HostConfig.VolumeDriver. */
  readonly volumeDriver: string;
}

/** `-v SOURCE:DESTINATION[:MODE]`, `-v NAME:DESTINATION`, `-v DESTINATION`. Pure. */
export function parseBind(spec: string, volumeDriver: string): MountWish {
  const parts = spec.split(":");
  if (parts.length > 3 || parts.some((part) => part === ""))
    throw invalidParameter(`invalid volume specification: '${spec}'`);
  const [first = "", second, mode = ""] = parts;
  const where = (type: string) =>
    `invalid volume specification: '${spec}': invalid mount config for type "${type}": `;
  if (second === undefined)
    return { ...NO_MOUNT, destination: checkDestination(first, where("volume")), volumeDriver };
  const type = first.startsWith("/") ? "bind" : "volume";
  const parsed = parseMode(mode, type);
  const destination = checkDestination(second, where(type));
  if (type === "bind") {
    const source = posix.normalize(first).replace(/(.)\/+$/, "$1");
    return { ...NO_MOUNT, ...parsed, type, source, destination, mode, createSource: true };
  }
  return {
    ...NO_MOUNT,
    ...parsed,
    type,
    source: checkVolumeName(first),
    destination,
    mode: mode || "z",
    volumeDriver,
  };
}

/**
 * All mounts a container wants, one per destination, in the order of precedence Docker gives them: VolumesFrom, then
 * Binds and Mounts (two of these at one destination are refused), then volumes declared where nothing is yet. Pure.
 */
export function parseMounts(sources: MountSources): readonly MountWish[] {
  const wanted = new Map<string, MountWish>();
  for (const wish of sources.volumesFrom) wanted.set(wish.destination, wish);
  const named = new Set<string>();
  const add = (wish: MountWish) => {
    if (named.has(wish.destination)) throw invalidParameter(`Duplicate mount point: ${wish.destination}`);
    named.add(wish.destination);
    wanted.set(wish.destination, wish);
  };
  for (const spec of sources.binds) add(parseBind(spec, sources.volumeDriver));
  for (const document of sources.mounts) add(parseMountDocument(document));
  for (const path of sources.tmpfs) {
    if (!posix.isAbsolute(path))
      throw invalidParameter(`invalid mount path: '${path}' mount path must be absolute`);
  }
  const covered = new Set(sources.tmpfs.map((path) => posix.normalize(path)));
  for (const path of sources.volumes) {
    const destination = checkDestination(path, `invalid volume specification: '${path}': `);
    if (wanted.has(destination) || covered.has(destination)) continue;
    wanted.set(destination, { ...NO_MOUNT, destination, volumeDriver: sources.volumeDriver });
  }
  return [...wanted.values()];
}
