/** How this host mounts control groups: cgroups(7). "hybrid": v1 controllers plus a v2 tree at `unified`. */
export type CgroupMode = "v1" | "hybrid" | "v2";

/** Control groups read and changed through their files; `path` is relative to the hierarchy root: "/wharf/<id>". */
export interface Cgroups {
  readonly mode: CgroupMode;
  /** Controllers that can be used, e.g. "cpu", "memory", "pids". */
  readonly controllers: ReadonlySet<string>;
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
  /** Names of the direct children over all hierarchies. */
  children(path: string): readonly string[];
}
