import { KeyedQueue } from "../base/async.ts";
import type { Logger } from "../base/log.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Plugins } from "../plugin/index.ts";
import type { Database } from "../store/index.ts";
import { openFolders } from "./local/folders.ts";
import { LocalDriver } from "./local/local-driver.ts";
import { openSwaps } from "./local/swap.ts";
import { pluginDrivers } from "./plugin/plugin-drivers.ts";
import { VolumeRegistry } from "./registry.ts";
import { VolumeRoom } from "./room.ts";
import { openVolumeStore } from "./store.ts";
import { openSubpaths } from "./subpath.ts";
import { copyAttributes } from "./tree/index.ts";
import type { Volumes } from "./volume.ts";
import { VolumeThreads } from "./worker/pool.ts";

export interface VolumeSettings {
  /** Folder of the volumes, e.g. /var/lib/wharf/volumes. */
  readonly root: string;
  /** Folder for mounts of the moment, on tmpfs. */
  readonly runFolder: string;
  readonly database: Database;
  readonly kernel: Pick<Kernel, "mounts" | "files" | "quotas">;
  readonly plugins: Plugins;
  readonly log: Logger;
}

/** Project ids below are left to administrators and to other engines. */
const FIRST_PROJECT = 0x57480000;

/** Opens the volume room: the `local` driver, and those of plugins. */
export function openVolumes({ root, runFolder, database, kernel, plugins, log }: VolumeSettings): Volumes {
  const folders = openFolders(root, kernel.mounts);
  const store = openVolumeStore(database, folders.data);
  const threads = new VolumeThreads();
  const queue = new KeyedQueue();
  const optionsOf = (name: string) => store.find(name)?.options ?? {};
  const projectOf = (name: string) => FIRST_PROJECT + store.numberOf(name);
  const local = new LocalDriver({ folders, kernel, threads, log, optionsOf, projectOf });
  const registry = new VolumeRegistry({ store, local, plugins: pluginDrivers(plugins), queue });
  const subpaths = openSubpaths(runFolder, kernel);
  const swaps = openSwaps({
    root: folders.swapping,
    data: folders.data,
    dress: (from, to) => copyAttributes(kernel.files, from, to),
    discard: (folder) => local.delete(...folders.forget(folder)),
  });
  return new VolumeRoom({ folders, store, threads, queue, local, registry, subpaths, swaps, kernel, log });
}
