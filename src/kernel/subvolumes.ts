/** Subvolumes of btrfs(5). Paths are absolute and ours alone. Synchronous. Throws KernelError. */
export interface Subvolumes {
  create(path: string): void;
  /** A writable snapshot of a subvolume under a new path on the same filesystem. */
  snapshot(source: string, path: string): void;
  /** With all that is in it, at once; the space comes back in the background. ENOTEMPTY when others are inside. */
  remove(path: string): void;
  /** At most so many bytes of its own, shared ones not counted. Switches quotas of the filesystem on. */
  limit(path: string, bytes: number): void;
}
