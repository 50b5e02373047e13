import type { Logger } from "../base/log.ts";
import type { StartTrace } from "../base/trace.ts";
import type { Distribution, Images, Layers } from "../image/index.ts";
import type { Networks } from "../network/index.ts";
import type { ImageProcessConfig } from "../oci/index.ts";
import type { HostInfo, OciSpec, Runtime, SpecInput } from "../runtime/index.ts";
import type { Database } from "../store/index.ts";
import type { Volumes } from "../volume/index.ts";
import type { UnixDatagrams } from "./logs/driver.ts";

/**
 * Files inside a root filesystem that a container may have filled with anything: every path is resolved beneath the
 * root by the kernel (openat2, RESOLVE_IN_ROOT), so no link in it leads out.
 */
export interface RootfsFiles {
  /** Undefined when there is no such regular file. Throws when it is larger than a megabyte. */
  read(root: string, path: string): Promise<Uint8Array | undefined>;
  /** Makes the folder with its parents, where they are missing. Throws invalidParameter when a file is in the way. */
  makeFolder(
    root: string,
    path: string,
    owner: { readonly uid: number; readonly gid: number },
  ): Promise<void>;
}

/** Where a container's files lie on the host: its root, and what is mounted over parts of it, outer mounts first. */
export interface FileView {
  readonly root: string;
  readonly readonly: boolean;
  readonly mounts: readonly {
    readonly source: string;
    readonly destination: string;
    readonly readonly: boolean;
  }[];
  /** An archive of it has every extended attribute; else one alone, security.capability, as Docker's have. */
  readonly keepsXattrs?: boolean;
}

/** What lies at a path. `mode` as in stat(2), `mtime` RFC 3339, `linkTarget` where a symlink leads in the end. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

/** A piece of a file, and whose it is. `path` is where it lies with all links followed. */
export interface FilePeek {
  readonly path: string;
  /** As in stat(2), with the kind of file. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** As many bytes as there are of those asked for; none of what is no regular file. */
  readonly bytes: Uint8Array;
}

export interface UnpackOptions {
  /** Refuse a folder in place of a file, and the other way round. */
  readonly keepKinds: boolean;
  /** Of everything unpacked, instead of the owners in the archive. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The archive's entry "./" says what the folder itself is to be; otherwise that stays as it is. */
  readonly describesTop?: boolean;
}

/**
 * Copies of a container's files. Links are followed as in the container, never out of it, also while a process in it
 * swaps them. Errors of a path that is not there have `code` ENOENT, ENOTDIR or ELOOP.
 */
export interface ContainerFiles {
  stat(view: FileView, path: string): Promise<PathStat>;
  /** Part of a file, links followed; undefined when there is nothing at the path. */
  peek(view: FileView, path: string, offset: number, length: number): Promise<FilePeek | undefined>;
  pack(
    view: FileView,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }>;
  /** Throws forbidden where it is read-only, invalidParameter when the path is no folder or the archive is damaged. */
  unpack(
    view: FileView,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options: UnpackOptions,
    signal: AbortSignal,
  ): Promise<void>;
}

/** The /dev/shm of containers that let others share their ipc namespace. */
export interface ShmFolders {
  /** A mounted tmpfs of `size` bytes; its folder. The mounted one when it is there already. */
  make(id: string, size: number): Promise<string>;
  /** Fine when there is none. */
  remove(id: string): Promise<void>;
  /** Ids that have one, for recovery. */
  list(): Promise<readonly string[]>;
}

/** Which limits of containers this host can keep. */
export interface HostLimits {
  readonly memory: boolean;
  readonly swap: boolean;
  readonly reservation: boolean;
  readonly swappiness: boolean;
  readonly oomKillDisable: boolean;
  readonly cpuShares: boolean;
  readonly cpuQuota: boolean;
  readonly cpuRealtime: boolean;
  readonly cpuset: boolean;
  readonly pids: boolean;
  readonly blkioWeight: boolean;
  readonly blkioWeightDevice: boolean;
  readonly blkioThrottle: boolean;
  /** Processors and memory nodes there are: "0-3,7". */
  readonly cpus: string;
  readonly mems: string;
}

/** Devices that vendors describe in CDI specifications. */
export interface DescribedDevices {
  /** "vendor.com/class=name", sorted. */
  readonly names: readonly string[];
  /** What is wrong with specifications. */
  readonly warnings: readonly string[];
}

/** Processes as the host sees them. */
export interface HostProcesses {
  /** Of the control group a process is in, and of the groups below it. */
  around(pid: number): readonly number[];
  /** Output of ps(1). Throws with the first line it complains with. */
  ps(args: readonly string[]): Promise<string>;
}

/** The part of `info` and `version` that the engine does not know by itself; the daemon measures it. */
export interface HostFacts {
  readonly id: string;
  readonly version: string;
  readonly gitCommit: string;
  readonly nodeVersion: string;
  readonly name: string;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memory: number;
  readonly driverStatus: readonly (readonly [string, string])[];
  readonly cgroupDriver: string;
  readonly cgroupVersion: "1" | "2";
  readonly controllers: ReadonlySet<string>;
  readonly dataRoot: string;
  readonly runtimes: Readonly<
    Record<string, { readonly path: string; readonly runtimeArgs?: readonly string[] }>
  >;
  readonly initBinary: string;
  readonly securityOptions: readonly string[];
  readonly liveRestore: boolean;
  readonly debug: boolean;
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
  readonly ipv4Forwarding: boolean;
  /** "iptables", "nftables" or "none". */
  readonly firewall: string;
  readonly addressPools: readonly { readonly base: string; readonly size: number }[];
  readonly warnings: readonly string[];
  readonly cdiFolders: readonly string[];
  readonly components: readonly { readonly name: string; readonly version: string }[];
  readonly goroutines: number;
  readonly fileDescriptors: number;
}

/** What the administrator has set. */
export interface EngineSettings {
  /** The engine's own data folder: binds that hold it are treated with care. */
  readonly dataRoot: string;
  /** Folder on disk with one folder per container: log, hosts, resolv.conf, hostname. */
  readonly containersFolder: string;
  /** The host's own name, for containers in its UTS namespace. */
  readonly hostname: string;
  readonly cpus: number;
  /** cgroup parent of containers that name none, e.g. "/wharf". */
  readonly cgroupParent: string;
  readonly defaultShmSize: number;
  readonly defaultUlimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  /** Of containers that name none, with its options. */
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly dns: {
    readonly servers: readonly string[];
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
  /** Path of tini or catatonit on the host; undefined where there is none. */
  readonly initBinary: string | undefined;
  readonly defaultInit: boolean;
  readonly defaultIpcMode?: "private" | "shareable";
  /** Undefined: by the host's cgroup version. */
  readonly defaultCgroupnsMode?: "host" | "private";
  /** Seconds a container gets between its stop signal and SIGKILL when nobody says otherwise. */
  readonly stopTimeout: number;
}

/** Everything the engine stands on, made and joined by the daemon. */
export interface EngineDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly trace: StartTrace;
  readonly runtime: Runtime;
  readonly images: Images;
  readonly distribution: Distribution;
  readonly layers: Layers;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly rootfs: RootfsFiles;
  readonly files: ContainerFiles;
  readonly shm: ShmFolders;
  readonly processes: HostProcesses;
  /** Puts Dockerfile instructions over a configuration (`commit --change`). Throws invalidParameter. */
  readonly applyChanges: (
    config: ImageProcessConfig,
    changes: readonly string[],
  ) => Promise<ImageProcessConfig>;
  /** The runtime room's builder with the host's devices bound to it. */
  readonly buildSpec: (input: SpecInput) => OciSpec;
  readonly unixDatagrams: UnixDatagrams;
  readonly hostInfo: HostInfo;
  /** Looked up anew at each call. */
  readonly limits: () => HostLimits;
  /** Looked up anew at each call. */
  readonly devices: () => DescribedDevices;
  readonly hostFacts: () => Promise<HostFacts>;
  readonly settings: EngineSettings;
}
