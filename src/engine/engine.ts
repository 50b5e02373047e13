import { KeyedQueue } from "../base/async.ts";
import { type Archives, createArchives } from "./archive/archives.ts";
import { type Containers, createContainers } from "./containers/containers.ts";
import { handleExit, handleOutOfMemory } from "./containers/exit.ts";
import type { Kit } from "./containers/kit.ts";
import { startNow } from "./containers/start.ts";
import { longestStop, stopEverything } from "./containers/stop-everything.ts";
import { openContainerStore } from "./containers/store.ts";
import { ContainerTable } from "./containers/table.ts";
import { EventBus } from "./events/bus.ts";
import { type Execs, ExecTable } from "./exec/execs.ts";
import { createImages, type ImageVerbs } from "./images/images.ts";
import { checkLogConfig } from "./logs/drivers.ts";
import { stopLog } from "./logs/keeper.ts";
import { createNetworks, type NetworkVerbs } from "./networks/networks.ts";
import type { EngineDeps } from "./ports.ts";
import { ExitGate } from "./recovery/exit-gate.ts";
import { recover } from "./recovery/recover.ts";
import { createSystem, type System } from "./system/system.ts";
import { createVolumes, type VolumeVerbs } from "./volumes/volumes.ts";

/** The engine: containers on top of images, networks, volumes and the runtime. */
export interface EngineRoom {
  readonly containers: Containers;
  readonly archives: Archives;
  readonly execs: Execs;
  readonly images: ImageVerbs;
  readonly networks: NetworkVerbs;
  readonly volumes: VolumeVerbs;
  readonly system: System;
  /** Makes records, processes, mounts and networks agree after a start of the engine; before any client is served. */
  recover(): Promise<void>;
  /** The most seconds that a running container has to end in before it is killed; -1: one has no limit. */
  longestStop(): number;
  /** Stops every running container (each by its own signal and timeout): a shutdown without live restore. */
  shutDown(): Promise<void>;
  /** From here on nothing is restarted. Containers that still run go on under their monitors. */
  close(): Promise<void>;
}

export async function createEngine(deps: EngineDeps): Promise<EngineRoom> {
  checkLogConfig({ Type: deps.settings.logDriver, Config: deps.settings.logOptions });
  const closing = new AbortController();
  const kit: Kit = {
    ...deps,
    table: new ContainerTable(openContainerStore(deps.db)),
    queue: new KeyedQueue(),
    events: new EventBus(),
    releasing: new Set(),
    launch: (container) => startNow(kit, container),
    closing: closing.signal,
  };
  const exits = new ExitGate((id, exit) => handleExit(kit, id, exit));
  deps.runtime.onOom((id) => handleOutOfMemory(kit, id));
  deps.runtime.onExit((id, exit) => exits.pass(id, exit));
  return {
    containers: createContainers(kit),
    archives: createArchives(kit),
    execs: new ExecTable(kit),
    images: createImages(kit),
    networks: createNetworks(kit),
    volumes: createVolumes(kit),
    system: createSystem(kit),
    recover: () => recover(kit, exits),
    longestStop: () => longestStop(kit),
    shutDown: () => {
      closing.abort();
      return stopEverything(kit);
    },
    close: async () => {
      closing.abort();
      exits.close();
      for (const container of kit.table.all()) {
        container.restart?.cancel();
        container.health?.stop();
      }
      await kit.queue.idle();
      await Promise.allSettled(kit.releasing);
      await Promise.allSettled([...kit.table.all()].map(stopLog));
    },
  };
}
