import { mkdir, rm, stat } from "node:fs/promises";
import { hasKind, invalidParameter, messageOf, notFound } from "../../base/errors.ts";
import { newId, shortId } from "../../base/ids.ts";
import type { Image } from "../../image/index.ts";
import {
  hostPlatform,
  type ImageProcessConfig,
  parsePlatform,
  platformMismatch,
  platformScore,
} from "../../oci/index.ts";
import type { MountWish } from "../../volume/index.ts";
import { createVolumes } from "./create-volumes.ts";
import type { CreateContainer, HostConfig } from "./documents.ts";
import { prepareImages, settleImages } from "./image-mounts.ts";
import type { Kit } from "./kit.ts";
import { settleLinks } from "./links.ts";
import { argumentsOf } from "./merge-config.ts";
import { donorOf } from "./modes.ts";
import { generateName } from "./names.ts";
import { containerFolder } from "./paths.ts";
import { type CreateFacts, type CreatePlan, planCreate } from "./plan-create.ts";
import { publish } from "./publish.ts";
import type { ContainerLink, ContainerRecord } from "./record.ts";
import { volumesFrom } from "./volumes-from.ts";
import { createWorkingFolder } from "./working-folder.ts";

export interface Created {
  readonly id: string;
  readonly warnings: readonly string[];
}

/** Makes a container: its writable layer, volumes, folder and, last, its row. All or nothing. */
export async function create(kit: Kit, request: CreateContainer, signal: AbortSignal): Promise<Created> {
  const trace = kit.trace("create", request.name ?? "");
  const image = resolveImage(kit, request);
  const plan = settleReferences(kit, planCreate(request, factsFor(kit, request, image.config.config ?? {})));
  checkNetworks(kit, plan);
  const links = settleLinks(kit, plan.hostConfig);
  await checkBindSources(plan.mounts);
  signal.throwIfAborted();

  await using undo = new AsyncDisposableStack();
  const id = newId();
  const name = plan.name ?? generateName((taken) => kit.table.isNameTaken(taken));
  kit.table.reserveName(name, id);
  undo.defer(() => kit.table.releaseName(name, id));
  const folder = containerFolder(kit.settings, id);
  // First of all: by this folder recovery knows of a creation that was cut short.
  await mkdir(folder, { recursive: true, mode: 0o710 });
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  await trace.step("layer", () =>
    kit.layers.prepare(id, image.chainId, { size: storageSize(request.hostConfig.StorageOpt) }),
  );
  undo.defer(() => kit.layers.remove(id));
  await trace.step("working folder", () => createWorkingFolder(kit, id, plan));
  const images = await prepareImages(kit, id, plan.mounts, undo);
  const mounts = await trace.step("volumes", () => createVolumes(kit, id, images, undo).catch(asBadRequest));
  const record = recordOf(kit, { id, name, image: image.id, plan: { ...plan, mounts }, links, request });
  const container = trace.step("commit", () => kit.table.insert(record));
  undo.move();
  publish(kit, container, "create");
  trace.end();
  return { id, warnings: plan.warnings };
}

/** Bytes of `--storage-opt size=10G`; units are powers of 1024. */
function storageSize(options: HostConfig["StorageOpt"]): number | undefined {
  const text = options?.["size"];
  if (text === undefined) return undefined;
  const match = /^(\d+)\s*([kmgt]?)i?b?$/i.exec(text);
  if (!match) throw invalidParameter(`invalid size: '${text}'`);
  return Number(match[1]) * 1024 ** ["", "k", "m", "g", "t"].indexOf((match[2] ?? "").toLowerCase());
}

function resolveImage(kit: Kit, { config, platform }: CreateContainer): Image {
  const reference = config.Image ?? "";
  if (reference === "" && argumentsOf(config).length === 0) throw invalidParameter("no command specified");
  if (reference === "")
    throw invalidParameter("no image specified: name the image to create the container from");
  const image = kit.images.resolve(reference);
  const wanted = platform ? parsePlatform(platform) : undefined;
  if (wanted && platformScore(wanted, image.config) === 0)
    throw notFound(platformMismatch(reference, image.config, wanted));
  return image;
}

/** What a plan must know of the engine; `image` is the configuration of the container's image. */
export function factsFor(kit: Kit, { hostConfig }: CreateContainer, image: ImageProcessConfig): CreateFacts {
  const { settings } = kit;
  return {
    image,
    volumesFrom: named(() => volumesFrom(kit.table, hostConfig.VolumesFrom ?? [])),
    dataRoot: settings.dataRoot,
    cpus: settings.cpus,
    limits: kit.limits(),
    devices: hostConfig.DeviceRequests?.length ? kit.devices().names : [],
    cgroupMode: kit.hostInfo.cgroupMode,
    runtime: kit.runtime.choose(hostConfig.Runtime || undefined).name,
    logDriver: settings.logDriver,
    logOptions: settings.logOptions,
    shmSize: settings.defaultShmSize,
    hasInit: settings.initBinary !== undefined,
    defaultInit: settings.defaultInit,
    ipcMode: settings.defaultIpcMode,
    cgroupnsMode: settings.defaultCgroupnsMode,
  };
}

/**
 * Names of other containers in modes become ids, so that a rename changes nothing. A network's owner that is not there
 * (yet) is kept as it is and refused by the start, as Docker does; so is a network, which is kept by its name anyway.
 */
function settleReferences(kit: Kit, plan: CreatePlan): CreatePlan {
  const settle = (mode: string | undefined, idOf: (reference: string) => string): string | undefined => {
    const donor = donorOf(mode);
    return donor === undefined ? mode : `container:${idOf(donor)}`;
  };
  const present = (reference: string) => named(() => kit.table.resolve(reference)).id;
  const { PidMode, IpcMode, NetworkMode } = plan.hostConfig;
  const hostConfig = {
    ...plan.hostConfig,
    PidMode: settle(PidMode, present),
    IpcMode: settle(IpcMode, present),
    NetworkMode: settle(NetworkMode, (reference) => kit.table.find(reference)?.id ?? reference),
  };
  // One may be named twice, by its name and by its id.
  const networks: Record<string, CreatePlan["networks"][string]> = {};
  for (const [name, settings] of Object.entries(plan.networks)) {
    const known = networkName(kit, name);
    networks[known] = { ...networks[known], ...settings };
  }
  const mounts = named(() => settleImages(kit, plan.mounts));
  return { ...plan, hostConfig, mounts, networks };
}

/** What options name and is not there is a bad request: "not found" would make clients pull the image. */
function named<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (hasKind(error, "notFound")) throw invalidParameter(messageOf(error), error);
    throw error;
  }
}

function asBadRequest(error: unknown): never {
  throw hasKind(error, "notFound") ? invalidParameter(messageOf(error), error) : error;
}

function networkName(kit: Kit, reference: string): string {
  try {
    return kit.networks.resolve(reference).name;
  } catch (error) {
    if (hasKind(error, "notFound")) return reference;
    throw error;
  }
}

/** What is asked of each network, in Docker's words. */
function checkNetworks(kit: Kit, { networks }: CreatePlan): void {
  for (const [name, settings] of Object.entries(networks)) {
    try {
      kit.networks.checkSettings(name, settings);
    } catch (error) {
      if (!hasKind(error, "invalidParameter")) throw error;
      throw invalidParameter(`invalid config for network ${name}: ${messageOf(error)}`, error);
    }
  }
}

async function checkBindSources(mounts: readonly MountWish[]): Promise<void> {
  for (const { type, createSource, source } of mounts) {
    if (type !== "bind" || createSource) continue;
    const found = await stat(source).catch(() => undefined);
    if (!found)
      throw invalidParameter(
        `invalid mount config for type "bind": bind source path does not exist: ${source}`,
      );
  }
}

interface Parts {
  readonly id: string;
  readonly name: string;
  /** Its id; "" for none. */
  readonly image: string;
  readonly plan: CreatePlan;
  readonly links: readonly ContainerLink[];
  readonly request: CreateContainer;
}

/** The record of a container that was never started. */
export function recordOf(kit: Kit, { id, name, image, plan, links, request }: Parts): ContainerRecord {
  const Hostname = plan.config.Hostname || defaultHostname(kit, id, plan.hostConfig);
  return {
    id,
    name,
    document: {
      created: new Date().toISOString(),
      image,
      imageName: request.config.Image ?? "",
      config: { ...plan.config, Hostname },
      // What became a link to a container is shown as one, not as the text it came from.
      hostConfig: links.length > 0 ? { ...plan.hostConfig, Links: null } : plan.hostConfig,
      ...(links.length > 0 && { links }),
      networks: plan.networks,
      mounts: plan.mounts,
      driver: kit.layers.driver,
      platform: hostPlatform().os,
    },
    life: { state: { status: "created" }, restartCount: 0, manuallyStopped: false },
  };
}

/** The short id, unless it lives in somebody else's network or UTS namespace. */
function defaultHostname(kit: Kit, id: string, { NetworkMode, UTSMode }: HostConfig): string {
  const donor = donorOf(NetworkMode);
  if (donor !== undefined) return kit.table.find(donor)?.record.document.config.Hostname ?? "";
  return NetworkMode === "host" || UTSMode === "host" ? kit.settings.hostname : shortId(id);
}
