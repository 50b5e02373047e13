import { posix } from "node:path";
import type { BindMount, HostDocument, NamespaceChoice, SpecInput } from "../../runtime/index.ts";
import type { EngineDeps, EngineSettings } from "../ports.ts";
import type { HostConfig } from "./documents.ts";
import { environment } from "./environment.ts";
import { argumentsOf } from "./merge-config.ts";
import { tmpfsOptions } from "./mounts.ts";
import type { ContainerRecord } from "./record.ts";
import { withDefaultUlimits } from "./ulimits.ts";
import type { ResolvedUser } from "./user.ts";

/** What start has settled before the spec is made. */
export interface Settled {
  readonly rootfs: string;
  readonly user: ResolvedUser;
  readonly network: NamespaceChoice;
  readonly pid: NamespaceChoice;
  readonly ipc: NamespaceChoice;
  readonly mounts: readonly BindMount[];
  readonly shmFolder: string | undefined;
  /** Variables about linked containers. */
  readonly linked?: readonly string[];
}

/** The part of HostConfig that reaches the spec, with nothing left open in its lists. */
function hostDocument(
  host: HostConfig,
  tmpfs: Readonly<Record<string, string>>,
  defaults: EngineSettings["defaultUlimits"],
): HostDocument {
  const throttle = (list: HostConfig["BlkioDeviceReadBps"]) =>
    (list ?? []).map(({ Path = "", Rate = 0 }) => ({ Path, Rate }));
  return {
    ...host,
    Devices: (host.Devices ?? []).map(
      ({ PathOnHost = "", PathInContainer = "", CgroupPermissions = "" }) => ({
        PathOnHost,
        PathInContainer: PathInContainer || PathOnHost,
        CgroupPermissions: CgroupPermissions || "rwm",
      }),
    ),
    Ulimits: withDefaultUlimits(host.Ulimits ?? [], defaults).map(({ Name = "", Soft = 0, Hard = 0 }) => ({
      Name,
      Soft,
      Hard,
    })),
    BlkioWeightDevice: (host.BlkioWeightDevice ?? []).map(({ Path = "", Weight = 0 }) => ({ Path, Weight })),
    BlkioDeviceReadBps: throttle(host.BlkioDeviceReadBps),
    BlkioDeviceWriteBps: throttle(host.BlkioDeviceWriteBps),
    BlkioDeviceReadIOps: throttle(host.BlkioDeviceReadIOps),
    BlkioDeviceWriteIOps: throttle(host.BlkioDeviceWriteIOps),
    Tmpfs: { ...host.Tmpfs, ...tmpfs },
  };
}

function consoleSize(size: readonly number[] | null | undefined): SpecInput["consoleSize"] {
  const [height = 0, width = 0] = size ?? [];
  return height > 0 && width > 0 ? { height, width } : undefined;
}

/** Where the container's cgroup lies below the controllers' roots. */
export const cgroupPath = (id: string, host: HostConfig, defaultParent: string): string =>
  posix.join("/", host.CgroupParent || defaultParent, id);

/** Everything the OCI spec is made from. Pure. */
export function specInput(
  record: ContainerRecord,
  settled: Settled,
  { settings, hostInfo }: Pick<EngineDeps, "settings" | "hostInfo">,
): SpecInput {
  const { config, hostConfig: host, mounts: wishes } = record.document;
  const hostname = config.Hostname || settings.hostname;
  return {
    id: record.id,
    args: argumentsOf(config),
    env: environment(config, hostname, settled.user.home, settled.linked),
    cwd: config.WorkingDir || "/",
    user: settled.user,
    process: {
      Tty: config.Tty,
      OpenStdin: config.OpenStdin,
      Hostname: hostname,
      Domainname: config.Domainname,
      NetworkDisabled: config.NetworkDisabled,
    },
    host: hostDocument(host, tmpfsOptions(wishes), settings.defaultUlimits),
    rootfs: settled.rootfs,
    hostname,
    cgroupPath: cgroupPath(record.id, host, settings.cgroupParent),
    namespaces: {
      network: settled.network,
      pid: settled.pid,
      ipc: settled.ipc,
      uts: host.UTSMode === "host" ? "host" : "new",
      cgroup: host.CgroupnsMode === "private" ? "new" : "host",
      user: "host",
    },
    mounts: settled.mounts,
    ...(settled.shmFolder === undefined ? {} : { shmFolder: settled.shmFolder }),
    consoleSize: consoleSize(host.ConsoleSize),
    ...(host.Init ? { initBinary: settings.initBinary } : {}),
    hostInfo,
  };
}
