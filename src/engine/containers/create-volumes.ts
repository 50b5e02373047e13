import type { MountWish, VolumeRecord } from "../../volume/index.ts";
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

async function reserveVolume(
  kit: Kit,
  id: string,
  wish: MountWish,
  undo: AsyncDisposableStack,
): Promise<string> {
  const known = new Set(wish.source === "" ? [] : kit.volumes.list().map(({ name }) => name));
  const volume: VolumeRecord = await kit.volumes.create({
    name: wish.source || undefined,
    driver: wish.volumeDriver || undefined,
    options: wish.volumeOptions,
    labels: wish.volumeLabels,
  });
  if (!known.has(volume.name)) {
    undo.defer(async () => {
      kit.volumes.releaseAll(id);
      await kit.volumes.remove(volume.name, { force: true });
    });
  }
  kit.volumes.reserve(volume.name, id);
  if (!known.has(volume.name)) kit.events.publish("volume", "create", volume.name, { driver: volume.driver });
  return volume.name;
}

/** Needs the image's files, so the root filesystem is mounted for the time of the copy. */
async function populate(kit: Kit, id: string, mounts: readonly MountWish[]): Promise<void> {
  const wanted = mounts.filter(({ type, noCopy, subpath }) => type === "volume" && !noCopy && subpath === "");
  if (wanted.length === 0) return;
  const rootfs = kit.layers.mount(id);
  try {
    for (const { source, destination } of wanted) await kit.volumes.populate(source, rootfs, destination);
  } finally {
    kit.layers.unmount(id);
  }
}
