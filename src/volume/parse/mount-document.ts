import { posix } from "node:path";
import { invalidParameter, notImplemented } from "../../base/errors.ts";
import type { MountWish } from "../volume.ts";
import { PROPAGATIONS } from "./mode.ts";
import { checkDestination, checkVolumeName, NO_MOUNT } from "./wish.ts";

/** Docker's Mount (HostConfig.Mounts): what `--mount` sends. */
export interface MountDocument {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target?: string;
  readonly ReadOnly?: boolean;
  readonly Consistency?: string;
  readonly BindOptions?: {
    readonly Propagation?: string;
    readonly NonRecursive?: boolean;
    readonly CreateMountpoint?: boolean;
    readonly ReadOnlyNonRecursive?: boolean;
    readonly ReadOnlyForceRecursive?: boolean;
  } | null;
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly DriverConfig?: {
      readonly Name?: string;
      readonly Options?: Readonly<Record<string, string>> | null;
    } | null;
    readonly Subpath?: string;
  } | null;
  readonly TmpfsOptions?: {
    readonly SizeBytes?: number;
    readonly Mode?: number;
    readonly Options?: readonly (readonly string[])[] | null;
  } | null;
}

function refuse(type: string, reason: string): never {
  throw invalidParameter(`invalid mount config for type "${type}": ${reason}`);
}

function onlyOptionsOf(document: MountDocument, type: string): void {
  const groups = { bind: document.BindOptions, volume: document.VolumeOptions, tmpfs: document.TmpfsOptions };
  for (const [name, options] of Object.entries(groups)) {
    if (options && name !== type)
      refuse(type, `field ${name[0]?.toUpperCase()}${name.slice(1)}Options must not be specified`);
  }
}

function bind(document: MountDocument, wish: MountWish): MountWish {
  if (wish.source === "") refuse("bind", "field Source must not be empty");
  if (!posix.isAbsolute(wish.source))
    refuse("bind", `invalid mount path: '${wish.source}' mount path must be absolute`);
  const options = document.BindOptions ?? {};
  const propagation = options.Propagation || "rprivate";
  if (!PROPAGATIONS.some((known) => known === propagation))
    refuse("bind", `invalid propagation mode: ${propagation}`);
  if (options.ReadOnlyForceRecursive) throw notImplemented("bind-recursive=readonly is not supported yet");
  return {
    ...wish,
    source: posix.normalize(wish.source),
    propagation,
    nonRecursive: options.NonRecursive === true,
    createSource: options.CreateMountpoint === true,
  };
}

function volume(document: MountDocument, wish: MountWish): MountWish {
  const options = document.VolumeOptions ?? {};
  const subpath = options.Subpath ?? "";
  if (posix.isAbsolute(subpath) || posix.normalize(subpath).split("/").includes("..")) {
    refuse("volume", "subpath must be a relative path within the volume");
  }
  return {
    ...wish,
    source: wish.source === "" ? "" : checkVolumeName(wish.source),
    noCopy: options.NoCopy === true,
    subpath,
    volumeDriver: options.DriverConfig?.Name ?? "",
    volumeOptions: options.DriverConfig?.Options ?? {},
    volumeLabels: options.Labels ?? {},
    mode: "z",
  };
}

function tmpfs(document: MountDocument, wish: MountWish): MountWish {
  if (wish.source !== "") refuse("tmpfs", "field Source must not be specified");
  const options = document.TmpfsOptions ?? {};
  if (options.Options && options.Options.length > 0)
    throw notImplemented("tmpfs-options are not supported yet");
  if ((options.SizeBytes ?? 0) < 0) refuse("tmpfs", "the size of a tmpfs cannot be negative");
  return { ...wish, tmpfsSize: options.SizeBytes ?? 0, tmpfsMode: options.Mode ?? 0 };
}

/** One entry of HostConfig.Mounts, checked. Pure; throws invalidParameter in Docker's words. */
export function parseMountDocument(document: MountDocument): MountWish {
  const type = document.Type ?? "";
  const target = document.Target ?? "";
  if (target === "") refuse(type, "field Target must not be empty");
  const wish: MountWish = {
    ...NO_MOUNT,
    source: document.Source ?? "",
    destination: checkDestination(target, `invalid mount config for type "${type}": `),
    readonly: document.ReadOnly === true,
  };
  onlyOptionsOf(document, type);
  switch (type) {
    case "bind":
      return bind(document, { ...wish, type });
    case "volume":
      return volume(document, { ...wish, type });
    case "tmpfs":
      return tmpfs(document, { ...wish, type });
    case "image":
      throw notImplemented("mounts of type image are not supported yet");
    default:
      refuse(type, "mount type unknown");
  }
}
