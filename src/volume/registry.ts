import type { KeyedQueue } from "../base/async.ts";
import { conflict, EngineError, hasKind, kindOf, messageOf, notFound } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import type { DriverVolume, VolumeDriver, VolumeDrivers } from "./driver.ts";
import { checkVolumeName } from "./parse/wish.ts";
import type { VolumeStore } from "./store.ts";
import {
  ANONYMOUS_LABEL,
  type CreateVolume,
  type VolumeDetails,
  type VolumeList,
  type VolumeRecord,
} from "./volume.ts";

export interface RegistryParts {
  readonly store: VolumeStore;
  readonly local: VolumeDriver;
  readonly plugins: VolumeDrivers;
  /** One action at a time on a volume. */
  readonly queue: KeyedQueue;
}

const noSuchVolume = (name: string): EngineError => notFound(`get ${name}: no such volume`);

/** "create x: " in front, as Docker says what it was about. */
function about(verb: string, name: string, error: unknown): EngineError {
  const prefix = `${verb} ${name}: `;
  const text = messageOf(error);
  return new EngineError(kindOf(error), text.startsWith(prefix) ? text : prefix + text, { cause: error });
}

/** Which volumes there are, by name: the engine's table, and what drivers have beside it. */
export class VolumeRegistry {
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  get(name: string): VolumeRecord {
    const volume = this.#parts.store.find(name);
    if (!volume) throw noSuchVolume(name);
    return volume;
  }

  driver(name: string): Promise<VolumeDriver> {
    const { local, plugins } = this.#parts;
    return name === "local" ? Promise.resolve(local) : plugins.find(name);
  }

  async listAll(): Promise<VolumeList> {
    const known = new Map(this.#parts.store.list().map((volume) => [volume.name, volume]));
    const { drivers, warnings } = await this.#parts.plugins.all();
    const told = [...warnings];
    const found = new Map<string, VolumeRecord>();
    const silent = new Set<string>();
    await Promise.all(
      drivers.map(async (driver) => {
        try {
          for (const volume of await driver.list()) found.set(volume.name, foreign(driver, volume));
        } catch (error) {
          told.push(`list ${driver.name}: ${messageOf(error)}`);
          silent.add(driver.name);
        }
      }),
    );
    for (const [name, volume] of known) {
      const theirs = found.get(name);
      if (theirs?.driver === volume.driver) found.set(name, merged(volume, theirs));
      else found.set(name, volume);
    }
    const volumes = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { volumes, warnings: told };
  }

  async find(name: string): Promise<VolumeDetails> {
    const known = this.#parts.store.find(name);
    if (known?.driver === "local") return known;
    if (!known) {
      const found = await this.#probe(name);
      if (!found) throw noSuchVolume(name);
      return found;
    }
    const theirs = await (await this.driver(known.driver)).get(name);
    if (!theirs) throw noSuchVolume(name);
    return { ...merged(known, theirs), ...(theirs.status ? { status: theirs.status } : {}) };
  }

  /** A volume that some driver has and we have not made. */
  async #probe(name: string): Promise<VolumeDetails | undefined> {
    const { drivers } = await this.#parts.plugins.all();
    for (const driver of drivers) {
      const volume = await driver.get(name).catch(() => undefined);
      if (volume)
        return {
          ...foreign(driver, { ...volume, name }),
          ...(volume.status ? { status: volume.status } : {}),
        };
    }
    return undefined;
  }

  create(request: CreateVolume): Promise<VolumeRecord> {
    const { queue } = this.#parts;
    const name = request.name || newId();
    return queue
      .run(name, () => this.#create(name, request))
      .catch((error: unknown) => {
        throw about("create", name, error);
      });
  }

  async #create(name: string, request: CreateVolume): Promise<VolumeRecord> {
    const { store } = this.#parts;
    const existing = store.find(name);
    if (existing && !(await this.#isStale(existing))) return this.#agreed(existing, request.driver);
    if (existing) store.delete(name);
    const adopted = request.driver || !request.name ? undefined : await this.#probe(name);
    const driver = await this.driver(adopted?.driver ?? (request.driver || "local"));
    if (driver.name === "local") checkVolumeName(name);
    const isThere = adopted ?? (driver.name === "local" ? undefined : await driver.get(name));
    if (!isThere) await driver.create(name, request.options);
    const anonymous = !request.name || ANONYMOUS_LABEL in request.labels;
    store.insert({
      name,
      driver: driver.name,
      mountpoint: "",
      created: driver.name === "local" ? new Date().toISOString() : "",
      labels: request.labels,
      options: request.options,
      anonymous,
      scope: driver.scope,
    });
    if (isThere?.mountpoint && driver.name !== "local") store.setMountpoint(name, isThere.mountpoint);
    return this.get(name);
  }

  /** Throws conflict when somebody wants another driver for the name. */
  async #agreed(volume: VolumeRecord, wanted: string | undefined): Promise<VolumeRecord> {
    const { name, driver } = volume;
    if (wanted && (await this.driver(wanted)).name !== driver)
      throw conflict(`driver '${driver}' already has volume '${name}': volume name must be unique`);
    return volume;
  }

  /** Whether its driver has lost it. Throws conflict when containers refer to it all the same. */
  async #isStale({ name, driver }: VolumeRecord): Promise<boolean> {
    if (driver === "local" || (await (await this.driver(driver)).get(name))) return false;
    if (this.#parts.store.users(name).length === 0) return true;
    throw conflict(
      `found references to volume '${name}' in driver '${driver}' but the volume was not found in the driver` +
        " -- you may need to remove containers referencing this volume or force remove the volume to re-create it" +
        ": volume name must be unique",
    );
  }

  remove(name: string, force: boolean): Promise<boolean> {
    return this.#parts.queue.run(name, () => this.#remove(name, force));
  }

  async #remove(name: string, force: boolean): Promise<boolean> {
    const { store } = this.#parts;
    const users = store.users(name);
    if (users.length > 0) throw conflict(`remove ${name}: volume is in use - [${users.join(", ")}]`);
    const known = store.find(name) ?? (await this.#probe(name));
    if (!known) {
      if (force) return false;
      throw noSuchVolume(name);
    }
    try {
      const driver = await this.driver(known.driver);
      if (known.driver !== "local" && !(await driver.get(name))) throw noSuchVolume(name);
      await driver.remove(name);
    } catch (error) {
      // Docker forgets what its driver cannot give, when it is told to.
      if (!force || known.driver === "local")
        throw hasKind(error, "notFound") && known.driver !== "local" ? error : about("remove", name, error);
    }
    store.delete(name);
    return true;
  }
}

const foreign = (driver: VolumeDriver, { name, mountpoint, created = "" }: DriverVolume): VolumeRecord => ({
  name,
  driver: driver.name,
  mountpoint,
  created,
  labels: {},
  options: {},
  anonymous: false,
  scope: driver.scope,
});

/** Ours, with what the driver knows better. */
const merged = (ours: VolumeRecord, theirs: { readonly mountpoint: string; readonly created?: string }) => ({
  ...ours,
  mountpoint: theirs.mountpoint || ours.mountpoint,
  created: theirs.created || ours.created,
});
