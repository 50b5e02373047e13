import { existsSync, lstatSync } from "node:fs";
import { dirname } from "node:path";
import { systemError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { VolumeDriver } from "../driver.ts";
import { deleteTree, isSmall } from "../tree/index.ts";
import type { VolumeThreads } from "../worker/pool.ts";
import type { Folders } from "./folders.ts";
import { checkLocalOptions, mountFailure, mountOf, sizeLimit, withAddress } from "./options.ts";

export interface LocalParts {
  readonly folders: Folders;
  readonly kernel: Pick<Kernel, "mounts" | "files" | "quotas">;
  readonly threads: VolumeThreads;
  readonly log: Logger;
  /** Of a volume that exists. */
  readonly optionsOf: (name: string) => Readonly<Record<string, string>>;
  /** A number that no other volume has, for its quota. */
  readonly projectOf: (name: string) => number;
}

/** A tree so small is worked on at once: a thread would cost more. */
const FEW_ENTRIES = 50;
const FEW_BYTES = 4 * 1024 * 1024;
export const fitsHere = (folder: string): boolean => isSmall(folder, FEW_ENTRIES, FEW_BYTES);

/** The `local` driver: folders of the engine, with `type`, `o` and `device` mounts onto them. */
export class LocalDriver implements VolumeDriver {
  readonly name = "local";
  readonly scope = "local";
  readonly #parts: LocalParts;
  /** Who has a volume with mount options mounted: mounted for the first, unmounted after the last. */
  readonly #holders = new Map<string, Set<string>>();

  constructor(parts: LocalParts) {
    this.#parts = parts;
  }

  async create(name: string, options: Readonly<Record<string, string>>): Promise<void> {
    const { folders, kernel } = this.#parts;
    checkLocalOptions(options, () => kernel.quotas.isSupported(folders.make()));
    folders.create(name);
  }

  /** Out of sight at once; the deletion goes on by itself and, after a crash, at the next start. */
  async remove(name: string): Promise<void> {
    const { folders, kernel } = this.#parts;
    // A mount nobody uses any more, as a crash leaves it.
    if (this.mountRequest(name) && !this.#holders.get(name)?.size) kernel.mounts.unmount(folders.data(name));
    const away = folders.moveAway(name);
    if (away !== undefined) this.delete(folders.removing, away);
  }

  /** In the background. */
  delete(parent: string, name: string): void {
    const { threads, kernel, log } = this.#parts;
    const deleted = async () => {
      if (fitsHere(`${parent}/${name}`)) deleteTree(kernel.files, parent, name);
      else await threads.run({ kind: "delete", parent, name });
    };
    deleted().catch((error: unknown) =>
      log.error("what is left of a removed volume was not deleted; the next start tries again", {
        folder: `${parent}/${name}`,
        error,
      }),
    );
  }

  mountRequest(name: string) {
    return mountOf(this.#parts.optionsOf(name), this.#parts.folders.data(name));
  }

  async mount(name: string, id: string): Promise<string> {
    const { folders, kernel } = this.#parts;
    const folder = folders.data(name);
    requireFolder(name, folder);
    this.#limit(name, folder);
    const request = this.mountRequest(name);
    if (!request) return folder;
    if (!kernel.mounts.list().some(({ target }) => target === folder)) {
      const addressed = await withAddress(request);
      try {
        kernel.mounts.mount(addressed);
      } catch (cause) {
        throw mountFailure(addressed, cause);
      }
    }
    this.#holders.set(name, (this.#holders.get(name) ?? new Set()).add(id));
    return folder;
  }

  /** Each time, for the filesystem may have been mounted anew. */
  #limit(name: string, folder: string): void {
    const bytes = sizeLimit(this.#parts.optionsOf(name));
    if (bytes > 0) this.#parts.kernel.quotas.limit(folder, this.#parts.projectOf(name), bytes);
  }

  /** A container that an earlier engine left running holds it still. */
  adopt(name: string, id: string): void {
    this.#holders.set(name, (this.#holders.get(name) ?? new Set()).add(id));
  }

  async unmount(name: string, id: string): Promise<void> {
    const holders = this.#holders.get(name);
    holders?.delete(id);
    if (holders && holders.size > 0) return;
    this.#holders.delete(name);
    if (this.mountRequest(name))
      this.#parts.kernel.mounts.unmount(this.#parts.folders.data(name), { detach: true });
  }

  async get(name: string) {
    const mountpoint = this.#parts.folders.data(name);
    return existsSync(dirname(mountpoint)) ? { name, mountpoint } : undefined;
  }

  async list() {
    return [];
  }
}

function requireFolder(name: string, folder: string): void {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return;
  throw systemError(`the data folder of volume ${name} is gone (${folder}): restore it or remove the volume`);
}
