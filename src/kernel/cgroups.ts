/** How this host mounts control groups: cgroups(7). "hybrid": v1 controllers plus a v2 tree at `unified`. */
export type CgroupMode = "v1" | "hybrid" | "v2";

/** Which limits the kernel can keep on this host; what it cannot has no control file. */
export interface LimitSupport {
  readonly memory: boolean;
  readonly swap: boolean;
  /** A soft limit of memory. */
  readonly reservation: boolean;
  readonly swappiness: boolean;
  readonly oomKillDisable: boolean;
  readonly cpuShares: boolean;
  readonly cpuQuota: boolean;
  /** Time for real-time processes. */
  readonly cpuRealtime: boolean;
  readonly cpuset: boolean;
  readonly pids: boolean;
  readonly blkioWeight: boolean;
  readonly blkioWeightDevice: boolean;
  /** Bytes and operations a second, of one block device. */
  readonly blkioThrottle: boolean;
  /** Processors and memory nodes that groups may be bound to: "0-3,7"; empty where there is no cpuset. */
  readonly cpus: string;
  readonly mems: string;
}

/** Control groups read and changed through their files; `path` is relative to the hierarchy root: "/wharf/<id>". */
export interface Cgroups {
  readonly mode: CgroupMode;
  /** Controllers that can be used, e.g. "cpu", "memory", "pids". */
  readonly controllers: ReadonlySet<string>;
  /** Processors and memory nodes, which come and go, are read anew each time. */
  limits(): LimitSupport;
  /** Processes in the group itself, of any hierarchy that has it. */
  processes(path: string): readonly number[];
  /** Freezer state; no-op when it already is. */
  freeze(path: string, frozen: boolean): Promise<void>;
  /** Kills every process in the group until it is empty (v2: cgroup.kill). */
  killAll(path: string): Promise<void>;
  /** Removes the group, with its children, from every hierarchy. True if any was there. Throws EBUSY if populated. */
  remove(path: string): Promise<boolean>;
  /** Takes a limit of the group away: of the number of processes, or of CPU time. */
  unlimit(path: string, limit: "pids" | "cpu"): void;
  /**
   * Calls `told` each time the group has no memory left: when processes of it were killed (v2), or wait because the OOM
   * killer is disabled (v1). Undefined for a v1 group with an OOM killer, of which the kernel tells monitors alone, and
   * when there is no such group.
   */
  watchOom(path: string, told: () => void): Disposable | undefined;
  /** Names of the direct children over all hierarchies. */
  children(path: string): readonly string[];
}
