import { posix } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import type { MountWish } from "../volume.ts";
import { parseMode, readMode } from "./mode.ts";
import { type MountDocument, parseMountDocument, parseSpecDocument } from "./mount-document.ts";
import { checkDestination, NO_MOUNT } from "./wish.ts";

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
  /** The engine's own data folder. */
  readonly dataRoot: string;
}

/**
 * A bind that holds the engine's own folder would keep the mounts of other containers alive: it has to follow their
 * unmounting, which is what slave mounts do. Others get the default.
 */
function daemonRootRule(dataRoot: string): (wish: MountWish) => MountWish {
  return (wish) => {
    if (wish.type !== "bind") return wish;
    const { source, propagation } = wish;
    if (!source.startsWith(dataRoot) && !dataRoot.startsWith(source))
      return { ...wish, propagation: propagation || "rprivate" };
    if (["", "rslave", "rshared"].includes(propagation))
      return { ...wish, propagation: propagation || "rslave" };
    throw invalidParameter(
      'invalid mount config: must use either propagation mode "rslave" or "rshared" when mount source is within the' +
        ` daemon root, daemon root: "${dataRoot}", bind mount source: "${source}", propagation: "${propagation}"`,
    );
  };
}

/** `-v SOURCE:DESTINATION[:MODE]`, `-v NAME:DESTINATION`, `-v DESTINATION`. Pure. */
export function parseBind(spec: string, volumeDriver: string): MountWish {
  const parts = spec.split(":");
  const isWrong = parts.length > 3 || parts[0] === "" || (parts.length === 2 && readMode(parts[1] ?? ""));
  if (isWrong) throw invalidParameter(`invalid volume specification: '${spec}'`);
  const [first = "", second, text = ""] = parts;
  const mode = parseMode(text);
  const source = second === undefined ? "" : first;
  const type = posix.isAbsolute(source) ? "bind" : "volume";
  const driver = volumeDriver !== "" && type === "volume" ? { DriverConfig: { Name: volumeDriver } } : {};
  const copy = mode.copy === undefined ? {} : { NoCopy: true };
  const hasOptions = "DriverConfig" in driver || "NoCopy" in copy;
  const wish = parseSpecDocument(spec, {
    Type: type,
    Source: source,
    Target: second ?? first,
    ReadOnly: mode.access === "ro",
    ...(hasOptions ? { VolumeOptions: { ...driver, ...copy } } : {}),
    ...(mode.propagation === undefined ? {} : { BindOptions: { Propagation: mode.propagation } }),
  });
  return type === "bind" ? { ...wish, mode: text, createSource: true } : { ...wish, mode: text || "z" };
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
  const covered = new Set(sources.tmpfs.map((path) => checkDestination(path, "")));
  const place = daemonRootRule(sources.dataRoot);
  for (const spec of sources.binds) {
    const wish = place(parseBind(spec, sources.volumeDriver));
    if (covered.has(wish.destination)) throw invalidParameter(`Duplicate mount point: ${wish.destination}`);
    add(wish);
  }
  for (const document of sources.mounts) add(place(parseMountDocument(document)));
  for (const path of sources.volumes) {
    const destination = checkDestination(path, `invalid volume specification: '${path}': `);
    if (wanted.has(destination) || covered.has(destination)) continue;
    wanted.set(destination, { ...NO_MOUNT, destination, volumeDriver: sources.volumeDriver });
  }
  return [...wanted.values()];
}
