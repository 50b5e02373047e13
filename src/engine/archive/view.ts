import { existsSync } from "node:fs";
import { newId } from "../../base/ids.ts";
import type { MountWish } from "../../volume/index.ts";
import type { Container } from "../containers/container.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { holdSubpath, networkFiles, releaseMounts } from "../containers/mounts.ts";
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
async function mountsOf(kit: Kit, container: Container, held: DisposableStack): Promise<readonly Mount[]> {
  const { mounts: wishes, hostConfig } = container.record.document;
  const mounts: Mount[] = [];
  for (const wish of wishes) {
    const source = await sourceOf(kit, container, wish, held);
    if (source !== undefined) mounts.push({ source, destination: wish.destination, readonly: wish.readonly });
  }
  const kept = filesOf(kit, container);
  const files = kit.networks.sandbox(container.id)?.files ?? (existsSync(kept.hosts) ? kept : undefined);
  const network = files ? networkFiles(files, mounts, hostConfig.ReadonlyRootfs === true) : [];
  return [...mounts, ...network]
    .map(({ source, destination, readonly }) => ({ source, destination, readonly: readonly === true }))
    .sort((a, b) => a.destination.length - b.destination.length);
}

async function sourceOf(
  kit: Kit,
  container: Container,
  wish: MountWish,
  held: DisposableStack,
): Promise<string | undefined> {
  if (wish.type === "bind") return wish.source;
  if (wish.type === "tmpfs") return undefined;
  const top =
    wish.type === "volume"
      ? await kit.volumes.mount(wish.source, container.id)
      : kit.layers.mount(wish.imageLayer ?? "");
  return wish.subpath === "" ? top : holdSubpath(kit, top, wish, newId(), held);
}

/** Mounts what is not mounted. The caller holds the container; `release` waits for it. */
export async function openView(kit: Kit, container: Container): Promise<OpenView> {
  users.set(container, (users.get(container) ?? 0) + 1);
  const held = new DisposableStack();
  const release = async () => {
    held.dispose();
    const left = (users.get(container) ?? 1) - 1;
    users.set(container, left);
    if (left === 0) await close(kit, container);
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
const ignoreRemoved = (kit: Kit, container: Container, held: DisposableStack) => (error: unknown) => {
  held.dispose();
  if (kit.table.get(container.id) === container) throw error;
};

/** A start in between has made the mounts its own. */
async function close(kit: Kit, container: Container): Promise<void> {
  if (isRunning(container.state)) return;
  for (const release of releaseMounts(kit, container)) await release();
  kit.layers.unmount(container.id);
}
