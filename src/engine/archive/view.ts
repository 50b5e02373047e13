import { existsSync } from "node:fs";
import { newId } from "../../base/ids.ts";
import type { MountWish } from "../../volume/index.ts";
import type { Container } from "../containers/container.ts";
import { imageLayersOf } from "../containers/image-mounts.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { holdSubpath, networkFiles } from "../containers/mounts.ts";
import { isRunning } from "../containers/state.ts";
import { filesOf } from "../containers/view.ts";
import type { FileView } from "../ports.ts";

/** A container's files, reachable until `release`. */
export interface OpenView {
  readonly view: FileView;
  release(): Promise<void>;
}

type Mount = FileView["mounts"][number];

/** Copies that use a container's root now. */
const users = new WeakMap<Container, number>();

/** The part of the mounts that is on the host: a tmpfs lives in the container alone. */
async function mountsOf(
  kit: Kit,
  container: Container,
  held: AsyncDisposableStack,
): Promise<readonly Mount[]> {
  const { mounts: wishes, hostConfig } = container.record.document;
  const mounts: Mount[] = [];
  for (const wish of wishes) {
    const source = await sourceOf(kit, wish, held);
    if (source !== undefined) mounts.push({ source, destination: wish.destination, readonly: wish.readonly });
  }
  const kept = filesOf(kit, container);
  const files = kit.networks.sandbox(container.id)?.files ?? (existsSync(kept.hosts) ? kept : undefined);
  const network = files ? networkFiles(files, mounts, hostConfig.ReadonlyRootfs === true) : [];
  return [...mounts, ...network]
    .map(({ source, destination, readonly }) => ({ source, destination, readonly: readonly === true }))
    .sort((a, b) => a.destination.length - b.destination.length);
}

async function sourceOf(kit: Kit, wish: MountWish, held: AsyncDisposableStack): Promise<string | undefined> {
  if (wish.type === "bind") return wish.source;
  if (wish.type === "tmpfs") return undefined;
  const top =
    wish.type === "volume"
      ? await heldVolume(kit, wish.source, held)
      : kit.layers.mount(wish.imageLayer ?? "");
  return wish.subpath === "" ? top : holdSubpath(kit, top, wish, newId(), held);
}

/** Beside the container's own mount of it, so that neither ends the other. */
async function heldVolume(kit: Kit, name: string, held: AsyncDisposableStack): Promise<string> {
  const { path, release } = await kit.volumes.hold(name);
  held.defer(release);
  return path;
}

/** Mounts what is not mounted. The caller holds the container; `release` waits for it. */
export async function openView(kit: Kit, container: Container): Promise<OpenView> {
  users.set(container, (users.get(container) ?? 0) + 1);
  const held = new AsyncDisposableStack();
  const release = async () => {
    try {
      await held.disposeAsync();
    } finally {
      const left = (users.get(container) ?? 1) - 1;
      users.set(container, left);
      if (left === 0) close(kit, container);
    }
  };
  try {
    const root = kit.layers.mount(container.id);
    const { ReadonlyRootfs } = container.record.document.hostConfig;
    const view = { root, readonly: ReadonlyRootfs === true, mounts: await mountsOf(kit, container, held) };
    return { view, release: () => alone(kit, container, release).catch(ignoreRemoved(kit, container, held)) };
  } catch (error) {
    await release();
    throw error;
  }
}

/** A removal has given everything else back already. */
const ignoreRemoved =
  (kit: Kit, container: Container, held: AsyncDisposableStack) => async (error: unknown) => {
    await held.disposeAsync();
    if (kit.table.get(container.id) === container) throw error;
  };

/** A start in between has made the layers' mounts its own. */
function close(kit: Kit, container: Container): void {
  if (isRunning(container.state)) return;
  for (const layer of imageLayersOf(container)) kit.layers.unmount(layer);
  kit.layers.unmount(container.id);
}
