import type { Digest, ImageConfig, Platform } from "../oci/index.ts";

/** What the builder needs to know of an image. */
export interface KnownImage {
  /** Digest of the configuration blob. */
  readonly id: Digest;
  readonly config: ImageConfig;
  /** Of the topmost layer; undefined for an image without layers. */
  readonly chainId?: Digest;
  readonly parent?: Digest;
}

/** A line about a pull, as Docker's progress streams have it. */
export interface PullProgress {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** What keeps an image: a name of its own, or one of an image above it, or a container. */
export interface ImageUse {
  readonly id: Digest;
  readonly isNamed: boolean;
  readonly parent?: Digest;
}

/** The image store as the builder uses it. */
export interface BuildImages {
  /** The image a FROM or `--from` names, fetched when it is not here (or when `pull` asks). Throws notFound. */
  obtain(reference: string, options: ObtainOptions): Promise<KnownImage>;
  get(id: Digest): KnownImage | undefined;
  /** By name or id, only among what is here. */
  find(reference: string): KnownImage | undefined;
  list(): readonly ImageUse[];
  /** Removes an image without a name. False when something uses it. */
  remove(id: Digest): Promise<boolean>;
  /** A new image on layers that are already in the store. Returns its id. */
  create(image: { readonly config: ImageConfig; readonly parent?: Digest }): Promise<Digest>;
  /** Points the name `target` ("repo:tag") to the image `id`. */
  tag(id: Digest, target: string): Promise<void>;
  /** What the manifest that the image is pushed or saved with says besides. */
  annotate(id: Digest, annotations: Readonly<Record<string, string>>): void;
  /** Tells of an image with a layer of its own. */
  announce(id: Digest): void;
}

export interface ObtainOptions {
  readonly platform?: Platform;
  readonly pull: boolean;
  /** The `X-Registry-Config` header of the request: passwords by registry, in Docker's encoding. */
  readonly auth: string | undefined;
  readonly onProgress: (progress: PullProgress) => void;
  readonly signal: AbortSignal;
}

export interface BuiltLayer {
  readonly diffId: Digest;
  readonly chainId: Digest;
  /** Bytes of its files. */
  readonly size: number;
}

/** Writable snapshots above the layers of images, one for each step that changes files. */
export interface BuildLayers {
  /** A snapshot named `id` above the layer `parent` (none: an empty root). */
  prepare(id: string, parent: Digest | undefined): Promise<{ readonly upper: string }>;
  /** Mounts it and returns the merged folder; a volatile one once, and nothing in it is forced to the disk. */
  mount(id: string, options: { readonly isVolatile: boolean }): string;
  unmount(id: string): boolean;
  /**
   * Makes the snapshot's content a layer above its parent; the snapshot stays. That of a snapshot without a parent
   * becomes a layer above `onto`.
   */
  commit(id: string, signal?: AbortSignal, onto?: Digest): Promise<BuiltLayer>;
  /** The content of a layer as a layer above another parent. Throws notFound. */
  rebase(layer: Digest, parent: Digest | undefined, signal?: AbortSignal): Promise<BuiltLayer>;
  /** The mounted snapshot's whole tree as a tar. */
  export(id: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  remove(id: string): Promise<void>;
  /**
   * Deletes a folder that containers have written to: it is out of sight at once, and goes in the background, also one
   * deeper than any path is long. Fine when it is not there.
   */
  discard(folder: string): void;
}

export interface FileTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export type NodeKind = "fifo" | "char" | "block" | "regular" | "socket";

/**
 * File calls Node does not offer, for trees that are not trusted: a path given to `openIn` is resolved by the kernel
 * beneath `root` (openat2(2), RESOLVE_IN_ROOT), so no symlink and no ".." leads out. Descriptors are plain numbers.
 */
export interface RootFiles {
  openRoot(path: string): number;
  /** Flags and mode as in `fs.constants`. Relative and absolute paths both start at the root. */
  openIn(root: number, path: string, flags: number, mode?: number): number;
  close(fd: number): void;
  mknodAt(dir: number, name: string, kind: NodeKind, mode: number, major?: number, minor?: number): void;
  /** Of the entry itself, never of a symlink's target. */
  setTimesAt(dir: number, name: string, atime: FileTime, mtime: FileTime): void;
  getXattr(path: string, name: string): Uint8Array | undefined;
  listXattrs(path: string): readonly string[];
  setXattr(path: string, name: string, value: Uint8Array): void;
}

export type RunNetwork = "default" | "none" | "host";

export type RunMount =
  | { readonly type: "bind"; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | {
      readonly type: "tmpfs";
      readonly target: string;
      /** Bytes; 0: no limit of its own. */
      readonly size: number;
    }
  /** A socket that leads to `source`, with a mode and an owner of its own. */
  | {
      readonly type: "socket";
      readonly source: string;
      readonly target: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** A file that must never reach a disk. */
  | {
      readonly type: "secret";
      readonly content: Uint8Array;
      readonly target: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    };

/** What the request limits for every command of the build; 0 and "" mean the engine's defaults. Sizes in bytes. */
export interface RunLimits {
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

export interface RunRequest {
  /** 64 hex digits: name of the container while it runs. */
  readonly id: string;
  /** The mounted root filesystem; the command's changes stay in it. */
  readonly rootfs: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  /** As in the image configuration ("name", "1000:1000", ""), resolved by the runner inside the root filesystem. */
  readonly user: string;
  readonly network: RunNetwork;
  /** The `--network` of the request when it names something else (a network, "container:x"), else "". */
  readonly networkName: string;
  /** RUN --security=insecure: with all privileges. Fronts that cannot grant this never ask for it. */
  readonly insecure: boolean;
  readonly mounts: readonly RunMount[];
  readonly limits: RunLimits;
  /** "host:address" */
  readonly extraHosts: readonly string[];
  readonly signal: AbortSignal;
  /** Takes output in order; the next is read when the promise, if any, is settled: the reader may be slow. */
  readonly onOutput: (stream: "stdout" | "stderr", data: Uint8Array) => void | Promise<void>;
}

/** Runs one command to its end as a container on a given root filesystem. When it returns, nothing of it is left. */
export interface CommandRunner {
  run(request: RunRequest): Promise<{ readonly exitCode: number }>;
}

/** The command of a RUN that has ended, whose container stays. */
export interface EndedCommand extends Pick<RunRequest, "id" | "args" | "env" | "cwd" | "user" | "limits"> {
  /** What it ran on; undefined: on nothing. */
  readonly image: Digest | undefined;
  readonly network: RunNetwork;
  readonly networkName: string;
  /** Of the request. */
  readonly labels: Readonly<Record<string, string>>;
  readonly exitCode: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** Containers as the engine knows them. */
export interface BuildContainers {
  /** Makes an exited container of it, to which the snapshot of the same id belongs from then on. */
  keep(command: EndedCommand): Promise<void>;
  has(id: string): boolean;
}

export interface GitRequest {
  readonly url: string;
  /** Branch, tag or commit; "" for what the repository offers first. */
  readonly ref: string;
  /** An own folder for the work tree, made if missing. */
  readonly folder: string;
  /** Socket of an agent that signs for ssh:// addresses. */
  readonly sshAgent?: string;
  readonly signal: AbortSignal;
}

/** Repositories are hostile: nothing in them runs, nothing of this machine is shown to them. */
export interface GitClient {
  /** Gets a work tree with its submodules. Throws invalidParameter when it cannot be had. */
  clone(request: GitRequest): Promise<{ readonly commit: string }>;
}

type SqlValue = string | number | bigint | Uint8Array | null;

/** The part of the metadata database the builder keeps its cache in. */
export interface BuildDatabase {
  migrate(room: string, steps: readonly string[]): void;
  prepare(sql: string): {
    get(...values: SqlValue[]): Readonly<Record<string, unknown>> | undefined;
    all(...values: SqlValue[]): readonly Readonly<Record<string, unknown>>[];
    run(...values: SqlValue[]): unknown;
  };
}

/** Everything a builder is made from. */
export interface BuilderParts {
  /** A folder of the builder's own: contexts being built, cache mounts. Made if missing. */
  readonly root: string;
  readonly database: BuildDatabase;
  readonly images: BuildImages;
  readonly layers: BuildLayers;
  readonly files: RootFiles;
  readonly runner: CommandRunner;
  readonly containers: BuildContainers;
  readonly git: GitClient;
  /** Bytes the cache may keep; 0: no limit. */
  readonly cacheLimit: number;
  /** Tells that somebody had the cache pruned, and how many bytes that freed. */
  readonly announcePrune: (reclaimed: number) => void;
}
