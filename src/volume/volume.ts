import type { MountInside } from "../kernel/index.ts";

export type VolumeScope = "local" | "global";

/** A named place for data that outlives containers. */
export interface VolumeRecord {
  readonly name: string;
  readonly driver: string;
  /** Host folder of the data; for a driver's volume as far as it has told, else empty. */
  readonly mountpoint: string;
  /** RFC 3339; empty when its driver does not say. */
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Made without a name: removed with its container by `rm -v`, and by prune. */
  readonly anonymous: boolean;
  readonly scope: VolumeScope;
}

/** What only its driver knows of a volume. */
export interface VolumeDetails extends VolumeRecord {
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface VolumeList {
  readonly volumes: readonly VolumeRecord[];
  /** Drivers that could not be asked. */
  readonly warnings: readonly string[];
}

export interface CreateVolume {
  /** Undefined: a random name, anonymous. */
  readonly name: string | undefined;
  readonly driver: string | undefined;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Docker marks volumes made without a name by this label. */
export const ANONYMOUS_LABEL = "com.docker.volume.anonymous";

/** How far read-only reaches below a bind: as far as the kernel can, this mount only, or all or nothing. */
export type ReadonlyReach = "possible" | "top" | "required";

/** What a container wants at one of its paths, as parsed from Binds, Mounts, Volumes and VolumesFrom. */
export interface MountWish {
  readonly type: "bind" | "volume" | "tmpfs" | "image";
  /** Host path (bind), volume name (volume; empty: anonymous), image reference (image). */
  readonly source: string;
  readonly destination: string;
  readonly readonly: boolean;
  readonly propagation: string;
  readonly nonRecursive: boolean;
  readonly readonlyReach?: ReadonlyReach;
  /** bind: make a missing source folder (`-v`), or refuse (`--mount`). */
  readonly createSource: boolean;
  /** volume: leave out the copy of the image's content. */
  readonly noCopy: boolean;
  readonly subpath: string;
  readonly volumeDriver: string;
  readonly volumeOptions: Readonly<Record<string, string>>;
  readonly volumeLabels: Readonly<Record<string, string>>;
  /** tmpfs: bytes and octal mode; 0 for the default. */
  readonly tmpfsSize: number;
  readonly tmpfsMode: number;
  /** tmpfs: further options of mount(8). */
  readonly tmpfsOptions?: readonly string[];
  /** image: its id, once settled. */
  readonly imageId?: string;
  /** image: the layer that shows it, once prepared. */
  readonly imageLayer?: string;
  /** The mode text as given ("z", "ro,rshared"), for inspect. */
  readonly mode: string;
}

/** A folder or file held ready to be mounted into a container. */
export interface Prepared {
  /** Host path; it leads to the same thing until `release`, whatever is renamed meanwhile. */
  readonly path: string;
  /** Gives back what holds it; a mount made of it stays. */
  release(): void;
}

/** Where copy-up takes its content from. */
export interface ImageContent {
  /** The folder in the image; symlinks in it end inside the image. */
  readonly folder: string;
  /** Whether there is content at all; asked first, for it is cheap. */
  isPossible(): boolean;
  /** The image's root filesystem, mounted. */
  rootfs(): string;
}

export interface Volumes {
  /** Those the engine knows, without asking their drivers. */
  list(): readonly VolumeRecord[];
  /** Throws notFound "get x: no such volume". */
  get(name: string): VolumeRecord;
  /** With what their drivers know, volumes that were not made here among them. */
  listAll(): Promise<VolumeList>;
  /** Throws notFound "get x: no such volume" also when its driver has lost it. */
  find(name: string): Promise<VolumeDetails>;
  /** The existing one when name and driver agree. */
  create(request: CreateVolume): Promise<VolumeRecord>;
  /**
   * Throws conflict while a container refers to it: "remove x: volume is in use - [ids]". `force`: also where its driver
   * has lost it or cannot be asked; false when there was none.
   */
  remove(name: string, options: { readonly force: boolean }): Promise<boolean>;
  /** A container refers to the volume from its creation to its removal. */
  reserve(name: string, containerId: string): void;
  /** Ends one reference, where a mount is taken out of a container. */
  release(name: string, containerId: string): void;
  releaseAll(containerId: string): void;
  users(name: string): readonly string[];
  /** Makes the data reachable for a container; host path. Its first user mounts it, its last one unmounts it. */
  mount(name: string, containerId: string): Promise<string>;
  unmount(name: string, containerId: string): Promise<void>;
  /** The data for work of the engine's own; given back by `release`. */
  hold(name: string): Promise<{ readonly path: string; release(): Promise<void> }>;
  /** A path below a mounted volume or image, resolved by the kernel inside of it and held. Throws notFound, invalidParameter. */
  holdSubpath(folder: string, subpath: string, key: string): Prepared;
  /** Copies the image's content into an empty volume (or its empty subpath). */
  populate(name: string, containerId: string, subpath: string, content: ImageContent): Promise<void>;
  /** Copies all data of `from` into the empty volume `to`; shares the blocks where the filesystem can. */
  copy(from: string, to: string): Promise<void>;
  /**
   * Puts a copy of the data of `from` in place of that of `name`, in one step; the caller knows that nobody has it open.
   * `inPlace`: for containers that have it mounted, and that do not run meanwhile.
   */
  restore(name: string, from: string, options: { readonly inPlace: boolean }): Promise<void>;
  /** Mounts into the running container of a process; the destination with its symlinks followed. */
  attach(pid: number, mount: MountInside): Promise<string>;
  /** False when nothing is mounted there. Throws EBUSY while it is used. */
  detach(pid: number, destination: string): Promise<boolean>;
  /** Throws invalidParameter when a bind of that propagation would not be given what it asks for. */
  checkPropagation(source: string, propagation: string): void;
  /** Bytes; -1 where its driver does not say. */
  usage(name: string): Promise<number>;
  /** Forgets containers that are not known, undoes mounts of those that do not run, finishes removals. */
  recover(known: ReadonlySet<string>, running: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}
