import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runAll } from "../../base/async.ts";
import { errnoOf } from "../../base/errors.ts";
import { type Bundle, bundleAt } from "../monitor/layout.ts";
import { openProcess } from "../monitor/process.ts";
import { type ContainerRecord, readRecord } from "../monitor/record.ts";
import { type Container, endProcess } from "../monitor/supervisor.ts";
import type { OciRuntime } from "../oci/oci-runtime.ts";
import type { RuntimeDeps } from "./deps.ts";

/** What a container leaves behind, by where it lies. */
export interface Traces {
  readonly id: string;
  readonly bundle: Bundle;
  /** Undefined when nobody knows it any more: the state folders of all runtimes are looked into. */
  readonly runtime: OciRuntime | undefined;
  readonly cgroup: string | undefined;
}

/** Removes every trace, whatever fails, and reports all failures together. */
export async function removeTraces(
  deps: RuntimeDeps,
  { id, bundle, runtime, cgroup }: Traces,
): Promise<void> {
  const runtimes = runtime ? [runtime] : deps.runtimes.all;
  await runAll(`cannot remove everything of container ${id}`, [
    ...runtimes.map((known) => () => known.discard(id)),
    () => cgroup && removeCgroup(deps, cgroup),
    () => rmSync(bundle.folder, { recursive: true, force: true }),
    () => rmSync(join(deps.layout.exits, id), { force: true }),
  ]);
}

/** A process that has just been killed may hold its cgroup for a moment longer. */
async function removeCgroup({ kernel: { cgroups } }: RuntimeDeps, path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await cgroups.remove(path);
      return;
    } catch (error) {
      if (errnoOf(error) !== "EBUSY" || attempt === 10) throw error;
      await cgroups.killAll(path);
      await sleep(attempt * 5);
    }
  }
}

/** Ends a container's process, if it runs, and removes every trace. Fine when there is none. */
export async function removeContainer(deps: RuntimeDeps, id: string): Promise<void> {
  const known = deps.supervisor.find(id);
  const bundle = known?.bundle ?? bundleAt(join(deps.layout.containers, id));
  const record = known?.record ?? readRecord(bundle.record);
  await runAll(`cannot remove everything of container ${id}`, [
    () => (known ? endKnown(deps, known) : endUnknown(deps, id, record)),
    () =>
      removeTraces(deps, {
        id,
        bundle,
        runtime: known?.runtime ?? (record && deps.runtimes.restore(record.runtime)),
        cgroup: record ? record.cgroup : join(deps.cgroupParent, id),
      }),
  ]);
  deps.supervisor.forget(id);
  deps.earlyClients.forget(id);
}

/** How long a monitor may take to notice the end of its container, ms. */
const MONITOR_PATIENCE = 10_000;

async function endKnown(deps: RuntimeDeps, { exited, record }: Container): Promise<void> {
  await endProcess(deps.kernel, record);
  if (await within(MONITOR_PATIENCE, exited)) return;
  // Its end settles `exited`: the supervisor then answers in its place.
  await endProcess(deps.kernel, { pid: record.monitorPid, startTime: record.monitorStartTime });
  await exited;
}

async function endUnknown(deps: RuntimeDeps, id: string, record: ContainerRecord | undefined): Promise<void> {
  // Without a record (the engine was killed during `create`) a container is known by its cgroup alone.
  if (!record) return deps.kernel.cgroups.killAll(join(deps.cgroupParent, id));
  await endProcess(deps.kernel, record);
  using monitor = openProcess(deps.kernel, record.monitorPid, record.monitorStartTime);
  if (!monitor || (await within(MONITOR_PATIENCE, monitor.ended))) return;
  monitor.signal(9);
  await monitor.ended;
}

/** False when the promise takes longer. */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const patience = new AbortController();
  const late = sleep(milliseconds, false, { signal: patience.signal }).catch(() => true);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    patience.abort();
  }
}
