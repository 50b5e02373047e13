/** What is put into a container that runs. */
export interface MountInside {
  /** Host path of the folder or file. Symlinks are followed, by whoever is allowed to name it. */
  readonly source: string;
  /** Absolute, in the container; symlinks in it are followed inside the container only. Made where it is missing. */
  readonly destination: string;
  readonly readonly: boolean;
  /** With the mounts below the source. */
  readonly recursive: boolean;
}

/**
 * Mounts of running containers, changed from inside their mount namespaces (open_tree(2), move_mount(2), setns(2)).
 * For a worker thread only: the thread leaves the working directory and root it shares with the others (unshare(2),
 * CLONE_FS), and is in the container's namespace for the length of a call. Throws KernelError.
 */
export interface ContainerMounts {
  /** `pid`: a process of the container. Returns the destination with its symlinks followed. */
  attach(pid: number, mount: MountInside): string;
  /** False when nothing is mounted there. Throws EBUSY while somebody uses it. */
  detach(pid: number, destination: string): boolean;
}
