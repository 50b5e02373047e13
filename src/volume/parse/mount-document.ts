import { posix } from "node:path";
import { invalidParameter, messageOf } from "../../base/errors.ts";
import type { MountWish, ReadonlyReach } from "../volume.ts";
import { PROPAGATIONS } from "./mode.ts";
import { checkDestination, NO_MOUNT } from "./wish.ts";

type TextMap = Readonly<Record<string, string>>;

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
    readonly Labels?: TextMap | null;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: TextMap | null } | null;
    readonly Subpath?: string;
  } | null;
  readonly ImageOptions?: { readonly Subpath?: string } | null;
  readonly TmpfsOptions?: {
    readonly SizeBytes?: number;
    readonly Mode?: number;
    readonly Options?: readonly (readonly string[])[] | null;
  } | null;
}

/** Words in front of what is wrong with a mount; a wrong type of mount is in the word as well. */
const INVALID = (type: string): string => `invalid mount config for type "${type}": `;

function refuse(type: string, reason: string): never {
  throw invalidParameter(`${INVALID(type)}${reason}`);
}

type OptionGroup = "BindOptions" | "VolumeOptions" | "ImageOptions";
/** The groups that a type refuses, in Docker's order; TmpfsOptions are nowhere refused. */
const EXTRA: Readonly<Record<string, readonly OptionGroup[]>> = {
  bind: ["VolumeOptions", "ImageOptions"],
  volume: ["BindOptions", "ImageOptions"],
  tmpfs: ["BindOptions", "VolumeOptions", "ImageOptions"],
  image: ["BindOptions", "VolumeOptions"],
};

function refuseExtra(document: MountDocument, type: string): void {
  const extra = EXTRA[type]?.find((group) => document[group]);
  if (extra) refuse(type, `field ${extra} must not be specified`);
}

function readonlyReach(document: MountDocument): ReadonlyReach {
  const { ReadOnlyNonRecursive: top, ReadOnlyForceRecursive: all } = document.BindOptions ?? {};
  if (top && !document.ReadOnly)
    refuse("bind", "mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive");
  if (all && !document.ReadOnly)
    refuse("bind", "mount options conflict: !ReadOnly && BindOptions.ReadOnlyForceRecursive");
  if (top && all)
    refuse(
      "bind",
      "mount options conflict: BindOptions.ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive",
    );
  if (top) return "top";
  return all ? "required" : "possible";
}

function bind(document: MountDocument, wish: MountWish): MountWish {
  if (wish.source === "") refuse("bind", "field Source must not be empty");
  const options = document.BindOptions ?? {};
  const propagation = options.Propagation || "rprivate";
  if (!PROPAGATIONS.some((known) => known === propagation))
    refuse("bind", `invalid propagation mode: ${propagation}`);
  refuseExtra(document, "bind");
  if (!posix.isAbsolute(wish.source))
    refuse("bind", `invalid mount path: '${wish.source}' mount path must be absolute`);
  return {
    ...wish,
    source: posix.normalize(wish.source).replace(/(.)\/+$/, "$1"),
    propagation: options.Propagation ? propagation : "",
    nonRecursive: options.NonRecursive === true,
    readonlyReach: readonlyReach(document),
    createSource: options.CreateMountpoint === true,
  };
}

/** Go's filepath.IsLocal: relative, and nowhere above where it starts. */
function checkSubpath(type: string, subpath: string): string {
  if (subpath === "") return "";
  if (posix.isAbsolute(subpath) || posix.normalize(subpath).split("/")[0] === "..")
    refuse(type, "subpath must be a relative path within the volume");
  return subpath;
}

function volume(document: MountDocument, wish: MountWish): MountWish {
  refuseExtra(document, "volume");
  const options = document.VolumeOptions ?? {};
  const isAnonymous = wish.source === "";
  if (options.Subpath && isAnonymous) refuse("volume", "must not set Subpath when using anonymous volumes");
  const subpath = checkSubpath("volume", options.Subpath ?? "");
  if (wish.readonly && isAnonymous)
    refuse("volume", "must not set ReadOnly mode when using anonymous volumes");
  return {
    ...wish,
    noCopy: options.NoCopy === true,
    subpath,
    volumeDriver: options.DriverConfig?.Name ?? "",
    volumeOptions: options.DriverConfig?.Options ?? {},
    volumeLabels: options.Labels ?? {},
    mode: "z",
  };
}

function image(document: MountDocument, wish: MountWish): MountWish {
  refuseExtra(document, "image");
  if (wish.source === "") refuse("image", "field Source must not be empty");
  const subpath = checkSubpath("image", document.ImageOptions?.Subpath ?? "");
  return { ...wish, subpath, readonly: true };
}

function tmpfsWords(options: readonly (readonly string[])[]): readonly string[] {
  return options.map((option) => {
    if (option.length < 1 || option.length > 2) refuse("tmpfs", "invalid option array length");
    if (!["exec", "noexec"].includes(option[0] ?? "")) refuse("tmpfs", `invalid option: ${option[0]}`);
    return option.join("=");
  });
}

function tmpfs(document: MountDocument, wish: MountWish): MountWish {
  refuseExtra(document, "tmpfs");
  if (wish.source !== "") refuse("tmpfs", "field Source must not be specified");
  const options = document.TmpfsOptions ?? {};
  if ((options.SizeBytes ?? 0) < 0) refuse("tmpfs", "the size of a tmpfs cannot be negative");
  return {
    ...wish,
    tmpfsSize: options.SizeBytes ?? 0,
    tmpfsMode: options.Mode ?? 0,
    tmpfsOptions: tmpfsWords(options.Options ?? []),
  };
}

/** One entry of HostConfig.Mounts, checked. Pure; throws invalidParameter in Docker's words. */
export function parseMountDocument(document: MountDocument): MountWish {
  const type = document.Type ?? "";
  const target = document.Target ?? "";
  if (target === "") refuse(type, "field Target must not be empty");
  const wish: MountWish = {
    ...NO_MOUNT,
    source: document.Source ?? "",
    destination: checkDestination(target, INVALID(type)),
    readonly: document.ReadOnly === true,
  };
  switch (type) {
    case "bind":
      return bind(document, { ...wish, type });
    case "volume":
      return volume(document, { ...wish, type });
    case "tmpfs":
      return tmpfs(document, { ...wish, type });
    case "image":
      return image(document, { ...wish, type });
    default:
      refuse(type, "mount type unknown");
  }
}

/** The same with the specification it was made from in front of a refusal. */
export function parseSpecDocument(spec: string, document: MountDocument): MountWish {
  try {
    return parseMountDocument(document);
  } catch (error) {
    throw invalidParameter(`invalid volume specification: '${spec}': ${messageOf(error)}`, error);
  }
}
