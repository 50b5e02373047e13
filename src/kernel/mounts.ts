/** Flags of mount(2), by the names of `mount -o`. */
export type MountFlag =
  | "ro"
  | "nosuid"
  | "nodev"
  | "noexec"
  | "noatime"
  | "nodiratime"
  | "relatime"
  | "strictatime"
  | "sync"
  | "dirsync"
  | "remount"
  | "bind"
  | "rbind"
  | "private"
  | "rprivate"
  | "shared"
  | "rshared"
  | "slave"
  | "rslave"
  | "unbindable"
  | "runbindable";

export interface MountRequest {
  /** Source path, device or pseudo name; empty for a propagation change. */
  readonly source: string;
  readonly target: string;
  readonly type?: string;
  readonly flags?: readonly MountFlag[];
  /** Options of the filesystem itself, e.g. `lowerdir=..,upperdir=..`. At most one page (mount(2)). */
  readonly data?: string;
}

/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)), octal escapes decoded. */
export interface MountInfo {
  readonly id: number;
  readonly parent: number;
  readonly root: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly optional: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** mount(2) and umount2(2). Synchronous: an overlay mount costs 0.3 ms. Throws KernelError. */
export interface Mounts {
  mount(request: MountRequest): void;
  /**
   * Mounts with the working directory at `cwd` for the length of the call, so that `data` may use short relative
   * paths (127 overlay layers do not fit into a page otherwise).
   */
  mountFrom(cwd: string, request: MountRequest): void;
  /** `detach`: MNT_DETACH. False when nothing was mounted there (EINVAL, ENOENT). Never follows a symlink. */
  unmount(target: string, options?: { readonly detach?: boolean }): boolean;
  list(): readonly MountInfo[];
}
