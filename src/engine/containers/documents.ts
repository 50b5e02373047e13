/**
 * The documents a client describes a container with: Docker's field names and units. They are stored and given back as
 * they came (completed by defaults at creation), so the names here are a storage format as well. A list, map or
 * pointer may be null, which means the same as absent.
 */
type Texts = readonly string[] | null;
type TextMap = Readonly<Record<string, string>> | null;
export type WireSet = Readonly<Record<string, Readonly<Record<string, never>>>>;

/** Durations in nanoseconds; 0 takes the image's or the default. */
export interface HealthConfig {
  readonly Test?: Texts;
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

export interface ContainerConfig {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly ExposedPorts?: WireSet | null;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly Env?: Texts;
  readonly Cmd?: Texts;
  readonly Healthcheck?: HealthConfig | null;
  readonly ArgsEscaped?: boolean;
  readonly Image?: string;
  readonly Volumes?: WireSet | null;
  readonly WorkingDir?: string;
  readonly Entrypoint?: Texts;
  readonly NetworkDisabled?: boolean;
  readonly MacAddress?: string;
  readonly OnBuild?: Texts;
  readonly Labels?: TextMap;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number | null;
  readonly Shell?: Texts;
}

export interface DeviceMapping {
  readonly PathOnHost?: string;
  readonly PathInContainer?: string;
  readonly CgroupPermissions?: string;
}
export interface DeviceRequest {
  readonly Driver?: string;
  readonly Count?: number;
  readonly DeviceIDs?: Texts;
  readonly Capabilities?: readonly (readonly string[])[] | null;
  readonly Options?: TextMap;
}
export interface WeightDevice {
  readonly Path?: string;
  readonly Weight?: number;
}
export interface ThrottleDevice {
  readonly Path?: string;
  readonly Rate?: number;
}
export interface Ulimit {
  readonly Name?: string;
  readonly Soft?: number;
  readonly Hard?: number;
}
export interface RestartPolicy {
  readonly Name?: string;
  readonly MaximumRetryCount?: number;
}
export interface LogConfig {
  readonly Type?: string;
  readonly Config?: TextMap;
}
export interface HostPort {
  readonly HostIp?: string;
  readonly HostPort?: string;
}
export type PortMap = Readonly<Record<string, readonly HostPort[] | null>>;

export interface Mount {
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
    readonly Labels?: TextMap;
    readonly Subpath?: string;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: TextMap } | null;
  } | null;
  readonly ImageOptions?: { readonly Subpath?: string } | null;
  readonly TmpfsOptions?: {
    readonly SizeBytes?: number;
    readonly Mode?: number;
    readonly Options?: readonly (readonly string[])[] | null;
  } | null;
  readonly ClusterOptions?: Readonly<Record<string, unknown>> | null;
}

/** Sizes in bytes, CPU times in microseconds. */
export interface HostConfig {
  readonly CpuShares?: number;
  readonly Memory?: number;
  readonly NanoCpus?: number;
  readonly CgroupParent?: string;
  readonly BlkioWeight?: number;
  readonly BlkioWeightDevice?: readonly WeightDevice[] | null;
  readonly BlkioDeviceReadBps?: readonly ThrottleDevice[] | null;
  readonly BlkioDeviceWriteBps?: readonly ThrottleDevice[] | null;
  readonly BlkioDeviceReadIOps?: readonly ThrottleDevice[] | null;
  readonly BlkioDeviceWriteIOps?: readonly ThrottleDevice[] | null;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpuRealtimePeriod?: number;
  readonly CpuRealtimeRuntime?: number;
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  readonly Devices?: readonly DeviceMapping[] | null;
  readonly DeviceCgroupRules?: Texts;
  readonly DeviceRequests?: readonly DeviceRequest[] | null;
  readonly KernelMemory?: number;
  readonly KernelMemoryTCP?: number;
  readonly MemoryReservation?: number;
  readonly MemorySwap?: number;
  readonly MemorySwappiness?: number | null;
  readonly OomKillDisable?: boolean | null;
  readonly PidsLimit?: number | null;
  readonly Ulimits?: readonly Ulimit[] | null;
  readonly CpuCount?: number;
  readonly CpuPercent?: number;
  readonly IOMaximumIOps?: number;
  readonly IOMaximumBandwidth?: number;

  readonly Binds?: Texts;
  readonly ContainerIDFile?: string;
  readonly LogConfig?: LogConfig | null;
  readonly NetworkMode?: string;
  readonly PortBindings?: PortMap | null;
  readonly RestartPolicy?: RestartPolicy | null;
  readonly AutoRemove?: boolean;
  readonly VolumeDriver?: string;
  readonly VolumesFrom?: Texts;
  readonly Mounts?: readonly Mount[] | null;
  /** Height, width. */
  readonly ConsoleSize?: readonly number[] | null;
  readonly Annotations?: TextMap;
  readonly CapAdd?: Texts;
  readonly CapDrop?: Texts;
  readonly CgroupnsMode?: string;
  readonly Dns?: Texts;
  readonly DnsOptions?: Texts;
  readonly DnsSearch?: Texts;
  readonly ExtraHosts?: Texts;
  readonly GroupAdd?: Texts;
  readonly IpcMode?: string;
  readonly Cgroup?: string;
  readonly Links?: Texts;
  readonly OomScoreAdj?: number;
  readonly PidMode?: string;
  readonly Privileged?: boolean;
  readonly PublishAllPorts?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly SecurityOpt?: Texts;
  readonly StorageOpt?: TextMap;
  readonly Tmpfs?: TextMap;
  readonly UTSMode?: string;
  readonly UsernsMode?: string;
  readonly ShmSize?: number;
  readonly Sysctls?: TextMap;
  readonly Runtime?: string;
  readonly Isolation?: string;
  readonly Init?: boolean | null;
  readonly MaskedPaths?: Texts;
  readonly ReadonlyPaths?: Texts;
}

export interface EndpointSettings {
  readonly IPAMConfig?: {
    readonly IPv4Address?: string;
    readonly IPv6Address?: string;
    readonly LinkLocalIPs?: Texts;
  } | null;
  readonly Links?: Texts;
  readonly Aliases?: Texts;
  readonly DriverOpts?: TextMap;
  readonly GwPriority?: number;
  readonly MacAddress?: string;
}

/** Networks to join, by name or id. */
export interface NetworkingConfig {
  readonly EndpointsConfig?: Readonly<Record<string, EndpointSettings | null>> | null;
}

export interface CreateContainer {
  readonly name: string | undefined;
  readonly platform: string | undefined;
  /** Read-only binds that say nothing else leave what is mounted below them writable: old clients expect it. */
  readonly flatReadonly?: boolean;
  /** On v1 a container that says nothing is in the host's cgroup namespace, whatever the engine's default: the same. */
  readonly hostCgroupns?: boolean;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networking: NetworkingConfig;
}
