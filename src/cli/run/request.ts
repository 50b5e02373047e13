import type { CreateContainerBody } from "../../api/schema/container-codec.ts";
import type { ContainerConfig } from "../../api/schema/container-config.ts";
import type { HostConfig, Resources, RestartPolicy } from "../../api/schema/host-config.ts";
import type { Parsed } from "../flags/flag.ts";
import { readByteRate, readIoRate, readWeight } from "./checked-flags.ts";
import { readDevices, readGpus } from "./devices.ts";
import { pairsToMap, readPairs } from "./files.ts";
import type { CONTAINER_FLAGS, ContainerFlags } from "./flags.ts";
import { readHealth } from "./health.ts";
import { readNetworks } from "./networks.ts";
import { readPorts } from "./ports.ts";
import { readSecurity } from "./security.ts";
import { readStorageOptions, readTmpfs, readVolumes } from "./storage.ts";

type ParsedFlags = Parsed<typeof CONTAINER_FLAGS>;

/** Streams that a client of the container is to be attached to. */
export interface Attached {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Without `--attach` stdout and stderr are, and with `-i` stdin too. */
function attachedStreams({ attach, interactive }: ContainerFlags): Attached {
  if (attach.length === 0) return { stdin: interactive, stdout: true, stderr: true };
  return {
    stdin: attach.includes("stdin"),
    stdout: attach.includes("stdout"),
    stderr: attach.includes("stderr"),
  };
}

/** The document that `run` and `create` send, from their flags and words. Throws what docker says of them. */
export function containerRequest(
  { values: flags, changed }: ParsedFlags,
  [image = "", ...command]: readonly string[],
  proxies: Readonly<Record<string, string>>,
): CreateContainerBody & { readonly HostConfig: HostConfig; readonly Tty: boolean } {
  check(flags);
  const attached = attachedStreams(flags);
  const ports = readPorts(flags.publish, flags.expose);
  const { binds, anonymous } = readVolumes(flags.volume);
  const { NetworkMode, NetworkingConfig } = readNetworks(flags);
  const hostConfig = hostConfigOf(flags, changed);
  return {
    ...configOf(flags, changed, proxies),
    Image: image,
    Cmd: command.length > 0 ? command : null,
    AttachStdin: attached.stdin,
    AttachStdout: attached.stdout,
    AttachStderr: attached.stderr,
    StdinOnce: flags.interactive && attached.stdin,
    ExposedPorts: ports.exposed,
    Volumes: anonymous,
    Tty: flags.tty,
    HostConfig: { ...hostConfig, Binds: binds, PortBindings: ports.bindings, NetworkMode },
    NetworkingConfig,
  };
}

const isContainer = (mode: string): boolean =>
  mode.startsWith("container:") && mode.length > "container:".length;

/** What may not be said together, or at all. */
function check(flags: ContainerFlags): void {
  const mac = flags["mac-address"];
  if (mac && !/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5,7}$/.test(mac))
    throw new Error(`${mac} is not a valid mac address`);
  const swappiness = flags["memory-swappiness"];
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw new Error(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  if (!["", "host"].includes(flags.pid) && !isContainer(flags.pid))
    throw new Error("--pid: invalid PID mode");
  if (!["", "host"].includes(flags.uts)) throw new Error("--uts: invalid UTS mode");
  if (!["", "host"].includes(flags.userns)) throw new Error("--userns: invalid USER mode");
  if (!["", "host", "private"].includes(flags.cgroupns)) throw new Error("--cgroupns: invalid CGROUP mode");
  if (flags["log-driver"] === "none" && flags["log-opt"].length > 0)
    throw new Error("invalid logging opts for driver none");
}

function configOf(
  flags: ContainerFlags,
  changed: ReadonlySet<string>,
  proxies: Readonly<Record<string, string>>,
): ContainerConfig {
  const environment = readPairs(flags["env-file"], flags.env, (name) => process.env[name]);
  const named = new Set(environment.map((pair) => pair.split("=")[0]));
  const defaults = Object.entries(proxies).filter(([name]) => !named.has(name));
  const health = readHealth(flags);
  return {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    OpenStdin: flags.interactive,
    Env: [...environment, ...defaults.map(([name, value]) => `${name}=${value}`)],
    ...(health ? { Healthcheck: health } : {}),
    WorkingDir: flags.workdir,
    Entrypoint: changed.has("entrypoint") ? [flags.entrypoint] : null,
    ...(flags["mac-address"] ? { MacAddress: flags["mac-address"] } : {}),
    Labels: pairsToMap(readPairs(flags["label-file"], flags.label)),
    ...(changed.has("stop-signal") ? { StopSignal: flags["stop-signal"] } : {}),
    ...(changed.has("stop-timeout") ? { StopTimeout: flags["stop-timeout"] } : {}),
  };
}

function hostConfigOf(flags: ContainerFlags, changed: ReadonlySet<string>): HostConfig {
  const RestartPolicy = readRestart(flags.restart);
  if (flags.rm && RestartPolicy.Name !== "no" && RestartPolicy.Name !== "")
    throw new Error("conflicting options: cannot specify both --restart and --rm");
  const security = readSecurity(flags["security-opt"]);
  return {
    ...resourcesOf(flags),
    ContainerIDFile: flags.cidfile,
    OomScoreAdj: flags["oom-score-adj"],
    AutoRemove: flags.rm,
    Privileged: flags.privileged,
    Links: flags.link,
    PublishAllPorts: flags["publish-all"],
    Dns: flags.dns,
    DnsSearch: flags["dns-search"],
    DnsOptions: [...flags["dns-option"], ...flags["dns-opt"]],
    ExtraHosts: flags["add-host"],
    VolumesFrom: flags["volumes-from"],
    IpcMode: flags.ipc,
    PidMode: flags.pid,
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    CgroupnsMode: flags.cgroupns,
    CapAdd: flags["cap-add"],
    CapDrop: flags["cap-drop"],
    GroupAdd: flags["group-add"],
    RestartPolicy,
    SecurityOpt: security.options,
    StorageOpt: readStorageOptions(flags["storage-opt"]),
    ReadonlyRootfs: flags["read-only"],
    LogConfig: { Type: flags["log-driver"], Config: pairsToMap(flags["log-opt"]) },
    VolumeDriver: flags["volume-driver"],
    Isolation: flags.isolation,
    ShmSize: flags["shm-size"],
    Tmpfs: readTmpfs(flags.tmpfs),
    Sysctls: flags.sysctl,
    Runtime: flags.runtime,
    Mounts: flags.mount,
    Annotations: flags.annotation,
    ...(changed.has("init") ? { Init: flags.init } : {}),
    ...(security.unconfinedPaths ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}

function resourcesOf(flags: ContainerFlags): Resources {
  const { mappings, requests } = readDevices(flags.device);
  return {
    CgroupParent: flags["cgroup-parent"],
    Memory: flags.memory,
    MemoryReservation: flags["memory-reservation"],
    MemorySwap: flags["memory-swap"],
    MemorySwappiness: flags["memory-swappiness"],
    ...(flags["kernel-memory"] ? { KernelMemory: flags["kernel-memory"] } : {}),
    OomKillDisable: flags["oom-kill-disable"],
    NanoCpus: flags.cpus,
    CpuCount: flags["cpu-count"],
    CpuPercent: flags["cpu-percent"],
    CpuShares: flags["cpu-shares"],
    CpuPeriod: flags["cpu-period"],
    CpuQuota: flags["cpu-quota"],
    CpuRealtimePeriod: flags["cpu-rt-period"],
    CpuRealtimeRuntime: flags["cpu-rt-runtime"],
    CpusetCpus: flags["cpuset-cpus"],
    CpusetMems: flags["cpuset-mems"],
    PidsLimit: flags["pids-limit"],
    BlkioWeight: flags["blkio-weight"],
    BlkioWeightDevice: flags["blkio-weight-device"].map(readWeight),
    BlkioDeviceReadBps: flags["device-read-bps"].map(readByteRate),
    BlkioDeviceWriteBps: flags["device-write-bps"].map(readByteRate),
    BlkioDeviceReadIOps: flags["device-read-iops"].map(readIoRate),
    BlkioDeviceWriteIOps: flags["device-write-iops"].map(readIoRate),
    IOMaximumIOps: flags["io-maxiops"],
    IOMaximumBandwidth: flags["io-maxbandwidth"],
    Ulimits: flags.ulimit,
    DeviceCgroupRules: flags["device-cgroup-rule"],
    Devices: mappings,
    DeviceRequests: [...flags.gpus.map(readGpus), ...requests],
  };
}

/** `no`, `always`, `on-failure:3`, … */
export function readRestart(word: string): RestartPolicy & { readonly Name: string } {
  if (word === "") return { Name: "", MaximumRetryCount: 0 };
  const [Name = "", count, ...more] = word.split(":");
  if (Name === "") throw new Error("invalid restart policy format: no policy provided before colon");
  if (more.length > 0 || (count !== undefined && !/^[+-]?\d+$/.test(count)))
    throw new Error("invalid restart policy format: maximum retry count must be an integer");
  return { Name, MaximumRetryCount: Number(count ?? 0) };
}
