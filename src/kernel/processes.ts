/** A process that is not our child, held by a pidfd so that its number cannot come to mean another (pidfd_open(2)). */
export interface ProcessHandle extends Disposable {
  readonly pid: number;
  /**
   * Settles when the process has ended (zombies count as ended). Not any more once the handle is disposed of or
   * `PacketSockets.close` has ended the thread that watches.
   */
  readonly ended: Promise<void>;
  isAlive(): boolean;
  /** False when it is already gone. */
  signal(signal: number): boolean;
}

export interface Processes {
  /** Undefined when no such process lives. */
  open(pid: number): ProcessHandle | undefined;
  /** Start time in clock ticks since boot (field 22 of proc_pid_stat(5)): with the pid, a process's identity. */
  startTime(pid: number): number | undefined;
  /** Asks the kernel for the hard and soft limit of a resource ("nofile", "nproc", ...) of this process. */
  limit(resource: string): { readonly soft: bigint; readonly hard: bigint };
}
