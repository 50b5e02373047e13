import type {
  ContainerConfig,
  HostConfig,
  Mount,
  NetworkingConfig,
  Resources,
  RestartPolicy,
} from "../../schema/container.ts";
import type { ContainerView } from "./container-view.ts";
import type { StatsSample } from "./stats.ts";
import type { AttachedStdio } from "./stdio.ts";
import type { Filters, Labels } from "./values.ts";

export interface CreateContainer {
  readonly name: string | undefined;
  readonly platform: string | undefined;
  /** Read-only binds that say nothing else leave what is mounted below them writable: old clients expect it. */
  readonly flatReadonly?: boolean;
  /** On v1 a container that says nothing is in the host's cgroup namespace, whatever the engine's default: the same. */
  readonly hostCgroupns?: boolean;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly networking: NetworkingConfig;
}

export interface AttachRequest {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Replay the log first. */
  readonly logs: boolean;
  /** Stay for what is to come. */
  readonly stream: boolean;
}

export interface LogsRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** RFC 3339 or undefined. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly tail: number | undefined;
}

export interface LogLine {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** With its line feed, where the process wrote one. */
  readonly data: Uint8Array;
}

export interface Logs {
  /** Some lines at a time. */
  readonly lines: AsyncIterable<readonly LogLine[]>;
  /** Labels and environment the log options ask for; shown with `details`. */
  readonly details: Labels | undefined;
}

export type WaitCondition = "not-running" | "next-exit" | "removed";

/** Why a container ended, does not start, is unhealthy, or that it runs well. */
export interface ContainerExplanation {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly status: string;
  readonly cause: string;
  readonly well: boolean;
  readonly summary: string;
  readonly evidence: readonly { readonly name: string; readonly text: string }[];
  readonly log: readonly string[];
  readonly advice: readonly { readonly text: string; readonly command?: string }[];
}

export interface StopOptions {
  readonly signal: string | undefined;
  readonly timeout: number | undefined;
  /** How the client calls itself (User-Agent): kept, for those who ask later who stopped it. */
  readonly client?: string | undefined;
}

export interface Containers {
  create(
    request: CreateContainer,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  list(options: {
    readonly all: boolean;
    readonly limit: number | undefined;
    readonly filters: Filters;
  }): Iterable<ContainerView>;
  inspect(reference: string): ContainerView;
  /** The same, after a start that goes on. */
  inspectLaunched(reference: string): Promise<ContainerView>;
  /** Bytes: writable layer and whole root filesystem. */
  size(reference: string): Promise<{ readonly rw: number; readonly rootFs: number }>;
  /** Throws notModified when it already runs. */
  start(reference: string): Promise<void>;
  /** `timeout` in seconds, -1 for none; undefined: the container's own or 10. Throws notModified when stopped. */
  stop(reference: string, options: StopOptions): Promise<void>;
  restart(reference: string, options: StopOptions): Promise<void>;
  kill(reference: string, signal: string | undefined, client?: string): Promise<void>;
  pause(reference: string, client?: string): Promise<void>;
  /** Why it is as it is, in words. */
  why(reference: string): Promise<ContainerExplanation>;
  unpause(reference: string): Promise<void>;
  rename(reference: string, name: string): Promise<void>;
  remove(
    reference: string,
    options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean },
  ): Promise<void>;
  prune(filters: Filters): Promise<{ readonly deleted: readonly string[]; readonly reclaimed: number }>;
  /** Resolves at once to a promise of the exit, so that the server can send headers before it happens. */
  wait(
    reference: string,
    condition: WaitCondition,
    signal: AbortSignal,
  ): Promise<{ readonly exited: Promise<{ readonly exitCode: number; readonly error?: string }> }>;
  attach(reference: string, request: AttachRequest, signal: AbortSignal): Promise<AttachedStdio>;
  /** Without `stdout`/`stderr` filtering done by the caller. */
  logs(reference: string, request: LogsRequest, signal: AbortSignal): Promise<Logs>;
  /** One sample now, then one a second: for ever with `stream`, else until there are two (with `oneShot`: one). */
  stats(
    reference: string,
    options: { readonly stream: boolean; readonly oneShot: boolean },
    signal: AbortSignal,
  ): Promise<AsyncIterable<StatsSample>>;
  /** Changes what the request names; warnings for people. */
  update(
    reference: string,
    change: {
      readonly resources: Resources & Pick<HostConfig, "Init">;
      readonly restartPolicy: RestartPolicy | undefined;
    },
  ): Promise<readonly string[]>;
  resize(reference: string, size: { readonly width: number; readonly height: number }): Promise<void>;
  changes(
    reference: string,
  ): Promise<readonly { readonly path: string; readonly kind: "modified" | "added" | "deleted" }[]>;
  export(reference: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Rows of `ps` for the container's processes. */
  top(
    reference: string,
    psArgs: string,
  ): Promise<{ readonly titles: readonly string[]; readonly processes: readonly (readonly string[])[] }>;
  /** Mounts a bind or a volume into a container that exists, at once when it runs; where it is. */
  addMount(
    reference: string,
    mount: { readonly bind?: string; readonly mount?: Mount },
  ): Promise<{ readonly destination: string }>;
  /** Throws conflict while it is used. */
  removeMount(reference: string, target: string): Promise<void>;
}
