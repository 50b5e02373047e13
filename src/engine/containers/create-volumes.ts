import { lstatSync } from "node:fs";
import { join } from "node:path";
import { hasKind } from "../../base/errors.ts";
import type { ImageContent, MountWish, VolumeRecord } from "../../volume/index.ts";
import type { Kit } from "./kit.ts";

/** Makes or finds the volumes of a new container, reserves them, and fills new ones with the image's content. */
export async function createVolumes(
  kit: Kit,
  id: string,
  wishes: readonly MountWish[],
  undo: AsyncDisposableStack,
): Promise<readonly MountWish[]> {
  if (!wishes.some(({ type }) => type === "volume")) return wishes;
  undo.defer(() => kit.volumes.releaseAll(id));
  const mounts: MountWish[] = [];
  for (const wish of wishes) {
    mounts.push(
      wish.type === "volume" ? { ...wish, source: await reserveVolume(kit, id, wish, undo) } : wish,
    );
  }
  await populate(kit, id, mounts);
  return mounts;
}

export function findVolume(kit: Kit, name: string): VolumeRecord | undefined {
  try {
    return kit.volumes.get(name);
  } catch (error) {
    if (hasKind(error, "notFound")) return undefined;
    throw error;
  }
}

/** Its name. One that is made for this goes again when a later step fails. */
export async function reserveVolume(
  kit: Kit,
  id: string,
  wish: MountWish,
  undo: AsyncDisposableStack,
  unreserve: (name: string) => void = () => kit.volumes.releaseAll(id),
): Promise<string> {
  const known = wish.source === "" ? undefined : findVolume(kit, wish.source);
  const volume = await kit.volumes.create({
    name: wish.source || undefined,
    driver: wish.volumeDriver || undefined,
    options: wish.volumeOptions,
    labels: wish.volumeLabels,
  });
  if (!known) {
    undo.defer(async () => {
      unreserve(volume.name);
      await kit.volumes.remove(volume.name, { force: true });
    });
  }
  kit.volumes.reserve(volume.name, id);
  if (!known) kit.events.publish("volume", "create", volume.name, { driver: volume.driver });
  return volume.name;
}

/** Whether any of the image's layers has the first part of the path: if none has, nothing lies below it. */
function isInImage(kit: Kit, id: string, destination: string): boolean {
  const [first = ""] = destination.split("/").filter(Boolean);
  return (kit.layers.folders(id)?.lower ?? []).some(
    (layer) => lstatSync(join(layer, first), { throwIfNoEntry: false }) !== undefined,
  );
}

/** Needs the image's files: its root filesystem is mounted for the time of the copies, if there is anything to copy. */
async function populate(kit: Kit, id: string, mounts: readonly MountWish[]): Promise<void> {
  let rootfs: string | undefined;
  const contentAt = (folder: string): ImageContent => ({
    folder,
    isPossible: () => isInImage(kit, id, folder),
    rootfs: () => {
      rootfs ??= kit.layers.mount(id);
      return rootfs;
    },
  });
  try {
    for (const { type, noCopy, source, subpath, destination } of mounts) {
      if (type === "volume" && !noCopy)
        await kit.volumes.populate(source, id, subpath, contentAt(destination));
    }
  } finally {
    if (rootfs !== undefined) kit.layers.unmount(id);
  }
}
