import type { CgroupUsage, HostUsage, InterfaceUsage } from "../kernel/index.ts";
import type { HostDocument } from "./spec/input.ts";
import type { OciSpec } from "./spec/oci-spec.ts";

/** An OCI runtime by its name in `--runtime`. */
export interface RuntimeChoice {
  readonly name: string;
  /** Command and leading arguments, e.g. `["/usr/bin/crun"]`. */
  readonly command: readonly string[];
  /** The same for `exec`, where that can be had cheaper. */
  readonly exec?: readonly string[];
}

export interface CreateProcess {
  readonly id: string;
  readonly runtime: RuntimeChoice;
  readonly spec: OciSpec;
  readonly tty: boolean;
  readonly stdin: boolean;
  /** Close the container's stdin when the first attached client ends its own (StdinOnce). */
  readonly stdinOnce: boolean;
  /** Where the monitor writes the log, or undefined for none. */
  readonly logPath?: string;
}

/** A container process under its monitor: created, waiting for `start`. */
export interface CreatedProcess {
  readonly pid: number;
  readonly monitorPid: number;
}

export interface Exit {
  readonly code: number;
  /** When it ended, RFC 3339 with nanoseconds where known. */
  readonly at: string;
  readonly oomKilled: boolean;
  readonly evidence?: ExitEvidence;
}

/** What the machine knows of an end, read before the control group goes. Each is left out where nothing is known. */
export interface ExitEvidence {
  /** Most bytes its processes held at once. */
  readonly memoryPeak?: number;
  /** Processes of it that the kernel killed because memory was short. */
  readonly oomKills?: number;
  /** The last of them, and whether the machine was out of memory rather than the container at its limit. */
  readonly victim?: { readonly name: string; readonly pid: number; readonly machine: boolean };
  /** The kernel's line about the first process, when it ended by a fault: "segfault at 0 ip ...". */
  readonly fault?: string;
  /** Its monitor was killed, so its exit code is not known. */
  readonly monitorLost?: true;
}

export type StreamName = "stdout" | "stderr";
export interface OutputChunk {
  readonly stream: StreamName;
  readonly data: Uint8Array;
}

/** A client's connection to the stdio of a process under its monitor. */
export interface Stdio {
  /** Ends when the process's output has ended. With a TTY everything is "stdout". */
  output(): AsyncIterable<OutputChunk>;
  write(data: Uint8Array): Promise<void>;
  /** End of stdin. */
  end(): Promise<void>;
  close(): void;
}

/** A line (or part of one) of a container's log. */
export interface LogEntry {
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: StreamName;
  /** With its line feed, unless `partial`. Valid until the next entries are asked for. */
  readonly data: Uint8Array;
  readonly partial: boolean;
}

/** A place in a log, which rotations do not move. */
export interface LogPosition {
  /** Number of the file: the first a log ever had is 1. */
  readonly file: number;
  readonly offset: number;
}

/** Some entries, and the place after them. */
export interface LogBatch {
  readonly entries: readonly LogEntry[];
  readonly next: LogPosition;
}

/** How much of a log is kept. */
export interface LogLimits {
  /** Bytes after which the next file is begun. */
  readonly maxSize: number;
  /** Files, the one that is written among them. */
  readonly maxFiles: number;
  /** Pack the ended ones. */
  readonly compress: boolean;
  /** The first file that somebody still has to read: it and those after it stay, however many they are. */
  readonly needed?: () => number;
}

/** Of a terminal, in characters. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface AttachOptions {
  /**
   * False for a client that only reads: its going then never ends the stdin of a StdinOnce container. True by default.
   */
  readonly stdin?: boolean;
}

export interface ReadLog {
  readonly since?: string;
  readonly until?: string;
  /** Last n lines; undefined for all. */
  readonly tail?: number;
  readonly follow: boolean;
  /** With `follow`: settles when the container has ended; what is written by then is read, and then it is over. */
  readonly ended?: Promise<unknown>;
  readonly signal?: AbortSignal;
}

export interface ExecProcess {
  readonly id: string;
  readonly containerId: string;
  readonly runtime: RuntimeChoice;
  /** OCI process object. */
  readonly process: NonNullable<OciSpec["process"]>;
  readonly tty: boolean;
  readonly stdin: boolean;
  /** False for an exec that nobody listens to. True by default. */
  readonly attach?: boolean;
}

/** A started exec. `stdio` is there unless `attach` was false. */
export interface RunningExec extends CreatedProcess {
  readonly stdio: Stdio | undefined;
  readonly exited: Promise<Exit>;
}

/** What a running container uses, together with what the machine has at that moment. */
export interface ContainerUsage {
  readonly cgroup: CgroupUsage;
  /** Of its network namespace, without the loopback. */
  readonly interfaces: readonly InterfaceUsage[];
  readonly host: HostUsage;
}

/** What survives of a container when the engine starts anew. */
export type Survivor =
  | { readonly status: "running"; readonly pid: number; readonly monitorPid: number }
  | { readonly status: "created"; readonly pid: number; readonly monitorPid: number }
  | { readonly status: "exited"; readonly exit: Exit }
  /** Neither monitor nor exit file: the machine was rebooted, or somebody killed the monitor. */
  | { readonly status: "lost" };

/**
 * Containers under their monitors: engine -> conmon -> crun|runc. The monitor outlives the engine; its exit file tells
 * the exit code whoever watches. All state is on the exec root (tmpfs): bundle, pid files, exit file, attach socket.
 */
export interface Runtime {
  /** Runtimes that work on this host, the default first. */
  readonly runtimes: readonly RuntimeChoice[];
  choose(name: string | undefined): RuntimeChoice;
  /** Bundle, monitor, `runtime create`. Errors: command not found, not executable (kinds and words as Docker's). */
  create(request: CreateProcess, signal?: AbortSignal): Promise<CreatedProcess>;
  start(id: string): Promise<void>;
  /** Connects to the stdio of a created or running container; before `start` no byte is missed. */
  attach(id: string, options?: AttachOptions): Promise<Stdio>;
  resize(id: string, size: Size): Promise<void>;
  /** False when it had already ended. */
  kill(id: string, signal: number): Promise<boolean>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Undefined when it does not run. Synchronous: some 0.3 ms. */
  usage(id: string): ContainerUsage | undefined;
  /** Changes the limits of a running container: those that `change` names, as Docker's Resources name them. */
  update(id: string, change: HostDocument): Promise<void>;
  /** Called once per ended container, also for those that ended while no engine ran (after `recover`). */
  onExit(listener: (id: string, exit: Exit) => void): void;
  /** Called each time the kernel finds a container's control group out of memory, also if nothing of it ends. */
  onOom(listener: (id: string) => void): void;
  /** Removes every trace: runtime state, cgroup, bundle, exit file. Ends the process first if it still runs. */
  remove(id: string): Promise<void>;
  /** Some entries at a time. */
  readLog(path: string, options: ReadLog): AsyncIterable<readonly LogEntry[]>;
  /** The log from a place on (its beginning without one), to be resumed at any batch; waits for more until `ended`. */
  followLog(
    path: string,
    from: LogPosition | undefined,
    until: { readonly ended: Promise<unknown>; readonly signal: AbortSignal },
  ): AsyncIterable<LogBatch>;
  /** Bytes that were written after a place. */
  logBytesAfter(path: string, position: LogPosition): Promise<number>;
  /** Keeps a running container's log within limits until it is disposed of. No byte is lost between two files. */
  limitLog(id: string, path: string, limits: LogLimits): AsyncDisposable;

  /** An exec will be started soon: what takes the kernel a while is begun. */
  expectExec(): void;
  exec(request: ExecProcess): Promise<RunningExec>;
  resizeExec(execId: string, size: Size): Promise<void>;

  /** Finds what became of these containers; starts watching those that still run. */
  recover(ids: readonly string[]): Promise<ReadonlyMap<string, Survivor>>;
  /** Ids that have state on the exec root or a cgroup, known or not: for orphan removal. */
  traces(): Promise<readonly string[]>;
  close(): Promise<void>;
}
