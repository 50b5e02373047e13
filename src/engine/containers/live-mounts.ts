import { stat } from "node:fs/promises";
import { conflict, errnoOf, invalidParameter, notFound, systemError } from "../../base/errors.ts";
import { type MountWish, parseMounts } from "../../volume/index.ts";
import type { Container } from "./container.ts";
import { reserveVolume } from "./create-volumes.ts";
import type { Mount } from "./documents.ts";
import { alone, type Kit } from "./kit.ts";
import { bindSource, holdSubpath, mountVolume, unmountVolume } from "./mounts.ts";
import { isRunning } from "./state.ts";

/** One mount, written as for `-v` or as for `--mount`. */
export interface LiveMount {
  readonly bind?: string;
  readonly mount?: Mount;
}

function parse(kit: Kit, { bind, mount }: LiveMount): MountWish {
  const [wish] = parseMounts({
    binds: bind === undefined ? [] : [bind],
    mounts: mount ? [mount] : [],
    volumes: [],
    volumesFrom: [],
    tmpfs: [],
    volumeDriver: "",
    dataRoot: kit.settings.dataRoot,
  });
  if (!wish || (wish.type !== "bind" && wish.type !== "volume"))
    throw invalidParameter("only binds and volumes can be mounted into a container that exists already");
  // What runs has its files already: nothing of the image is copied now.
  return { ...wish, noCopy: true };
}

const covers = (container: Container, destination: string): boolean => {
  const { mounts, hostConfig } = container.record.document;
  return mounts.some((wish) => wish.destination === destination) || destination in (hostConfig.Tmpfs ?? {});
};

/** Host path of what is to be mounted. */
async function sourceOf(kit: Kit, container: Container, wish: MountWish, held: DisposableStack) {
  const top = wish.type === "bind" ? await bindSource(kit, wish) : await mountVolume(kit, container, wish);
  return wish.subpath === "" ? top : holdSubpath(kit, top, wish, `${container.id}-live`, held);
}

async function attach(kit: Kit, container: Container, wish: MountWish): Promise<void> {
  const { state } = container;
  if (!isRunning(state)) return;
  using held = new DisposableStack();
  const source = await sourceOf(kit, container, wish, held);
  const isFile = (await stat(source)).isFile();
  await kit.volumes.attach(state.pid, {
    source,
    destination: wish.destination,
    readonly: wish.readonly,
    recursive: !wish.nonRecursive && !isFile,
  });
}

/** Whether the container has the volume at another place as well. */
const stillUses = (container: Container, name: string): boolean =>
  container.record.document.mounts.some(({ type, source }) => type === "volume" && source === name);

async function letVolumeGo(kit: Kit, container: Container, name: string): Promise<void> {
  if (stillUses(container, name)) return;
  if (isRunning(container.state)) await unmountVolume(kit, container, name);
  kit.volumes.release(name, container.id);
}

/**
 * Mounts a bind or a volume into a container, at once when it runs, and for every start from now on. The record comes
 * first, so that a crash in between leaves nothing mounted that nobody knows of; a failure takes all of it back.
 */
export function addMount(
  kit: Kit,
  reference: string,
  asked: LiveMount,
): Promise<{ readonly destination: string }> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const wish = parse(kit, asked);
    const { destination } = wish;
    if (covers(container, destination)) throw conflict(`Duplicate mount point: ${destination}`);
    await using undo = new AsyncDisposableStack();
    const before = container.record.document.mounts;
    const settled =
      wish.type === "volume" ? { ...wish, source: await reserveLive(kit, container, wish, undo) } : wish;
    kit.table.saveDocument(container, { mounts: [...before, settled] });
    undo.defer(async () => {
      kit.table.saveDocument(container, { mounts: before });
      if (settled.type === "volume" && !stillUses(container, settled.source))
        await unmountVolume(kit, container, settled.source);
    });
    await attach(kit, container, settled);
    undo.move();
    return { destination };
  });
}

async function reserveLive(kit: Kit, container: Container, wish: MountWish, undo: AsyncDisposableStack) {
  const { id } = container;
  const had = wish.source !== "" && stillUses(container, wish.source);
  const unreserve = (volume: string) => {
    if (!had) kit.volumes.release(volume, id);
  };
  const name = await reserveVolume(kit, id, wish, undo, unreserve);
  undo.defer(() => unreserve(name));
  return name;
}

/** Takes a bind or a volume out of a container. Throws conflict while a process in it uses the mount. */
export function removeMount(kit: Kit, reference: string, target: string): Promise<void> {
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const { mounts } = container.record.document;
    const wish = mounts.find(({ destination }) => destination === target.replace(/(.)\/+$/, "$1"));
    if (!wish) throw notFound(`container ${container.name} has no mount at ${target}`);
    if (wish.type !== "bind" && wish.type !== "volume")
      throw invalidParameter(
        `the mount at ${target} is of type ${wish.type}: only binds and volumes can be taken out`,
      );
    await detach(kit, container, wish);
    kit.table.saveDocument(container, { mounts: mounts.filter((other) => other !== wish) });
    if (wish.type === "volume") await letVolumeGo(kit, container, wish.source);
  });
}

async function detach(kit: Kit, { name, state }: Container, { destination }: MountWish): Promise<void> {
  if (!isRunning(state)) return;
  try {
    await kit.volumes.detach(state.pid, destination);
  } catch (error) {
    if (errnoOf(error) === "EBUSY")
      throw conflict(
        `the mount at ${destination} of container ${name} is in use: end what has files open or works below it`,
        error,
      );
    throw systemError(`cannot take the mount at ${destination} out of container ${name}`, error);
  }
}
