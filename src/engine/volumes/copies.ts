import { conflict, invalidParameter } from "../../base/errors.ts";
import { newId, shortId } from "../../base/ids.ts";
import type { VolumeRecord } from "../../volume/index.ts";
import type { Container } from "../containers/container.ts";
import { findVolume } from "../containers/create-volumes.ts";
import type { Kit } from "../containers/kit.ts";
import { isRunning } from "../containers/state.ts";
import type { FileView } from "../ports.ts";
import type { Labels } from "../views.ts";
import { holdingUsers, pausingUsers } from "./hold.ts";

/** On a snapshot: the volume it was taken of. */
export const SNAPSHOT_LABEL = "wharf.snapshot.of";

export interface CloneRequest {
  readonly source: string;
  /** Undefined: the source's name and the moment. */
  readonly name: string | undefined;
  readonly labels: Labels;
  /** Pause the containers that use it for the time of the copy. */
  readonly pause: boolean;
  readonly snapshot: boolean;
}

/** Copies of volumes: within the engine, as tars, and as images that registries can keep. */
export interface VolumeCopies {
  clone(request: CloneRequest): Promise<VolumeRecord>;
  /** Refused while a container that uses it runs, unless such containers are to be paused for it. */
  restore(name: string, from: string, pause: boolean): Promise<void>;
  export(name: string, pause: boolean, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Into a new volume, or one that is empty. */
  import(name: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<VolumeRecord>;
  /** The new image's id. */
  toImage(name: string, reference: string, pause: boolean, signal: AbortSignal): Promise<string>;
  fromImage(reference: string, name: string): Promise<VolumeRecord>;
}

const consistently = <T>(kit: Kit, name: string, pause: boolean, body: () => Promise<T>): Promise<T> =>
  pause ? pausingUsers(kit, name, body) : body();

const momentName = (source: string): string =>
  `${source}-${new Date().toISOString().replaceAll(/[-:]|\.\d+Z/g, "")}-${newId().slice(0, 4)}`;

/** A new volume that the body fills; it goes again when that fails. */
async function newVolume(
  kit: Kit,
  name: string,
  labels: Labels,
  fill: (volume: VolumeRecord) => Promise<void>,
): Promise<VolumeRecord> {
  if (findVolume(kit, name))
    throw conflict(`volume ${name} exists already: remove it, or choose another name`);
  const volume = await kit.volumes.create({ name, driver: undefined, options: {}, labels });
  try {
    await fill(volume);
  } catch (error) {
    await kit.volumes.remove(name, { force: true });
    throw error;
  }
  kit.events.publish("volume", "create", name, { driver: volume.driver });
  return volume;
}

async function clone(
  kit: Kit,
  { source, name, labels, pause, snapshot }: CloneRequest,
): Promise<VolumeRecord> {
  const from = kit.volumes.get(source);
  const marked = snapshot ? { ...labels, [SNAPSHOT_LABEL]: source } : labels;
  return newVolume(kit, name || momentName(source), marked, ({ name: target }) =>
    consistently(kit, source, pause, () => kit.volumes.copy(from.name, target)),
  );
}

function restore(kit: Kit, name: string, from: string, pause: boolean): Promise<void> {
  kit.volumes.get(name);
  kit.volumes.get(from);
  if (name === from) throw invalidParameter(`volume ${name} cannot be restored from itself`);
  const hold = pause ? pausingUsers : holdingUsers;
  return hold(kit, name, (users) => {
    const running = users.filter(({ state }) => isRunning(state));
    if (!pause && running.length > 0)
      throw conflict(
        `volume ${name} is in use by running containers: stop ${namesOf(running)} first,` +
          " or have them paused for it (--pause): files they have open stay as they were",
      );
    // A part is mounted as a folder of its own, which would go with what is replaced.
    const holders = running.filter(({ record: { document } }) =>
      document.mounts.some(
        ({ type, source, subpath }) => type === "volume" && source === name && subpath !== "",
      ),
    );
    if (holders.length > 0)
      throw conflict(
        `a folder of volume ${name} is mounted by itself (subpath): stop ${namesOf(holders)} first`,
      );
    return kit.volumes.restore(name, from, { inPlace: running.length > 0 });
  });
}

const namesOf = (containers: readonly Container[]): string =>
  containers.map(({ id }) => shortId(id)).join(", ");

/** The volume's data as a tree, reachable until `release`. */
async function openData(
  kit: Kit,
  name: string,
): Promise<{ readonly view: FileView; release(): Promise<void> }> {
  const { path: root, release } = await kit.volumes.hold(name);
  return { view: { root, readonly: false, mounts: [], keepsXattrs: true }, release };
}

/** Paused users stay paused until the reader is done: what is sent is of one moment. */
async function exportData(
  kit: Kit,
  name: string,
  pause: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const opened = Promise.withResolvers<AsyncIterable<Uint8Array>>();
  const read = Promise.withResolvers<void>();
  kit.volumes.get(name);
  // A client that goes before it reads must not leave its containers paused.
  signal.addEventListener("abort", () => read.resolve(), { once: true });
  consistently(kit, name, pause, async () => {
    const { view, release } = await openData(kit, name);
    try {
      const { tar } = await kit.files.pack(view, "/.", signal);
      opened.resolve(tar);
      if (!signal.aborted) await read.promise;
    } finally {
      await release();
    }
  }).catch(opened.reject);
  return endingWith(await opened.promise, () => read.resolve());
}

async function* endingWith(tar: AsyncIterable<Uint8Array>, end: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* tar;
  } finally {
    end();
  }
}

function importData(
  kit: Kit,
  name: string,
  tar: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<VolumeRecord> {
  return newVolume(kit, name, {}, async () => {
    const { view, release } = await openData(kit, name);
    try {
      await kit.files.unpack(view, "/", tar, { keepKinds: false, describesTop: true }, signal);
    } finally {
      await release();
    }
  });
}

async function toImage(
  kit: Kit,
  name: string,
  reference: string,
  pause: boolean,
  signal: AbortSignal,
): Promise<string> {
  const source = await exportData(kit, name, pause, signal);
  const config = { Labels: { "wharf.volume": name } };
  return kit.images.import({ source, reference, config, message: `volume ${name}`, signal });
}

/** Through copy-up: a layer above the image shows its files for the time of the copy. */
async function fromImage(kit: Kit, reference: string, name: string): Promise<VolumeRecord> {
  const { chainId } = kit.images.resolve(reference);
  return newVolume(kit, name, {}, async () => {
    const id = newId();
    await kit.layers.prepare(id, chainId, { isView: true });
    try {
      const content = { folder: "/", isPossible: () => true, rootfs: () => kit.layers.mount(id) };
      await kit.volumes.populate(name, id, "", content);
    } finally {
      await kit.layers.remove(id);
    }
  });
}

export const volumeCopies = (kit: Kit): VolumeCopies => ({
  clone: (request) => clone(kit, request),
  restore: (name, from, pause) => Promise.try(() => restore(kit, name, from, pause)),
  export: (name, pause, signal) => exportData(kit, name, pause, signal),
  import: (name, tar, signal) => importData(kit, name, tar, signal),
  toImage: (name, reference, pause, signal) => toImage(kit, name, reference, pause, signal),
  fromImage: (reference, name) => Promise.try(() => fromImage(kit, reference, name)),
});
