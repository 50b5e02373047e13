import { readdir, rm } from "node:fs/promises";
import { errnoOf } from "../../base/errors.ts";
import { isFullId } from "../../base/ids.ts";
import type { Container } from "../containers/container.ts";
import { within } from "../containers/end.ts";
import { handleExit } from "../containers/exit.ts";
import { imageLayersOf, removeOrphanLayers } from "../containers/image-mounts.ts";
import { alone, type Kit, settled } from "../containers/kit.ts";
import { volumesOf } from "../containers/mounts.ts";
import { containerFolder } from "../containers/paths.ts";
import { unpauseNow } from "../containers/pause.ts";
import { removeNow } from "../containers/remove.ts";
import { facts, isRunning } from "../containers/state.ts";
import { tearDown } from "../containers/tear-down.ts";
import { startHealth } from "../health/monitor.ts";
import { resumeLog } from "../logs/keeper.ts";
import { restartsWithEngine } from "../restart/policy.ts";
import type { ExitGate } from "./exit-gate.ts";
import { planRecovery, type RecoveryStep, runningAfter } from "./plan.ts";
import { inOrder, needsOf } from "./restart-order.ts";

/** Milliseconds that the starts by policy may take before the engine answers; dockerd waits for as long as they take. */
const STARTS = 30_000;

/**
 * Makes records and machine agree after any kind of end of the last engine: looks, plans, then acts. A step that fails
 * is logged and does not keep the others, or the engine, from coming up.
 */
export async function recover(kit: Kit, exits: ExitGate): Promise<void> {
  const containers = [...kit.table.all()];
  const ids = containers.map(({ id }) => id);
  const survivors = await kit.runtime.recover(ids);
  const steps = planRecovery({
    records: containers.map(({ record }) => record),
    survivors,
    traces: await kit.runtime.traces(),
    shm: await kit.shm.list(),
    now: new Date().toISOString(),
  });
  const running = runningAfter(steps);
  const pids = new Map(steps.flatMap((step) => (step.do === "adopt" ? [[step.id, step.pid]] : [])));
  await kit.networks.recover(running, (id) => pids.get(id));
  await kit.layers.recover(inUse(containers, running));
  const orphanVolumes = findOrphanVolumes(kit, new Set(ids));
  await kit.volumes.recover(new Set(ids), running);
  for (const name of orphanVolumes) await kit.volumes.remove(name, { force: true });
  await removeOrphans(kit, new Set(ids));
  for (const step of steps) await execute(kit, step);
  exits.open();
  for (const container of kit.table.all()) if (!running.has(container.id)) resumeLog(kit, container, false);
  // One that hangs, in a hook or a plugin, starts when it can: the others want to be managed.
  if (!(await within(restartPolicies(kit, running), STARTS)))
    kit.log.warn("containers that their policy wants running are still being started");
}

/** The layers of containers that run, those of their image mounts among them. */
const inUse = (containers: readonly Container[], running: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...running, ...containers.filter(({ id }) => running.has(id)).flatMap(imageLayersOf)]);

/** Anonymous volumes reserved by containers that never got, or no longer have, a row. */
function findOrphanVolumes(kit: Kit, known: ReadonlySet<string>): readonly string[] {
  const anonymous = kit.volumes.list().filter((volume) => volume.anonymous);
  return anonymous
    .map(({ name }) => name)
    .filter((name) => {
      const users = kit.volumes.users(name);
      return users.length > 0 && users.every((id) => !known.has(id));
    });
}

async function execute(kit: Kit, step: RecoveryStep): Promise<void> {
  kit.log.info(`recovery: ${step.do}`, { id: step.id, why: step.why });
  try {
    await run(kit, step);
  } catch (error) {
    kit.log.error(`recovery: ${step.do} failed`, { id: step.id, error });
  }
}

async function run(kit: Kit, step: RecoveryStep): Promise<void> {
  if (step.do === "removeTraces") {
    await kit.runtime.remove(step.id);
    await kit.shm.remove(step.id);
    return;
  }
  const container = kit.table.get(step.id);
  if (!container) return;
  switch (step.do) {
    case "adopt":
      return adopt(kit, container, step.pid);
    case "recordExit":
      handleExit(kit, step.id, step.exit);
      // What the exit set off (tear-down, removal) is behind this in the queue.
      return settled(kit, container);
    case "clear":
      return alone(kit, container, () => tearDown(kit, container));
    case "finishRemoval":
      return alone(kit, container, () =>
        removeNow(kit, container, { volumes: container.record.life.removesVolumes === true }),
      );
  }
}

/**
 * Same process, same start: only the pid is taken from what was found. One that the last engine had frozen for a copy is
 * thawed.
 */
async function adopt(kit: Kit, container: Container, pid: number): Promise<void> {
  const { state } = container;
  if (!isRunning(state)) return;
  if (state.pid !== pid) kit.table.saveState(container, { ...state, pid });
  for (const name of volumesOf(container)) container.mounted.add(name);
  adoptNetworks(kit, container);
  startHealth(kit, container);
  resumeLog(kit, container, true);
  if (state.status === "paused" && state.briefly) await unpauseNow(kit, container);
}

/** The networks a running container is on are those of its sandbox, also if the last engine died while it joined one. */
function adoptNetworks(kit: Kit, container: Container): void {
  const sandbox = kit.networks.sandbox(container.id);
  const { networks } = container.record.document;
  if (sandbox?.netns === undefined || Object.keys(networks).includes("none")) return;
  const live = new Map(sandbox.endpoints.map((endpoint) => [endpoint.networkName, endpoint]));
  const idOf = new Map(sandbox.endpoints.map(({ networkId, networkName }) => [networkId, networkName]));
  const kept = Object.entries(networks).filter(([key]) => live.has(key) || idOf.has(key));
  const named = new Set(kept.map(([key]) => idOf.get(key) ?? key));
  const added = [...live].filter(([name]) => !named.has(name)).map(([name, { request }]) => [name, request]);
  if (added.length === 0 && kept.length === Object.keys(networks).length) return;
  kit.table.saveDocument(container, { networks: Object.fromEntries([...kept, ...added]) });
}

/** Ids that have a folder: the first thing a creation makes and the last thing a removal takes away. */
async function foldersIn(containersFolder: string): Promise<readonly string[]> {
  try {
    return (await readdir(containersFolder)).filter(isFullId);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Layers and folders of containers that never got, or no longer have, a row. */
async function removeOrphans(kit: Kit, known: ReadonlySet<string>): Promise<void> {
  const ids = await foldersIn(kit.settings.containersFolder);
  for (const id of ids.filter((name) => !known.has(name))) {
    try {
      await kit.layers.remove(id);
      await removeOrphanLayers(kit, id);
      await rm(containerFolder(kit.settings, id), { recursive: true, force: true });
    } catch (error) {
      kit.log.error("recovery: could not remove what a creation has left", { id, error });
    }
  }
}

/** Starts what its policy wants running; nothing that ended while no engine was there waits for its turn any longer. */
function restartPolicies(kit: Kit, running: ReadonlySet<string>): Promise<void> {
  const wanted = [...kit.table.all()].filter(
    (container) => !running.has(container.id) && wantsRestart(container),
  );
  const start = (container: Container): Promise<void> =>
    alone(kit, container, async () => {
      if (kit.closing.aborted || !wantsRestart(container)) return;
      container.restart?.cancel();
      container.restart = undefined;
      await kit.launch(container);
    }).catch((error: unknown) => {
      kit.log.error("could not restart the container", { id: container.id, error });
    });
  return inOrder(wanted, (container) => needsOf(kit.table, container), start);
}

function wantsRestart({ state, record: { life, document } }: Container): boolean {
  if (state.status === "restarting") return true;
  if (state.status !== "exited") return false;
  const { exitCode } = facts(state);
  return restartsWithEngine({ policy: document.hostConfig.RestartPolicy, exitCode, ...life });
}
