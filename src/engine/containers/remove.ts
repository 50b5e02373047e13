import { rm } from "node:fs/promises";
import { runAll } from "../../base/async.ts";
import { conflict, errnoOf, hasKind, messageOf } from "../../base/errors.ts";
import { stopLog } from "../logs/keeper.ts";
import { answer, type Container } from "./container.ts";
import { endNow } from "./end.ts";
import { removeImageLayers } from "./image-mounts.ts";
import { alone, type Kit } from "./kit.ts";
import { removeLink } from "./links.ts";
import { volumesOf } from "./mounts.ts";
import { containerFolder } from "./paths.ts";
import { publish } from "./publish.ts";
import { facts, isActive, transition } from "./state.ts";
import { tearDown } from "./tear-down.ts";

export interface RemoveOptions {
  /** End it first if it runs. */
  readonly force: boolean;
  /** Its anonymous volumes as well. */
  readonly volumes: boolean;
  /** A name given by a legacy link instead of the container. */
  readonly link: boolean;
}

export async function remove(kit: Kit, reference: string, options: RemoveOptions): Promise<void> {
  if (options.link) return removeLink(kit, reference);
  const container = kit.table.resolve(reference);
  refuseRemoval(container, options.force);
  container.held++;
  try {
    await alone(kit, container, async () => {
      refuseRemoval(container, options.force);
      await endNow(kit, container);
      await removeNow(kit, container, options);
    });
  } finally {
    container.held--;
  }
}

function refuseRemoval(container: Container, force: boolean): void {
  const { state, name, id } = container;
  if (state.status === "removing") throw conflict(`removal of container ${id} is already in progress`);
  if (force || !isActive(state)) return;
  const remedy =
    state.status === "paused"
      ? "container is paused and must be unpaused first"
      : `container is ${state.status}: stop the container before removing or force remove`;
  throw conflict(`cannot remove container "/${name}": ${remedy}`);
}

/**
 * Removes an ended container: the caller holds it. The row goes last, so that a crash in between is finished by the
 * next start of the engine. A failure leaves it "dead", to be removed again.
 */
export async function removeNow(
  kit: Kit,
  container: Container,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  const { id } = container;
  const status = { exitCode: facts(container.state).exitCode };
  const { state } = transition(container.state, { type: "removalStarted" });
  kit.table.saveLife(container, { state, removesVolumes: volumes });
  for (const attach of container.pendingAttaches) attach.giveUp();
  container.pendingAttaches.clear();
  try {
    await tearDown(kit, container);
    await container.log?.drained();
    await stopLog(container);
    await runAll(`could not remove everything of container ${id}`, [
      () => kit.layers.remove(id),
      () => removeImageLayers(kit, container),
      () => rm(containerFolder(kit.settings, id), { recursive: true, force: true }),
      () => releaseVolumes(kit, container, volumes),
    ]);
  } catch (error) {
    kit.table.saveState(container, transition(container.state, { type: "removalFailed" }).state);
    const told = { ...status, error: messageOf(error) };
    answer(container.removalWaits, told);
    answer(container.exitWaits, told);
    throw error;
  }
  kit.table.delete(container);
  publish(kit, container, "destroy");
  answer(container.removalWaits, status);
  answer(container.exitWaits, status);
}

async function releaseVolumes(kit: Kit, container: Container, andAnonymous: boolean): Promise<void> {
  kit.volumes.releaseAll(container.id);
  if (!andAnonymous) return;
  const named = new Set(volumesOf(container));
  const anonymous = kit.volumes.list().filter((volume) => volume.anonymous && named.has(volume.name));
  for (const { name, driver } of anonymous) await removeVolume(kit, name, driver);
}

/** One that another container has come to use stays. */
async function removeVolume(kit: Kit, name: string, driver: string): Promise<void> {
  try {
    if (!(await kit.volumes.remove(name, { force: true }))) return;
  } catch (error) {
    if (hasKind(error, "conflict") || hasKind(error, "notFound") || errnoOf(error) === "ENOENT") return;
    throw error;
  }
  kit.events.publish("volume", "destroy", name, { driver });
}
