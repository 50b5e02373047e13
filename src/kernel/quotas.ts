/** Limits on folders by project quotas (quotactl_fd(2), Linux 5.14). Throws KernelError. */
export interface Quotas {
  /** Whether the filesystem of a folder counts by project (ext4 and XFS mounted with `prjquota`). */
  isSupported(folder: string): boolean;
  /** Puts an empty folder, and all that will be made in it, into a project of at most so many bytes. */
  limit(folder: string, project: number, bytes: number): void;
}
