import { mkdir, stat } from "node:fs/promises";
import { invalidParameter, systemError } from "../../base/errors.ts";
import type { Sandbox } from "../../network/index.ts";
import type { BindMount } from "../../runtime/index.ts";
import type { MountWish } from "../../volume/index.ts";
import type { Container } from "./container.ts";
import { imageLayersOf } from "./image-mounts.ts";
import type { Kit } from "./kit.ts";

type Propagation = NonNullable<BindMount["propagation"]>;
const PROPAGATIONS: readonly Propagation[] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

/** The host path of a bind, made if it may be. */
export async function bindSource(
  kit: Kit,
  { source, createSource, propagation }: MountWish,
): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  if (!found && !createSource)
    throw invalidParameter(
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  if (!found) await makeSource(source);
  if (!followsDataRoot(kit, source, propagation)) kit.volumes.checkPropagation(source, propagation);
  return source;
}

/** Binds around the engine's own folder are slaves by default, where their source can give that. */
const followsDataRoot = ({ settings: { dataRoot } }: Kit, source: string, propagation: string): boolean =>
  propagation.endsWith("slave") && (source.startsWith(dataRoot) || dataRoot.startsWith(source));

async function makeSource(source: string): Promise<void> {
  try {
    await mkdir(source, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw systemError(`error while creating mount source path '${source}'`, cause);
  }
}

/** What is mounted, before its subpath is looked for. */
function topOf(kit: Kit, container: Container, wish: MountWish): Promise<string> {
  if (wish.type === "bind") return bindSource(kit, wish);
  return wish.type === "image"
    ? Promise.resolve(kit.layers.mount(wish.imageLayer ?? ""))
    : mountVolume(kit, container, wish);
}

export async function mountVolume(kit: Kit, container: Container, wish: MountWish): Promise<string> {
  const { id } = container;
  const { source: name, destination, propagation, readonly } = wish;
  const folder = await kit.volumes.mount(name, id);
  container.mounted.add(name);
  const { driver } = kit.volumes.get(name);
  const attributes = { container: id, destination, driver, propagation, "read/write": String(!readonly) };
  kit.events.publish("volume", "mount", name, attributes);
  return folder;
}

export async function unmountVolume(kit: Kit, container: Container, name: string): Promise<void> {
  await kit.volumes.unmount(name, container.id);
  if (!container.mounted.delete(name)) return;
  kit.events.publish("volume", "unmount", name, {
    container: container.id,
    driver: kit.volumes.get(name).driver,
  });
}

/**
 * Host paths of binds, volumes and images. What is mounted here is undone by `releaseMounts`; `held` gets what keeps
 * subpaths in their place until the runtime has mounted them.
 */
export async function resolveMounts(
  kit: Kit,
  container: Container,
  held: DisposableStack,
): Promise<readonly BindMount[]> {
  const mounts: BindMount[] = [];
  for (const [index, wish] of container.record.document.mounts.entries()) {
    if (wish.type === "tmpfs") continue;
    const top = await topOf(kit, container, wish);
    const source = wish.subpath === "" ? top : holdSubpath(kit, top, wish, `${container.id}-${index}`, held);
    mounts.push(await bindMount(wish, source));
  }
  return mounts;
}

export function holdSubpath(
  kit: Kit,
  top: string,
  { subpath }: MountWish,
  key: string,
  held: Pick<DisposableStack, "defer">,
): string {
  const { path, release } = kit.volumes.holdSubpath(top, subpath, key);
  held.defer(release);
  return path;
}

async function bindMount(wish: MountWish, source: string): Promise<BindMount> {
  const propagation = PROPAGATIONS.find((known) => known === wish.propagation);
  return {
    source,
    destination: wish.destination,
    readonly: wish.readonly,
    ...(wish.readonlyReach ? { readonlyReach: wish.readonlyReach } : {}),
    // Runtimes refuse recursive flags on a file.
    nonRecursive: wish.nonRecursive || (await stat(source).catch(() => undefined))?.isFile() === true,
    ...(propagation ? { propagation } : {}),
  };
}

/** The volumes of a container's mounts. */
export const volumesOf = (container: Container): readonly string[] => [
  ...new Set(
    container.record.document.mounts.filter(({ type }) => type === "volume").map(({ source }) => source),
  ),
];

/** What undoes the volumes and images of `resolveMounts`, one step each. */
export const releaseMounts = (kit: Kit, container: Container): readonly (() => Promise<void>)[] => [
  ...volumesOf(container).map((name) => () => unmountVolume(kit, container, name)),
  ...imageLayersOf(container).map((layer) => async () => void kit.layers.unmount(layer)),
];

/** The files the network room writes, except where the client mounts something of its own. Pure. */
export function networkFiles(
  files: Sandbox["files"],
  taken: readonly BindMount[],
  readonly: boolean,
): readonly BindMount[] {
  const destinations = new Set(taken.map(({ destination }) => destination));
  const wanted = [
    { source: files.resolvConf, destination: "/etc/resolv.conf" },
    { source: files.hostname, destination: "/etc/hostname" },
    { source: files.hosts, destination: "/etc/hosts" },
  ];
  return wanted
    .filter(({ destination }) => !destinations.has(destination))
    .map((mount) => ({ ...mount, readonly, nonRecursive: true }));
}

/** tmpfs mounts in the form of HostConfig.Tmpfs: destination to mount options. Pure. */
export function tmpfsOptions(wishes: readonly MountWish[]): Readonly<Record<string, string>> {
  const mounts = wishes.filter(({ type }) => type === "tmpfs");
  return Object.fromEntries(
    mounts.map(({ destination, tmpfsSize, tmpfsMode, tmpfsOptions: words = [], readonly }) => {
      const options = [
        ...(readonly ? ["ro"] : []),
        ...(tmpfsMode > 0 ? [`mode=${tmpfsMode.toString(8)}`] : []),
        ...(tmpfsSize > 0 ? [`size=${tmpfsSize}`] : []),
        ...words,
      ];
      return [destination, options.join(",")];
    }),
  );
}
