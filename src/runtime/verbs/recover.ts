import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ProcessHandle } from "../../kernel/index.ts";
import { readExitFile } from "../monitor/exits.ts";
import { bundleAt } from "../monitor/layout.ts";
import { openProcess } from "../monitor/process.ts";
import { type ContainerRecord, readRecord } from "../monitor/record.ts";
import type { Container } from "../monitor/supervisor.ts";
import type { Survivor } from "../runtime.ts";
import type { RuntimeDeps } from "./deps.ts";

/** Finds what became of these containers; those that still run are watched from now on. */
export async function recoverContainers(
  deps: RuntimeDeps,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Survivor>> {
  const found = await Promise.all(ids.map(async (id) => [id, await recover(deps, id)] as const));
  return new Map(found);
}

async function recover(deps: RuntimeDeps, id: string): Promise<Survivor> {
  const bundle = bundleAt(join(deps.layout.containers, id));
  const record = readRecord(bundle.record);
  const ended = readExitFile(deps.layout.exits, id) !== undefined;
  if (!record) return { status: "lost" };
  const monitor = openProcess(deps.kernel, record.monitorPid, record.monitorStartTime);
  if (!monitor && !ended) return lose(deps, record);
  const runtime = deps.runtimes.restore(record.runtime);
  const container = deps.supervisor.add({ id, bundle, runtime, record }, monitorEnd(monitor));
  return statusOf(deps, container);
}

/** Nobody can tell its exit code nor read its output any more: what still runs of it is ended. */
async function lose(deps: RuntimeDeps, record: ContainerRecord): Promise<Survivor> {
  using process = openProcess(deps.kernel, record.pid, record.startTime);
  if (process?.signal(9)) await process.ended;
  return { status: "lost" };
}

async function monitorEnd(monitor: ProcessHandle | undefined): Promise<void> {
  using handle = monitor;
  await handle?.ended;
}

async function statusOf(deps: RuntimeDeps, { id, record, exited, runtime }: Container): Promise<Survivor> {
  const { pid, monitorPid, startTime } = record;
  using process = openProcess(deps.kernel, pid, startTime);
  // Its monitor is about to write the exit file, or has.
  if (!process) return { status: "exited", exit: await exited };
  return { status: (await runtime.waits(id)) ? "created" : "running", pid, monitorPid };
}

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/**
 * Ids with anything left on the exec root, known or not. Cgroups do not count: other engines keep their containers under
 * the same parent, and a container of this one has a bundle as long as it has a cgroup.
 */
export function findTraces(deps: RuntimeDeps): readonly string[] {
  const { layout, runtimes } = deps;
  const states = runtimes.all.flatMap(({ choice }) => namesIn(join(layout.states, choice.name)));
  const ids = [...namesIn(layout.containers), ...namesIn(layout.exits), ...states];
  return [...new Set(ids)].filter((id) => !id.startsWith("."));
}
