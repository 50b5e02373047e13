/**
 * What the API server needs of an engine, in the server's own words. The daemon hands it an engine that fits
 * (`daemon/wire.ts` is where the compiler proves it). Documents keep Docker's field names: they are stored and given
 * back as the client wrote them. Everything else is plain data that `handlers/` turn into wire shapes.
 */
import type { Readable } from "node:stream";
import type { ContainerConfig, HostConfig, NetworkingConfig } from "../schema/container.ts";
import type { ImageConfigDocument } from "../schema/image.ts";

export type Labels = Readonly<Record<string, string>>;
/** Docker's `filters` query, decoded: name -> wanted values. */
export type Filters = ReadonlyMap<string, readonly string[]>;

// ---------------------------------------------------------------------------------------------- containers

export type ContainerState =
  | { readonly status: "created"; readonly error?: string; readonly exitCode?: number }
  | { readonly status: "running"; readonly pid: number; readonly startedAt: string }
  | { readonly status: "paused"; readonly pid: number; readonly startedAt: string }
  | {
      readonly status: "restarting";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly oomKilled: boolean;
    }
  | {
      readonly status: "exited";
      readonly exitCode: number;
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly oomKilled: boolean;
      readonly error?: string;
    }
  | { readonly status: "removing"; readonly exitCode: number; readonly startedAt: string; readonly finishedAt: string }
  | { readonly status: "dead"; readonly exitCode: number; readonly startedAt: string; readonly finishedAt: string };

export interface EndpointView {
  /** As asked for. */
  readonly request: {
    readonly IPAMConfig?: {
      readonly IPv4Address?: string;
      readonly IPv6Address?: string;
      readonly LinkLocalIPs?: readonly string[] | null;
    } | null;
    readonly Links?: readonly string[] | null;
    readonly Aliases?: readonly string[] | null;
    readonly DriverOpts?: Labels | null;
    readonly GwPriority?: number;
    readonly MacAddress?: string;
  };
  /** Empty strings and zeros while not running. */
  readonly networkId: string;
  readonly endpointId: string;
  readonly macAddress: string;
  readonly gateway: string;
  readonly ipv4: string;
  readonly ipv4Prefix: number;
  readonly gateway6: string;
  readonly ipv6: string;
  readonly ipv6Prefix: number;
  readonly dnsNames: readonly string[];
}

export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface MountPoint {
  readonly type: "bind" | "volume" | "tmpfs" | "image";
  readonly name?: string;
  readonly source: string;
  readonly destination: string;
  readonly driver?: string;
  readonly mode: string;
  readonly rw: boolean;
  readonly propagation: string;
}

export interface ContainerView {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly created: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly state: ContainerState;
  readonly health?: { readonly status: string; readonly failingStreak: number; readonly log: readonly unknown[] };
  /** Image id, and the reference the client named it by. */
  readonly image: string;
  readonly imageName: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly restartCount: number;
  readonly driver: string;
  readonly platform: string;
  readonly execIds: readonly string[];
  readonly mounts: readonly MountPoint[];
  /** On-disk paths; empty where not (yet) there. */
  readonly files: { readonly hosts: string; readonly hostname: string; readonly resolvConf: string; readonly log: string };
  readonly snapshot?: { readonly lower: readonly string[]; readonly upper: string; readonly work: string; readonly merged: string };
  readonly network: {
    readonly sandboxId: string;
    readonly sandboxKey: string;
    readonly ports: readonly PublishedPort[];
    /** By network name. */
    readonly endpoints: Readonly<Record<string, EndpointView>>;
  };
}

export interface CreateContainer {
  readonly name: string | undefined;
  readonly platform: string | undefined;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networking: NetworkingConfig;
}

/** One client's connection to a process's stdio. Closing it never ends the process. */
export interface AttachedStdio {
  /** Ends when the process's output has ended; waits (created container) until it is started. */
  readonly output: AsyncIterable<{ readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }>;
  write(data: Uint8Array): Promise<void>;
  end(): Promise<void>;
  close(): void;
}

export interface AttachRequest {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Replay the log first. */
  readonly logs: boolean;
  /** Stay for what is to come. */
  readonly stream: boolean;
}

export interface LogsRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** RFC 3339 or undefined. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly tail: number | undefined;
}

export interface LogLine {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** With its line feed, where the process wrote one. */
  readonly data: Uint8Array;
  /** Labels and environment the log options ask for; shown with `details`. */
  readonly attributes?: Labels;
}

export type WaitCondition = "not-running" | "next-exit" | "removed";

export interface Containers {
  create(request: CreateContainer, signal: AbortSignal): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  list(options: { readonly all: boolean; readonly limit: number | undefined; readonly filters: Filters }): readonly ContainerView[];
  inspect(reference: string): ContainerView;
  /** Bytes: writable layer and whole root filesystem. */
  size(reference: string): Promise<{ readonly rw: number; readonly rootFs: number }>;
  /** Throws notModified when it already runs. */
  start(reference: string): Promise<void>;
  /** `timeout` in seconds, -1 for none; undefined: the container's own or 10. Throws notModified when stopped. */
  stop(reference: string, options: { readonly signal: string | undefined; readonly timeout: number | undefined }): Promise<void>;
  restart(reference: string, options: { readonly signal: string | undefined; readonly timeout: number | undefined }): Promise<void>;
  kill(reference: string, signal: string | undefined): Promise<void>;
  pause(reference: string): Promise<void>;
  unpause(reference: string): Promise<void>;
  rename(reference: string, name: string): Promise<void>;
  remove(
    reference: string,
    options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean },
  ): Promise<void>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }>;
  /** Resolves at once to a promise of the exit, so that the server can send headers before it happens. */
  wait(
    reference: string,
    condition: WaitCondition,
    signal: AbortSignal,
  ): Promise<{ readonly exited: Promise<{ readonly exitCode: number; readonly error?: string }> }>;
  attach(reference: string, request: AttachRequest, signal: AbortSignal): Promise<AttachedStdio>;
  /** Without `stdout`/`stderr` filtering done by the caller. */
  logs(reference: string, request: LogsRequest, signal: AbortSignal): Promise<AsyncIterable<LogLine>>;
  resize(reference: string, size: { readonly width: number; readonly height: number }): Promise<void>;
  changes(reference: string): Promise<readonly { readonly path: string; readonly kind: "modified" | "added" | "deleted" }[]>;
  export(reference: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Rows of `ps` for the container's processes. */
  top(reference: string, psArgs: string): Promise<{ readonly titles: readonly string[]; readonly processes: readonly (readonly string[])[] }>;
}

export interface ExecView {
  readonly id: string;
  readonly containerId: string;
  readonly running: boolean;
  readonly exitCode: number | null;
  readonly pid: number;
  readonly config: CreateExec;
}

export interface CreateExec {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly privileged: boolean;
  readonly detachKeys: string;
}

export interface Execs {
  create(container: string, request: CreateExec): Promise<string>;
  inspect(id: string): ExecView;
  /** Detached: resolves when it runs, without stdio. */
  start(
    id: string,
    options: { readonly detach: boolean; readonly size: { readonly width: number; readonly height: number } | undefined },
  ): Promise<AttachedStdio | undefined>;
  resize(id: string, size: { readonly width: number; readonly height: number }): Promise<void>;
}

// ---------------------------------------------------------------------------------------------- images

export interface ImageView {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly parent: string;
  readonly size: number;
  readonly lastTagged: string | undefined;
  /** The image's configuration blob. */
  readonly config: ImageConfigDocument;
  /** Folders of its layers, topmost first. */
  readonly folders: readonly string[];
  /** Containers made from it. */
  readonly containers: number;
  /** Bytes in layers that other images use too; where nobody counted, absent. */
  readonly sharedSize?: number;
}

/** One line of a JSON progress stream. An error line is made from what the iteration throws. */
export type ProgressLine = object;

export interface Images {
  list(options: { readonly all: boolean; readonly filters: Filters }): readonly ImageView[];
  inspect(reference: string): ImageView;
  history(reference: string): readonly {
    readonly id: string;
    readonly created: string;
    readonly createdBy: string;
    readonly tags: readonly string[];
    readonly size: number;
    readonly comment: string;
  }[];
  tag(reference: string, repository: string, tag: string): Promise<void>;
  remove(
    reference: string,
    options: { readonly force: boolean; readonly noPrune: boolean },
  ): Promise<readonly ({ readonly Untagged: string } | { readonly Deleted: string })[]>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly ({ readonly Untagged: string } | { readonly Deleted: string })[]; readonly reclaimed: number }>;
  load(body: Readable, options: { readonly quiet: boolean }, signal: AbortSignal): AsyncIterable<ProgressLine>;
  save(references: readonly string[], signal: AbortSignal): AsyncIterable<Uint8Array>;
  import(
    body: Readable,
    options: {
      readonly repository: string;
      readonly tag: string;
      readonly message: string;
      /** Dockerfile instructions. */
      readonly changes: readonly string[];
      readonly platform: string | undefined;
    },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  /** Answers with a clear error until the distribution client is there. */
  pull(
    options: { readonly image: string; readonly tag: string; readonly platform: string | undefined; readonly auth: string | undefined },
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine>;
  commit(options: {
    readonly container: string;
    readonly repository: string;
    readonly tag: string;
    readonly comment: string;
    readonly author: string;
    readonly pause: boolean;
    readonly changes: readonly string[];
    readonly config: ContainerConfig | undefined;
  }): Promise<string>;
}

// ---------------------------------------------------------------------------------------------- build

export interface BuildRequest {
  /** Tar of the context, possibly compressed; empty with `remote`. */
  readonly context: Readable;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly remote: string;
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string | null>>;
  readonly labels: Labels;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly quiet: boolean;
  readonly removeIntermediate: boolean;
  readonly platform: string;
  readonly networkMode: string;
  readonly extraHosts: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly shmSize: number;
  readonly memory: number;
  readonly memorySwap: number;
  readonly cpuShares: number;
  readonly cpuPeriod: number;
  readonly cpuQuota: number;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  readonly cgroupParent: string;
  readonly ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
}

export interface Builder {
  /** Lines of Docker's classic build stream: `{stream}`, `{aux:{ID}}`. */
  build(request: BuildRequest, signal: AbortSignal): AsyncIterable<ProgressLine>;
}

// ---------------------------------------------------------------------------------------------- networks

export interface NetworkView {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly scope: string;
  readonly driver: string;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly ipam: {
    readonly driver: string;
    readonly options: Labels | null;
    readonly config: readonly {
      readonly subnet: string;
      readonly ipRange?: string;
      readonly gateway?: string;
      readonly auxiliaryAddresses?: Labels;
    }[];
  };
  readonly options: Labels;
  readonly labels: Labels;
  readonly containers: readonly {
    readonly containerId: string;
    readonly containerName: string;
    readonly endpointId: string;
    readonly macAddress: string;
    readonly ipv4: string;
    readonly ipv4Prefix: number;
    readonly ipv6: string;
    readonly ipv6Prefix: number;
  }[];
}

export interface Networks {
  list(filters: Filters): readonly NetworkView[];
  inspect(reference: string): NetworkView;
  create(request: {
    readonly name: string;
    readonly driver: string | undefined;
    readonly internal: boolean;
    readonly attachable: boolean;
    readonly enableIPv4: boolean | undefined;
    readonly enableIPv6: boolean | undefined;
    readonly ipam:
      | {
          readonly driver: string | undefined;
          readonly options: Labels | undefined;
          readonly config: readonly {
            readonly subnet?: string;
            readonly ipRange?: string;
            readonly gateway?: string;
            readonly auxiliaryAddresses?: Labels;
          }[];
        }
      | undefined;
    readonly options: Labels;
    readonly labels: Labels;
  }): Promise<{ readonly id: string; readonly warning: string }>;
  remove(reference: string): Promise<void>;
  connect(network: string, container: string, endpoint: EndpointView["request"]): Promise<void>;
  disconnect(network: string, container: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<readonly string[]>;
}

// ---------------------------------------------------------------------------------------------- volumes

export interface VolumeView {
  readonly name: string;
  readonly driver: string;
  readonly mountpoint: string;
  readonly created: string;
  readonly labels: Labels;
  readonly options: Labels;
  readonly anonymous: boolean;
}

export interface Volumes {
  list(filters: Filters): readonly VolumeView[];
  inspect(name: string): VolumeView;
  create(request: {
    readonly name: string | undefined;
    readonly driver: string | undefined;
    readonly options: Labels;
    readonly labels: Labels;
  }): Promise<VolumeView>;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }>;
}

// ---------------------------------------------------------------------------------------------- system

export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly actor: { readonly id: string; readonly attributes: Labels };
  /** Nanoseconds since the epoch. */
  readonly timeNano: bigint;
}

/** Facts about the engine and its host; `handlers/system.ts` turns them into `info` and `version`. */
export interface SystemFacts {
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
  readonly storageDriver: string;
  readonly driverStatus: readonly (readonly [string, string])[];
  readonly cgroupDriver: string;
  readonly cgroupVersion: "1" | "2";
  readonly controllers: ReadonlySet<string>;
  readonly loggingDriver: string;
  readonly dataRoot: string;
  readonly runtimes: Readonly<Record<string, { readonly path: string; readonly runtimeArgs?: readonly string[] }>>;
  readonly defaultRuntime: string;
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
  readonly containers: { readonly running: number; readonly paused: number; readonly stopped: number };
  readonly images: number;
  readonly bridgeNetfilter: { readonly ipv4: boolean; readonly ipv6: boolean };
  readonly ipv4Forwarding: boolean;
  readonly iptables: boolean;
  readonly addressPools: readonly { readonly base: string; readonly size: number }[];
  readonly warnings: readonly string[];
  readonly components: readonly { readonly name: string; readonly version: string }[];
  readonly goroutines: number;
  readonly fileDescriptors: number;
  readonly listeners: number;
  /** Names of the drivers that are there; the built-in minimum when absent. */
  readonly drivers?: { readonly volume: readonly string[]; readonly network: readonly string[]; readonly log: readonly string[] };
}

export interface System {
  facts(): Promise<SystemFacts>;
  events(
    options: { readonly since: string | undefined; readonly until: string | undefined; readonly filters: Filters },
    signal: AbortSignal,
  ): AsyncIterable<EngineEvent>;
  diskUsage(): Promise<{
    readonly layersSize: number;
    readonly images: readonly ImageView[];
    readonly containers: readonly (ContainerView & { readonly sizeRw: number; readonly sizeRootFs: number })[];
    readonly volumes: readonly (VolumeView & { readonly size: number; readonly refCount: number })[];
  }>;
}

/** Everything the server can be asked for. */
export interface Engine {
  readonly containers: Containers;
  readonly execs: Execs;
  readonly images: Images;
  readonly builder: Builder;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly system: System;
}
