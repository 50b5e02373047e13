import { invalidParameter } from "../../../base/errors.ts";
import type { CreateContainerBody } from "../container-codec.ts";
import type { EndpointRequest, NetworkingConfig } from "../endpoint.ts";
import type { HostConfig, Mount } from "../host-config.ts";

/** A change of a request's meaning: what a client older than `before` sends is read as `up` says. Pure. */
interface Change<T> {
  /** Minor version that brought the newer meaning. */
  readonly before: number;
  readonly up: (body: T) => T;
}

type Create = CreateContainerBody;

const onHost =
  (change: (host: HostConfig) => HostConfig) =>
  (body: Create): Create => ({ ...body, HostConfig: change(body.HostConfig ?? {}) });

const onMounts = (change: (mount: Mount) => Mount) =>
  onHost((host) => (host.Mounts ? { ...host, Mounts: host.Mounts.map(change) } : host));

const onEndpoints = (change: (endpoint: EndpointRequest) => EndpointRequest) => (body: Create) => {
  const endpoints = body.NetworkingConfig?.EndpointsConfig;
  if (!endpoints) return body;
  const changed = Object.entries(endpoints).map(([name, one]) => [name, one && change(one)] as const);
  const networking: NetworkingConfig = {
    ...body.NetworkingConfig,
    EndpointsConfig: Object.fromEntries(changed),
  };
  return { ...body, NetworkingConfig: networking };
};

function without<T extends object, K extends keyof T>(from: T | null | undefined, key: K): T {
  const { [key]: _newer, ...rest } = from ?? ({} as T);
  return rest as T;
}

const withoutBindOption = (key: "NonRecursive" | "CreateMountpoint") =>
  onMounts((mount) =>
    mount.BindOptions ? { ...mount, BindOptions: without(mount.BindOptions, key) } : mount,
  );

/** Options of another type than the mount's own were not looked at. */
const withOwnOptionsAlone = onMounts((mount) => {
  const volume = mount.Type === "volume" ? mount : without(mount, "VolumeOptions");
  return volume.Type === "tmpfs" ? volume : without(volume, "TmpfsOptions");
});

/** Read-only binds left what is mounted below them as it was. */
const withFlatReadonly = onMounts((mount) => {
  if (mount.Type !== "bind") return mount;
  if (mount.BindOptions?.ReadOnlyForceRecursive)
    throw invalidParameter("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
  if (!mount.ReadOnly) return mount;
  return { ...mount, BindOptions: { ...mount.BindOptions, ReadOnlyNonRecursive: true } };
});

function withoutStartInterval(body: Create): Create {
  return body.Healthcheck ? { ...body, Healthcheck: without(body.Healthcheck, "StartInterval") } : body;
}

function withOneNetwork(body: Create): Create {
  const names = Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {});
  if (names.length <= 1) return body;
  throw invalidParameter(`Container cannot be created with multiple network endpoints: ${names.join(", ")}`);
}

/** An address was the container's own, so it contradicted a network mode without an endpoint. */
function withMacOfItsOwn(body: Create): Create {
  const mode = body.HostConfig?.NetworkMode ?? "";
  if (body.MacAddress && (mode === "host" || mode === "none"))
    throw invalidParameter("conflicting options: mac-address and the network mode");
  return body;
}

const withoutSubpath = onMounts((mount) => {
  if (mount.VolumeOptions?.Subpath) throw invalidParameter("VolumeOptions.Subpath needs API v1.45 or newer");
  return mount;
});

const withoutImages = onMounts((mount) => {
  if (mount.Type === "image") throw invalidParameter('Mount type "Image" needs API v1.48 or newer');
  return mount;
});

const createChanges: readonly Change<Create>[] = [
  { before: 48, up: onEndpoints((endpoint) => without(endpoint, "GwPriority")) },
  { before: 48, up: withoutImages },
  { before: 45, up: withoutSubpath },
  { before: 44, up: withOneNetwork },
  { before: 44, up: onEndpoints((endpoint) => without(endpoint, "MacAddress")) },
  { before: 44, up: withMacOfItsOwn },
  { before: 44, up: withFlatReadonly },
  { before: 44, up: withoutStartInterval },
  { before: 43, up: onHost((host) => without(host, "Annotations")) },
  { before: 42, up: onHost((host) => without(host, "ConsoleSize")) },
  { before: 42, up: withOwnOptionsAlone },
  { before: 42, up: withoutBindOption("CreateMountpoint") },
  { before: 40, up: onHost((host) => ({ ...host, IpcMode: host.IpcMode || "shareable" })) },
  { before: 40, up: withoutBindOption("NonRecursive") },
  { before: 25, up: onHost((host) => ({ ...host, AutoRemove: false })) },
];

/** A request to create a container as a client of the given minor version means it. Throws invalidParameter. */
export const upgradeCreate = (body: Create, minor: number): Create =>
  createChanges.reduce((meant, { before, up }) => (minor < before ? up(meant) : meant), body);

/** Before 1.44 all read-only binds were read-only at their top alone, those of `Binds` too. */
export const hasFlatReadonly = (minor: number): boolean => minor < 44;

/** Before 1.41 a cgroup namespace of a container's own was unheard of on cgroup v1. */
export const hasHostCgroupns = (minor: number): boolean => minor < 41;
