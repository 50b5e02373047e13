/** What lies at a path in a container. `mode` as in stat(2). */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  /** RFC 3339. */
  readonly mtime: string;
  /** Where a symlink leads in the end, as a path in the container; empty for all others. */
  readonly linkTarget: string;
}

/** Files of a container, running or not. */
export interface Archives {
  /** Throws notFound when there is nothing. */
  stat(reference: string, path: string): Promise<PathStat>;
  /** A tar of the file or folder, whose first member has the path's last name. */
  read(
    reference: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }>;
  /** Unpacks a tar, possibly compressed, into the folder. */
  write(
    reference: string,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options: {
      /** Refuse a folder in place of a file, and the other way round. */
      readonly keepKinds: boolean;
      /** Files belong to the container's user instead of the owners in the archive. */
      readonly asContainerUser: boolean;
    },
    signal: AbortSignal,
  ): Promise<void>;
}
