import { mkdir, stat } from "node:fs/promises";
import { invalidParameter, systemError } from "../../base/errors.ts";
import type { Sandbox } from "../../network/index.ts";
import type { BindMount } from "../../runtime/index.ts";
import type { MountWish } from "../../volume/index.ts";
import type { Container } from "./container.ts";
import type { Kit } from "./kit.ts";

type Propagation = NonNullable<BindMount["propagation"]>;
const PROPAGATIONS: readonly Propagation[] = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

async function bindSource({ source, createSource }: MountWish): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  if (found) return source;
  if (!createSource)
    throw invalidParameter(
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  try {
    await mkdir(source, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw systemError(`error while creating mount source path '${source}'`, cause);
  }
  return source;
}

const sourceOf = (kit: Kit, container: Container, wish: MountWish): Promise<string> =>
  wish.type === "volume" ? mountVolume(kit, container, wish) : bindSource(wish);

async function mountVolume(kit: Kit, container: Container, wish: MountWish): Promise<string> {
  const { id } = container;
  const { source: name, destination, propagation, subpath, readonly } = wish;
  const folder = await kit.volumes.mount(name, id, subpath);
  container.mounted.add(name);
  const { driver } = kit.volumes.get(name);
  const attributes = { container: id, destination, driver, propagation, "read/write": String(!readonly) };
  kit.events.publish("volume", "mount", name, attributes);
  return folder;
}

async function unmountVolume(kit: Kit, container: Container, name: string): Promise<void> {
  await kit.volumes.unmount(name, container.id);
  if (!container.mounted.delete(name)) return;
  kit.events.publish("volume", "unmount", name, {
    container: container.id,
    driver: kit.volumes.get(name).driver,
  });
}

/** Host paths of binds and volumes. What is mounted here is undone by `releaseVolumes`. */
export async function resolveMounts(kit: Kit, container: Container): Promise<readonly BindMount[]> {
  const mounts: BindMount[] = [];
  for (const wish of container.record.document.mounts) {
    if (wish.type === "tmpfs" || wish.type === "image") continue;
    const propagation = PROPAGATIONS.find((known) => known === wish.propagation);
    const source = await sourceOf(kit, container, wish);
    mounts.push({
      source,
      destination: wish.destination,
      readonly: wish.readonly,
      // Runtimes refuse recursive flags on a file.
      nonRecursive: wish.nonRecursive || (await stat(source).catch(() => undefined))?.isFile() === true,
      ...(propagation ? { propagation } : {}),
    });
  }
  return mounts;
}

/** The volumes of a container's mounts. */
export const volumesOf = (container: Container): readonly string[] =>
  container.record.document.mounts.filter(({ type }) => type === "volume").map(({ source }) => source);

/** What undoes the volume part of `resolveMounts`, one step a volume. */
export const releaseVolumes = (kit: Kit, container: Container): readonly (() => Promise<void>)[] =>
  volumesOf(container).map((name) => () => unmountVolume(kit, container, name));

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
    mounts.map(({ destination, tmpfsSize, tmpfsMode, readonly }) => {
      const options = [
        ...(readonly ? ["ro"] : []),
        ...(tmpfsSize > 0 ? [`size=${tmpfsSize}`] : []),
        ...(tmpfsMode > 0 ? [`mode=${tmpfsMode.toString(8)}`] : []),
      ];
      return [destination, options.join(",")];
    }),
  );
}
