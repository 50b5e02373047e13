import { constants, lstatSync } from "node:fs";
import { readlink } from "node:fs/promises";
import { KeyedQueue } from "../../base/async.ts";
import { conflict, errnoOf, invalidParameter, notFound, systemError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { Logger } from "../../base/log.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { Database } from "../../store/index.ts";
import { checkVolumeName } from "../parse/wish.ts";
import type { CreateVolume, VolumeRecord, Volumes } from "../volume.ts";
import { treeSize } from "./copy-tree.ts";
import { openFolders } from "./folders.ts";
import { mountOf } from "./options.ts";
import { populateVolume } from "./populate.ts";
import { openVolumeStore } from "./store.ts";

export interface VolumeSettings {
  /** Folder of the volumes, e.g. /var/lib/wharf/volumes. */
  readonly root: string;
  readonly database: Database;
  readonly kernel: Pick<Kernel, "mounts" | "files">;
  readonly log: Logger;
}

/** Opens the volume room with its `local` driver. */
export function openVolumes({ root, database, kernel, log }: VolumeSettings): Volumes {
  const folders = openFolders(root, kernel.mounts);
  const store = openVolumeStore(database, folders.data);
  const queue = new KeyedQueue();
  /** Containers that have a volume with mount options mounted, by volume: mounted for the first, unmounted after the last. */
  const holders = new Map<string, Set<string>>();

  const get = (name: string): VolumeRecord => {
    const volume = store.find(name);
    if (!volume) throw notFound(`get ${name}: no such volume`);
    return volume;
  };

  const checkDriver = (driver: string): void => {
    if (driver !== "local") {
      throw invalidParameter(
        `error looking up volume plugin ${driver}: plugin "${driver}" not found; "local" is the only driver yet`,
      );
    }
  };

  const create = async (request: CreateVolume): Promise<VolumeRecord> => {
    const name = request.name ? checkVolumeName(request.name) : newId();
    const driver = request.driver || "local";
    checkDriver(driver);
    const existing = store.find(name);
    if (existing) return existing;
    mountOf(name, request.options, folders.data(name));
    const anonymous = !request.name;
    const created = new Date().toISOString();
    const record = {
      name,
      driver,
      mountpoint: folders.data(name),
      created,
      labels: request.labels,
      options: request.options,
      anonymous,
    };
    await folders.create(name);
    store.insert(record);
    return record;
  };

  const remove = async (name: string, force: boolean): Promise<void> => {
    const users = store.users(name);
    if (users.length > 0) throw conflict(`remove ${name}: volume is in use - [${users.join(", ")}]`);
    if (force && !store.find(name)) return;
    get(name);
    const removed = await folders.moveAway(name);
    store.delete(name);
    if (removed === undefined) return;
    // Out of sight and unknown already: what is left of the deletion must not fail the request.
    void folders
      .deleteRemoved(removed)
      .catch((error: unknown) => log.error("a removed volume's data is left", { volume: name, error }));
  };

  const mountOptions = (volume: VolumeRecord, containerId: string): void => {
    const request = mountOf(volume.name, volume.options, volume.mountpoint);
    if (!request) return;
    const held = holders.get(volume.name) ?? new Set<string>();
    const isMounted = kernel.mounts.list().some(({ target }) => target === volume.mountpoint);
    if (!isMounted) {
      try {
        kernel.mounts.mount(request);
      } catch (cause) {
        throw systemError(`cannot mount volume ${volume.name} (${JSON.stringify(volume.options)})`, cause);
      }
    }
    holders.set(volume.name, held.add(containerId));
  };

  /** Resolved beneath the volume by the kernel, so that no symlink in it leads out. */
  const resolveSubpath = async (volume: VolumeRecord, subpath: string): Promise<string> => {
    if (subpath === "") return volume.mountpoint;
    const top = kernel.files.openRoot(volume.mountpoint);
    try {
      const fd = kernel.files.openIn(top, subpath, constants.O_RDONLY);
      try {
        return await readlink(`/proc/self/fd/${fd}`);
      } finally {
        kernel.files.close(fd);
      }
    } catch (cause) {
      throw invalidParameter(
        `cannot use subpath ${subpath} of volume ${volume.name}: ${errnoOf(cause) ?? "it cannot be opened"}`,
        cause,
      );
    } finally {
      kernel.files.close(top);
    }
  };

  const requireFolder = (volume: VolumeRecord): void => {
    try {
      lstatSync(volume.mountpoint);
    } catch (cause) {
      throw systemError(
        `the data folder of volume ${volume.name} is gone (${volume.mountpoint}): restore it or remove the volume`,
        cause,
      );
    }
  };

  return {
    list: store.list,
    get,
    create: (request) => (request.name ? queue.run(request.name, () => create(request)) : create(request)),
    remove: (name, { force }) => queue.run(name, () => remove(name, force)),
    reserve: (name, containerId) => void store.addUser(name, containerId),
    releaseAll: (containerId) => void store.removeUser(containerId),
    users: store.users,
    mount: (name, containerId, subpath) =>
      queue.run(name, () => {
        const volume = get(name);
        requireFolder(volume);
        mountOptions(volume, containerId);
        return resolveSubpath(volume, subpath);
      }),
    unmount: (name, containerId) =>
      queue.run(name, async () => {
        const held = holders.get(name);
        if (!held?.delete(containerId) || held.size > 0) return;
        holders.delete(name);
        kernel.mounts.unmount(folders.data(name), { detach: true });
      }),
    populate: (name, rootfs, folder) =>
      queue.run(name, () =>
        populateVolume({ files: kernel.files, store }, { name, data: get(name).mountpoint }, rootfs, folder),
      ),
    usage: (name) => treeSize(get(name).mountpoint),
    async recover(containers) {
      for (const id of store.containers()) if (!containers.has(id)) store.removeUser(id);
      await folders.deleteLeftovers();
    },
  };
}
