import type { Change } from "../../image/index.ts";
import type { AttachedStdio } from "../attach/connection.ts";
import { type PruneReport, pruneContainers } from "../prune/containers.ts";
import { type StatsOptions, type StatsSample, statsOf } from "../stats/stats.ts";
import { type UpdateRequest, update } from "../update/update.ts";
import type { ContainerView, Filters } from "../views.ts";
import type { Explanation } from "../why/why.ts";
import { type AttachRequest, attach } from "./attach.ts";
import type { ExitStatus } from "./container.ts";
import { type Created, create } from "./create.ts";
import type { CreateContainer } from "./documents.ts";
import { exportRoot } from "./export.ts";
import { kill } from "./kill.ts";
import type { Kit } from "./kit.ts";
import { type ListOptions, list } from "./list.ts";
import type { LiveMount } from "./live-mounts.ts";
import { type Logs, type LogsRequest, logs } from "./logs.ts";
import { pause, unpause } from "./pause.ts";
import { type RemoveOptions, remove } from "./remove.ts";
import { rename } from "./rename.ts";
import { resize } from "./resize.ts";
import { restart } from "./restart.ts";
import { size } from "./size.ts";
import { start } from "./start.ts";
import { type StopOptions, stop } from "./stop.ts";
import type { EndedRun } from "./take-over.ts";
import { type ProcessList, top } from "./top.ts";
import { inspectLaunched, inspectView } from "./view.ts";
import { type WaitCondition, wait } from "./wait.ts";

/** A container's verbs. `reference` is a name, an id or a unique id prefix; notFound is thrown where there is none. */
export interface Containers {
  create(request: CreateContainer, signal: AbortSignal): Promise<Created>;
  /** See takeOver. */
  takeOver(run: EndedRun): Promise<void>;
  /** Whether there is a container of this id. */
  has(id: string): boolean;
  list(options: ListOptions): Iterable<ContainerView>;
  inspect(reference: string): ContainerView;
  /** The same, after a start that goes on: see LAUNCH_PATIENCE. */
  inspectLaunched(reference: string): Promise<ContainerView>;
  size(reference: string): Promise<{ readonly rw: number; readonly rootFs: number }>;
  start(reference: string): Promise<void>;
  stop(reference: string, options: StopOptions): Promise<void>;
  restart(reference: string, options: StopOptions): Promise<void>;
  /** `client`: how it calls itself, for those who ask later who it was. */
  kill(reference: string, signal: string | undefined, client?: string): Promise<void>;
  pause(reference: string, client?: string): Promise<void>;
  why(reference: string): Promise<Explanation>;
  unpause(reference: string): Promise<void>;
  rename(reference: string, name: string): Promise<void>;
  remove(reference: string, options: RemoveOptions): Promise<void>;
  prune(filters: Filters): Promise<PruneReport>;
  wait(
    reference: string,
    condition: WaitCondition,
    signal: AbortSignal,
  ): Promise<{ readonly exited: Promise<ExitStatus> }>;
  attach(reference: string, request: AttachRequest, signal: AbortSignal): Promise<AttachedStdio>;
  logs(reference: string, request: LogsRequest, signal: AbortSignal): Promise<Logs>;
  /** Samples of what it uses: one now, then one a second while it is listened to. */
  stats(reference: string, options: StatsOptions, signal: AbortSignal): Promise<AsyncIterable<StatsSample>>;
  /** Changes limits and restart policy; warnings for people. */
  update(reference: string, change: UpdateRequest): Promise<readonly string[]>;
  resize(reference: string, size: { readonly width: number; readonly height: number }): Promise<void>;
  changes(reference: string): Promise<readonly Change[]>;
  export(reference: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Rows of ps(1) for its processes. */
  top(reference: string, psArgs: string): Promise<ProcessList>;
  /** Mounts a bind or a volume into a container that exists, at once when it runs. */
  addMount(reference: string, mount: LiveMount): Promise<{ readonly destination: string }>;
  removeMount(reference: string, target: string): Promise<void>;
}

export function createContainers(kit: Kit): Containers {
  const stats = statsOf(kit);
  return {
    create: (request, signal) => create(kit, request, signal),
    takeOver: async (run) => (await import("./take-over.ts")).takeOver(kit, run),
    has: (id) => kit.table.get(id) !== undefined,
    list: (options) => list(kit, options),
    inspect: (reference) => inspectView(kit, kit.table.resolve(reference)),
    inspectLaunched: (reference) => inspectLaunched(kit, reference),
    size: (reference) => size(kit, reference),
    start: async (reference) => start(kit, reference),
    stop: (reference, options) => stop(kit, reference, options),
    restart: (reference, options) => restart(kit, reference, options),
    kill: (reference, signal, client) => kill(kit, reference, signal, client),
    why: async (reference) => (await import("../why/why.ts")).why(kit, reference),
    pause: async (reference, client) => pause(kit, reference, client),
    unpause: async (reference) => unpause(kit, reference),
    rename: async (reference, name) => rename(kit, reference, name),
    remove: (reference, options) => remove(kit, reference, options),
    prune: (filters) => pruneContainers(kit, filters),
    wait: async (reference, condition, signal) => wait(kit, reference, condition, signal),
    attach: (reference, request, signal) => attach(kit, reference, request, signal),
    logs: (reference, request, signal) => logs(kit, reference, request, signal),
    stats: async (reference, options, signal) => stats(reference, options, signal),
    update: async (reference, change) => update(kit, reference, change),
    resize: (reference, dimensions) => resize(kit, reference, dimensions),
    changes: async (reference) => kit.layers.changes(kit.table.resolve(reference).id),
    export: (reference, signal) => exportRoot(kit, reference, signal),
    top: (reference, psArgs) => top(kit, reference, psArgs),
    addMount: async (reference, mount) => (await import("./live-mounts.ts")).addMount(kit, reference, mount),
    removeMount: async (reference, target) =>
      (await import("./live-mounts.ts")).removeMount(kit, reference, target),
  };
}
