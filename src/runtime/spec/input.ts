/**
 * What the OCI spec is made from: the container's configuration documents with Docker's field names (the subset that
 * has an effect on the process) and the facts the engine has settled before (ids, paths, namespaces).
 */
export interface ProcessDocument {
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly NetworkDisabled?: boolean;
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}
/** Devices by a driver's names, or by what they can do. */
export interface DeviceRequest {
  readonly Driver?: string;
  /** -1: all. */
  readonly Count?: number;
  readonly DeviceIDs?: readonly string[] | null;
  /** Any of these groups; all words of a group. */
  readonly Capabilities?: readonly (readonly string[])[] | null;
  readonly Options?: Readonly<Record<string, string>> | null;
}
export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}
export interface WeightDevice {
  readonly Path: string;
  readonly Weight: number;
}
export interface ThrottleDevice {
  readonly Path: string;
  readonly Rate: number;
}

/** Docker's HostConfig as far as it reaches the OCI spec. Sizes in bytes, CPU times in microseconds. */
export interface HostDocument {
  /** "none": a namespace of its own without /dev/shm. */
  readonly IpcMode?: string;
  readonly Memory?: number;
  readonly MemoryReservation?: number;
  readonly MemorySwap?: number;
  readonly MemorySwappiness?: number | null;
  readonly OomKillDisable?: boolean | null;
  readonly OomScoreAdj?: number;
  readonly NanoCpus?: number;
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpuRealtimePeriod?: number;
  readonly CpuRealtimeRuntime?: number;
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  readonly PidsLimit?: number | null;
  readonly BlkioWeight?: number;
  readonly BlkioWeightDevice?: readonly WeightDevice[] | null;
  readonly BlkioDeviceReadBps?: readonly ThrottleDevice[] | null;
  readonly BlkioDeviceWriteBps?: readonly ThrottleDevice[] | null;
  readonly BlkioDeviceReadIOps?: readonly ThrottleDevice[] | null;
  readonly BlkioDeviceWriteIOps?: readonly ThrottleDevice[] | null;
  readonly Devices?: readonly DeviceMapping[] | null;
  readonly DeviceCgroupRules?: readonly string[] | null;
  readonly DeviceRequests?: readonly DeviceRequest[] | null;
  readonly Ulimits?: readonly Ulimit[] | null;
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly SecurityOpt?: readonly string[] | null;
  readonly Sysctls?: Readonly<Record<string, string>> | null;
  readonly Tmpfs?: Readonly<Record<string, string>> | null;
  readonly ShmSize?: number;
  readonly Init?: boolean | null;
  readonly MaskedPaths?: readonly string[] | null;
  readonly ReadonlyPaths?: readonly string[] | null;
  readonly UTSMode?: string;
  readonly CgroupnsMode?: string;
  readonly NetworkMode?: string;
  readonly Annotations?: Readonly<Record<string, string>> | null;
}

/** A mount into the container, already resolved to a host path. */
export interface BindMount {
  readonly source: string;
  readonly destination: string;
  readonly readonly?: boolean;
  readonly propagation?: "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave";
  /** How far read-only reaches below: as far as the kernel can (the default), this mount only, or all or nothing. */
  readonly readonlyReach?: "possible" | "top" | "required";
  /** Only this mount, not the mounts below it. */
  readonly nonRecursive?: boolean;
}

/** How the container gets a namespace: a new one, the host's, or the one behind a file. */
export type NamespaceChoice = "new" | "host" | { readonly path: string };

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

export interface SpecInput {
  readonly id: string;
  readonly args: readonly string[];
  /** Complete: image, config, HOSTNAME, PATH, HOME, TERM. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: User;
  readonly process: ProcessDocument;
  readonly host: HostDocument;
  /** The merged folder. */
  readonly rootfs: string;
  readonly hostname: string;
  /** "/wharf/<id>". */
  readonly cgroupPath: string;
  readonly namespaces: {
    readonly network: NamespaceChoice;
    readonly pid: NamespaceChoice;
    readonly ipc: NamespaceChoice;
    readonly uts: NamespaceChoice;
    readonly cgroup: NamespaceChoice;
    readonly user: NamespaceChoice;
  };
  /** Volumes, binds, hosts/resolv.conf/hostname files, the init binary; sorted by depth by the builder. */
  readonly mounts: readonly BindMount[];
  /** Host folder to mount at /dev/shm instead of a fresh tmpfs (shared ipc). */
  readonly shmFolder?: string;
  /** Console size at start, if the client gave one. */
  readonly consoleSize?: { readonly width: number; readonly height: number };
  /** Path of the init binary (tini or catatonit) on the host when `--init` is wanted. */
  readonly initBinary?: string;
  /** cgroup mode of the host and whether the runtime can set user namespaces etc. */
  readonly hostInfo: HostInfo;
}

/** What the spec must know of the host. */
export interface HostInfo {
  readonly cgroupMode: "v1" | "hybrid" | "v2";
  readonly controllers: ReadonlySet<string>;
  readonly architecture: string;
  /** This process's own hard limits by ulimit name: a request above them is refused with a clear error. */
  readonly hardLimits: Readonly<Record<string, bigint>>;
  /** Capabilities the engine itself has, without "CAP_"; nothing more can be given. */
  readonly capabilities: ReadonlySet<string>;
  readonly kernel: string;
  readonly seccomp: boolean;
  readonly apparmor: boolean;
}
