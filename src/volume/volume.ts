/** A named place for data that outlives containers. */
export interface VolumeRecord {
  readonly name: string;
  readonly driver: string;
  /** Host folder of the data. */
  readonly mountpoint: string;
  /** RFC 3339. */
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Made without a name: removed with its container by `rm -v`, and by prune. */
  readonly anonymous: boolean;
}

export interface CreateVolume {
  /** Undefined: a random name, anonymous. */
  readonly name: string | undefined;
  readonly driver: string | undefined;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a container wants at one of its paths, as parsed from Binds, Mounts, Volumes and VolumesFrom. */
export interface MountWish {
  readonly type: "bind" | "volume" | "tmpfs" | "image";
  /** Host path (bind), volume name (volume; empty: anonymous), image reference (image). */
  readonly source: string;
  readonly destination: string;
  readonly readonly: boolean;
  readonly propagation: string;
  readonly nonRecursive: boolean;
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
  /** The mode text as given ("z", "ro,rshared"), for inspect. */
  readonly mode: string;
}

export interface Volumes {
  list(): readonly VolumeRecord[];
  /** Throws notFound "get x: no such volume". */
  get(name: string): VolumeRecord;
  /** The existing one when name and driver agree. */
  create(request: CreateVolume): Promise<VolumeRecord>;
  /** Throws conflict while a container refers to it: "remove x: volume is in use - [ids]". */
  remove(name: string, options: { readonly force: boolean }): Promise<void>;
  /** A container refers to the volume from its creation to its removal. */
  reserve(name: string, containerId: string): void;
  releaseAll(containerId: string): void;
  users(name: string): readonly string[];
  /** Makes the data reachable for a start; host path (with the subpath resolved beneath the volume). */
  mount(name: string, containerId: string, subpath: string): Promise<string>;
  unmount(name: string, containerId: string): Promise<void>;
  /** Copies the content of `folder` (in the image's root) into an empty, never used volume. */
  populate(name: string, rootfs: string, folder: string): Promise<void>;
  /** Bytes. */
  usage(name: string): Promise<number>;
  recover(containers: ReadonlySet<string>): Promise<void>;
}
