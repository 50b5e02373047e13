import type { KeyedQueue } from "../base/async.ts";
import { hasKind, messageOf } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import type { Logger } from "../base/log.ts";
import type { Kernel, MountInside } from "../kernel/index.ts";
import { type DuplicateParts, duplicate, restore } from "./duplicate.ts";
import type { Folders } from "./local/folders.ts";
import type { LocalDriver } from "./local/local-driver.ts";
import { mountOf } from "./local/options.ts";
import type { Swaps } from "./local/swap.ts";
import { isEmpty, isThere, populate } from "./populate.ts";
import { checkPropagation } from "./propagation.ts";
import type { VolumeRegistry } from "./registry.ts";
import type { VolumeStore } from "./store.ts";
import type { Subpaths } from "./subpath.ts";
import type { CreateVolume, ImageContent, Prepared, VolumeRecord, Volumes } from "./volume.ts";
import type { VolumeThreads } from "./worker/pool.ts";

export interface RoomParts {
  readonly folders: Folders;
  readonly store: VolumeStore;
  readonly threads: VolumeThreads;
  /** One action at a time on a volume. */
  readonly queue: KeyedQueue;
  readonly local: LocalDriver;
  readonly registry: VolumeRegistry;
  readonly subpaths: Subpaths;
  readonly swaps: Swaps;
  readonly kernel: Pick<Kernel, "mounts" | "files" | "quotas">;
  readonly log: Logger;
}

/** A folder of the engine's own that is used as it is, and may be replaced by another one. */
const isPlain = ({ driver, options, mountpoint }: VolumeRecord): boolean =>
  driver === "local" && options["size"] === undefined && mountOf(options, mountpoint) === undefined;

export class VolumeRoom implements Volumes {
  readonly #parts: RoomParts;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  list(): readonly VolumeRecord[] {
    return this.#parts.store.list();
  }

  get(name: string): VolumeRecord {
    return this.#parts.registry.get(name);
  }

  listAll() {
    return this.#parts.registry.listAll();
  }

  find(name: string) {
    return this.#parts.registry.find(name);
  }

  create(request: CreateVolume): Promise<VolumeRecord> {
    return this.#parts.registry.create(request);
  }

  remove(name: string, { force }: { readonly force: boolean }): Promise<boolean> {
    return this.#parts.registry.remove(name, force);
  }

  reserve(name: string, containerId: string): void {
    this.#parts.store.addUser(name, containerId);
  }

  release(name: string, containerId: string): void {
    this.#parts.store.removeUser(name, containerId);
  }

  releaseAll(containerId: string): void {
    this.#parts.store.removeContainer(containerId);
  }

  users(name: string): readonly string[] {
    return this.#parts.store.users(name);
  }

  /** Who has it mounted is kept where it must be unmounted one day. */
  mount(name: string, containerId: string): Promise<string> {
    const { queue, store, registry } = this.#parts;
    return queue.run(name, async () => {
      const volume = this.get(name);
      const path = await (await registry.driver(volume.driver)).mount(name, containerId);
      if (isPlain(volume)) return path;
      store.setMounted(name, containerId, true);
      if (volume.driver !== "local") store.setMountpoint(name, path);
      return path;
    });
  }

  unmount(name: string, containerId: string): Promise<void> {
    return this.#parts.queue.run(name, async () => {
      const volume = this.#parts.store.find(name);
      if (volume) await this.#unmount(volume, containerId);
    });
  }

  async #unmount(volume: VolumeRecord, id: string): Promise<void> {
    const { store, registry } = this.#parts;
    if (isPlain(volume) || !store.isMounted(volume.name, id)) return;
    await (await registry.driver(volume.driver)).unmount(volume.name, id);
    store.setMounted(volume.name, id, false);
  }

  hold(name: string): Promise<{ readonly path: string; release(): Promise<void> }> {
    const { queue, registry } = this.#parts;
    return queue.run(name, async () => {
      const volume = this.get(name);
      const id = newId();
      const driver = await registry.driver(volume.driver);
      const path = await driver.mount(name, id);
      return { path, release: async () => (isPlain(volume) ? undefined : driver.unmount(name, id)) };
    });
  }

  /** For work within the queue. */
  async #mounted<T>(volume: VolumeRecord, id: string, body: (path: string) => Promise<T>): Promise<T> {
    const driver = await this.#parts.registry.driver(volume.driver);
    const path = await driver.mount(volume.name, id);
    try {
      return await body(path);
    } finally {
      if (!isPlain(volume)) await driver.unmount(volume.name, id);
    }
  }

  holdSubpath(folder: string, subpath: string, key: string): Prepared {
    return this.#parts.subpaths.hold(folder, subpath, key);
  }

  populate(name: string, containerId: string, subpath: string, content: ImageContent): Promise<void> {
    return this.#parts.queue.run(name, () => this.#populate(this.get(name), containerId, subpath, content));
  }

  async #populate(volume: VolumeRecord, id: string, subpath: string, content: ImageContent): Promise<void> {
    const { local, store, folders, threads, kernel } = this.#parts;
    const { name } = volume;
    const plain = isPlain(volume);
    if (plain && subpath === "" && !isEmpty(await local.mount(name, id))) return;
    if (!content.isPossible()) return;
    // To mount it may take another machine.
    if (!plain && !isThere(kernel.files, content)) return;
    const copyId = `${id}-copy`;
    await this.#mounted(volume, copyId, async (path) => {
      using held = new DisposableStack();
      const target = subpath === "" ? path : this.#holdForCopy(path, subpath, copyId, held);
      if (target === undefined) return;
      const isAlone = store.users(name).every((user) => user === id);
      const whole = plain && subpath === "" && isAlone ? name : undefined;
      await populate({ files: kernel.files, folders, threads }, { target, whole }, content);
    });
  }

  /** A subpath that is not there is refused by the start, not by the creation. */
  #holdForCopy(path: string, subpath: string, key: string, held: DisposableStack): string | undefined {
    try {
      const prepared = this.holdSubpath(path, subpath, key);
      held.defer(prepared.release);
      return prepared.path;
    } catch (error) {
      if (hasKind(error, "notFound") || hasKind(error, "invalidParameter")) return undefined;
      throw error;
    }
  }

  copy(from: string, to: string): Promise<void> {
    return this.#parts.queue.run(to, () => duplicate(this.#duplicates(), this.get(from), this.get(to)));
  }

  restore(name: string, from: string, { inPlace }: { readonly inPlace: boolean }): Promise<void> {
    return this.#parts.queue.run(name, async () =>
      restore(this.#duplicates(), this.get(from), this.get(name), inPlace),
    );
  }

  #duplicates(): DuplicateParts {
    const { folders, threads, local, swaps, kernel } = this.#parts;
    return {
      files: kernel.files,
      folders,
      threads,
      local,
      swaps,
      isPlain,
      mounted: (volume, id, body) => this.#mounted(volume, id, body),
    };
  }

  attach(pid: number, mount: MountInside): Promise<string> {
    return this.#parts.threads.run({ kind: "attach", pid, mount });
  }

  detach(pid: number, destination: string): Promise<boolean> {
    return this.#parts.threads.run({ kind: "detach", pid, destination });
  }

  checkPropagation(source: string, propagation: string): void {
    if (/shared$|slave$/.test(propagation))
      checkPropagation(this.#parts.kernel.mounts.list(), source, propagation);
  }

  async usage(name: string): Promise<number> {
    const { driver, mountpoint } = this.get(name);
    return driver === "local" ? this.#parts.threads.run({ kind: "size", folder: mountpoint }) : -1;
  }

  async recover(known: ReadonlySet<string>, running: ReadonlySet<string>): Promise<void> {
    const { store, subpaths, folders, local } = this.#parts;
    subpaths.recover();
    await this.#undoStaleMounts(running);
    for (const id of store.containers()) if (!known.has(id)) store.removeContainer(id);
    this.#finishSwaps();
    for (const { parent, name } of folders.leftovers()) {
      this.#finishRemoval(folders.removedName(parent, name));
      local.delete(parent, name);
    }
  }

  /** Restores into volumes in use that the engine was killed in. */
  #finishSwaps(): void {
    const { swaps, store, log } = this.#parts;
    for (const name of swaps.pending()) {
      try {
        if (store.find(name)) swaps.finish(name);
      } catch (error) {
        log.error("a restore that was cut short could not be finished; the next start tries again", {
          volume: name,
          error,
        });
      }
    }
  }

  /** In the background where a plugin has a part in it: the engine comes up without waiting for others. */
  async #undoStaleMounts(running: ReadonlySet<string>): Promise<void> {
    const { store, local, log } = this.#parts;
    for (const { volume: name, container } of store.mounted()) {
      const volume = this.get(name);
      if (running.has(container)) {
        if (volume.driver === "local") local.adopt(name, container);
        continue;
      }
      const undone = this.#unmount(volume, container).catch((error: unknown) =>
        log.warn("a volume of a container that has ended is still mounted", {
          volume: name,
          error: messageOf(error),
        }),
      );
      if (volume.driver === "local") await undone;
    }
  }

  /** The engine was killed between the two steps of a removal: what has no folder any more has no row either. */
  #finishRemoval(name: string | undefined): void {
    const { store, folders } = this.#parts;
    if (name === undefined || folders.exists(name) || !store.find(name)) return;
    if (store.users(name).length === 0) store.delete(name);
  }

  close(): Promise<void> {
    return this.#parts.threads.close();
  }
}
