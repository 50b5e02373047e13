import { KeyedQueue } from "../base/async.ts";
import { hasKind, messageOf } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import type { Logger } from "../base/log.ts";
import type { Kernel } from "../kernel/index.ts";
import type { Plugins } from "../plugin/index.ts";
import type { Database } from "../store/index.ts";
import { duplicate, restore } from "./duplicate.ts";
import { openFolders } from "./local/folders.ts";
import { LocalDriver } from "./local/local-driver.ts";
import { mountOf } from "./local/options.ts";
import { pluginDrivers } from "./plugin/plugin-drivers.ts";
import { isEmpty, populate } from "./populate.ts";
import { checkPropagation } from "./propagation.ts";
import { VolumeRegistry } from "./registry.ts";
import { openVolumeStore } from "./store.ts";
import { openSubpaths } from "./subpath.ts";
import type { ImageContent, VolumeRecord, Volumes } from "./volume.ts";
import { VolumeThreads } from "./worker/pool.ts";

export interface VolumeSettings {
  /** Folder of the volumes, e.g. /var/lib/wharf/volumes. */
  readonly root: string;
  /** Folder for mounts of the moment, on tmpfs. */
  readonly runFolder: string;
  readonly database: Database;
  readonly kernel: Pick<Kernel, "mounts" | "files">;
  readonly plugins: Plugins;
  readonly log: Logger;
}

const NO_OPTIONS = {};

/** Opens the volume room: the `local` driver, and those of plugins. */
export function openVolumes({ root, runFolder, database, kernel, plugins, log }: VolumeSettings): Volumes {
  const folders = openFolders(root, kernel.mounts);
  const store = openVolumeStore(database, folders.data);
  const threads = new VolumeThreads();
  const queue = new KeyedQueue();
  const optionsOf = (name: string) => store.find(name)?.options ?? NO_OPTIONS;
  const local = new LocalDriver({ folders, kernel, threads, log, optionsOf });
  const registry = new VolumeRegistry({ store, local, plugins: pluginDrivers(plugins), queue });
  const subpaths = openSubpaths(runFolder, kernel);
  const copies = { files: kernel.files, folders, threads };

  /** A folder of ours that is used as it is. */
  const isPlain = ({ driver, options, mountpoint }: VolumeRecord): boolean =>
    driver === "local" && mountOf(options, mountpoint) === undefined;

  /** Who has it mounted is kept where it must be unmounted one day. */
  const mountNow = async (volume: VolumeRecord, id: string): Promise<string> => {
    const { name } = volume;
    const path = await (await registry.driver(volume.driver)).mount(name, id);
    if (isPlain(volume)) return path;
    store.setMounted(name, id, true);
    if (volume.driver !== "local") store.setMountpoint(name, path);
    return path;
  };

  const unmountNow = async (volume: VolumeRecord, id: string): Promise<void> => {
    if (isPlain(volume) || !store.isMounted(volume.name, id)) return;
    await (await registry.driver(volume.driver)).unmount(volume.name, id);
    store.setMounted(volume.name, id, false);
  };

  const withMount = async <T>(volume: VolumeRecord, id: string, body: (path: string) => Promise<T>) => {
    const driver = await registry.driver(volume.driver);
    const path = await driver.mount(volume.name, id);
    try {
      return await body(path);
    } finally {
      if (!isPlain(volume)) await driver.unmount(volume.name, id);
    }
  };
  const duplicates = { ...copies, local, mounted: withMount, isPlain };

  const populateNow = async (name: string, id: string, subpath: string, content: ImageContent) => {
    const volume = registry.get(name);
    const plain = isPlain(volume);
    if (plain && subpath === "" && !isEmpty(await local.mount(name, id))) return;
    if (!content.isPossible()) return;
    const copyId = `${id}-copy`;
    await withMount(volume, copyId, async (path) => {
      using held = new DisposableStack();
      const target = subpath === "" ? path : holdForCopy(path, subpath, copyId, held);
      if (target === undefined) return;
      const isAlone = store.users(name).every((user) => user === id);
      const whole = plain && subpath === "" && isAlone ? name : undefined;
      await populate(copies, { target, whole }, content);
    });
  };

  /** A subpath that is not there is refused by the start, not by the creation. */
  const holdForCopy = (path: string, subpath: string, key: string, held: DisposableStack) => {
    try {
      const prepared = subpaths.hold(path, subpath, key);
      held.defer(prepared.release);
      return prepared.path;
    } catch (error) {
      if (hasKind(error, "notFound") || hasKind(error, "invalidParameter")) return undefined;
      throw error;
    }
  };

  /** In the background where a plugin has a part in it: the engine comes up without waiting for others. */
  const undoStaleMounts = async (running: ReadonlySet<string>): Promise<void> => {
    for (const { volume: name, container } of store.mounted()) {
      const volume = registry.get(name);
      if (running.has(container)) {
        if (volume.driver === "local") local.adopt(name, container);
        continue;
      }
      const undone = unmountNow(volume, container).catch((error: unknown) =>
        log.warn("a volume of a container that has ended is still mounted", {
          volume: name,
          error: messageOf(error),
        }),
      );
      if (volume.driver === "local") await undone;
    }
  };

  return {
    list: store.list,
    get: (name) => registry.get(name),
    listAll: () => registry.listAll(),
    find: (name) => registry.find(name),
    create: (request) => registry.create(request),
    remove: (name, { force }) => registry.remove(name, force),
    reserve: (name, containerId) => void store.addUser(name, containerId),
    release: (name, containerId) => void store.removeUser(name, containerId),
    releaseAll: (containerId) => void store.removeContainer(containerId),
    users: store.users,
    mount: (name, containerId) => queue.run(name, () => mountNow(registry.get(name), containerId)),
    unmount: (name, containerId) =>
      queue.run(name, async () => {
        const volume = store.find(name);
        if (volume) await unmountNow(volume, containerId);
      }),
    hold: (name) =>
      queue.run(name, async () => {
        const volume = registry.get(name);
        const id = newId();
        const driver = await registry.driver(volume.driver);
        const path = await driver.mount(name, id);
        return { path, release: async () => (isPlain(volume) ? undefined : driver.unmount(name, id)) };
      }),
    holdSubpath: (folder, subpath, key) => subpaths.hold(folder, subpath, key),
    populate: (name, containerId, subpath, content) =>
      queue.run(name, () => populateNow(name, containerId, subpath, content)),
    copy: (from, to) => queue.run(to, () => duplicate(duplicates, registry.get(from), registry.get(to))),
    restore: (name, from) =>
      queue.run(name, async () => restore(duplicates, registry.get(from), registry.get(name))),
    attach: (pid, mount) => threads.run({ kind: "attach", pid, mount }),
    detach: (pid, destination) => threads.run({ kind: "detach", pid, destination }),
    checkPropagation: (source, propagation) => checkPropagation(kernel.mounts.list(), source, propagation),
    async usage(name) {
      const volume = registry.get(name);
      return volume.driver === "local" ? threads.run({ kind: "size", folder: volume.mountpoint }) : -1;
    },
    async recover(known, running) {
      subpaths.recover();
      await undoStaleMounts(running);
      for (const id of store.containers()) if (!known.has(id)) store.removeContainer(id);
      for (const { parent, name } of folders.leftovers()) local.delete(parent, name);
    },
    close: () => threads.close(),
  };
}
