/** CPU time of a control group. Times in nanoseconds. */
export interface CpuUsage {
  readonly total: number;
  readonly user: number;
  readonly system: number;
  /** By processor; v1 only. */
  readonly perCpu?: readonly number[];
  readonly periods: number;
  readonly throttledPeriods: number;
  readonly throttledTime: number;
}

/** Memory of a control group, in bytes. */
export interface MemoryUsage {
  readonly usage: number;
  /** v1 only, as `failures`. */
  readonly maxUsage?: number;
  readonly failures?: number;
  /** Undefined: no limit. */
  readonly limit: number | undefined;
  /** Lines of memory.stat, whose names differ between v1 and v2. */
  readonly stat: Readonly<Record<string, number>>;
}

/** Bytes moved between a control group and one block device; `operation` is "read", "write", ... */
export interface BlockIo {
  readonly major: number;
  readonly minor: number;
  readonly operation: string;
  readonly value: number;
}

/** What the processes of a control group, with those of its children, have used so far. */
export interface CgroupUsage {
  readonly cpu: CpuUsage;
  readonly memory: MemoryUsage;
  /** `limit` undefined: none. */
  readonly pids: { readonly current: number; readonly limit: number | undefined };
  readonly blockIo: readonly BlockIo[];
}

/** Counters of one network interface since it was made (proc_pid_net(5), net/dev). */
export interface InterfaceUsage {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

/** What the whole machine has: processor time of all states in nanoseconds, processors that run, memory in bytes. */
export interface HostUsage {
  readonly cpuTime: number;
  readonly cpus: number;
  readonly memory: number;
}

/** Accounting, read from the kernel's files. Synchronous: one control group costs some 0.2 ms. */
export interface Usage {
  /** Undefined when there is no such group (any more). */
  cgroup(path: string): CgroupUsage | undefined;
  /** Most bytes its processes held at once; undefined where the kernel does not count it (v2 before Linux 5.19). */
  memoryPeak(path: string): number | undefined;
  /** How many processes of the group were killed because memory was short, in the group or on the machine. */
  oomKills(path: string): number;
  /** Of the network namespace of a process, without the loopback; empty when it has ended. */
  interfaces(pid: number): readonly InterfaceUsage[];
  host(): HostUsage;
}
