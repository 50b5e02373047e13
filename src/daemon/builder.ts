import { join } from "node:path";
import { hasKind } from "../base/errors.ts";
import { type BuilderParts, type Builder as BuildRoom, createBuilder } from "../build/index.ts";
import type { EngineDeps, EngineRoom } from "../engine/index.ts";
import type { Image, ImageStore } from "../image/index.ts";
import type { Files } from "../kernel/index.ts";
import { canonicalName, type Digest, formatPlatform, parseReference, platformScore } from "../oci/index.ts";
import type { Database } from "../store/index.ts";
import { gitClient } from "./git.ts";
import { credentialsFor } from "./registry-config.ts";
import { commandRunner, limitsDocument, type RunnerParts } from "./run-command.ts";

export interface BuilderRooms
  extends Pick<
    RunnerParts,
    "runtime" | "networks" | "rootfs" | "hostInfo" | "cgroupParent" | "cgroupnsMode" | "dns" | "containerId"
  > {
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly database: Database;
  readonly store: ImageStore;
  readonly files: Files;
  readonly spec: EngineDeps["buildSpec"];
  readonly shmSize: number;
  /** See BuilderParts. */
  readonly cacheLimit: number;
  /** Tells of an image with a layer that a build made. */
  readonly announceImage: (id: Digest) => void;
  readonly announcePrune: (reclaimed: number) => void;
  readonly tagImage: (id: Digest, target: string) => Promise<void>;
  readonly containers: Pick<EngineRoom["containers"], "takeOver" | "has">;
  /** Removes an image that no name and no container needs; its parents stay. Throws conflict for others. */
  readonly removeImage: (id: string) => Promise<unknown>;
}

/** The image a build stands on: the store's, else the registry's. Fetched anew when the build asks for that. */
async function obtain(
  { images, distribution }: Pick<ImageStore, "images" | "distribution">,
  reference: string,
  { pull, platform, auth, onProgress, signal }: Parameters<BuilderParts["images"]["obtain"]>[1],
): Promise<Image> {
  const known = pull ? undefined : resolved(images, reference);
  if (known && (!platform || platformScore(platform, known.config) > 0)) return known;
  const parsed = parseReference(reference);
  await distribution.pull({
    name: canonicalName(parsed),
    platform: platform && formatPlatform(platform),
    credentials: credentialsFor(auth, parsed.domain),
    onProgress,
    signal,
  });
  return images.resolve(reference);
}

function resolved(images: ImageStore["images"], reference: string): Image | undefined {
  try {
    return images.resolve(reference);
  } catch (error) {
    if (hasKind(error, "notFound")) return undefined;
    throw error;
  }
}

/** The image store in the words of the builder. */
const buildImages = (
  { images, distribution }: ImageStore,
  { removeImage, tagImage, announceImage }: Pick<BuilderRooms, "removeImage" | "tagImage" | "announceImage">,
): BuilderParts["images"] => ({
  obtain: (reference, options) => obtain({ images, distribution }, reference, options),
  get: (id) => images.get(id),
  find: (reference) => resolved(images, reference),
  list: () =>
    images.list().map(({ id, parent, repoTags, repoDigests }) => ({
      id,
      parent,
      isNamed: repoTags.length > 0 || repoDigests.length > 0,
    })),
  async remove(id) {
    try {
      await removeImage(id);
      return true;
    } catch (error) {
      if (hasKind(error, "conflict")) return false;
      if (hasKind(error, "notFound")) return true;
      throw error;
    }
  },
  create: (image) => images.create(image),
  annotate: (id, annotations) => images.annotate(id, annotations),
  announce: announceImage,
  tag: tagImage,
});

/** Commands of a build as containers that have exited. */
const buildContainers = (
  { takeOver, has }: BuilderRooms["containers"],
  shmSize: number,
): BuilderParts["containers"] => ({
  has,
  keep: ({ id, image, args, env, cwd, user, limits, labels, network, networkName, exitCode, ...times }) =>
    takeOver({
      id,
      image,
      exitCode,
      startedAt: new Date(times.startedAt).toISOString(),
      finishedAt: new Date(times.finishedAt).toISOString(),
      // The image's own entry point and health test have no part in a RUN.
      config: {
        Entrypoint: [""],
        Cmd: args,
        Env: env,
        WorkingDir: cwd,
        User: user,
        Labels: labels,
        Healthcheck: { Test: ["NONE"] },
      },
      hostConfig: {
        ...limitsDocument(limits, shmSize),
        NetworkMode: networkName || network,
        CgroupParent: limits.cgroupParent,
      },
    }),
});

/** The builder on top of the other rooms: steps run as containers do. */
export function openBuilder({
  dataRoot,
  execRoot,
  database,
  store,
  files,
  spec,
  shmSize,
  removeImage,
  tagImage,
  announceImage,
  announcePrune,
  cacheLimit,
  containers,
  ...rest
}: BuilderRooms): BuildRoom {
  return createBuilder({
    root: join(dataRoot, "build"),
    database,
    images: buildImages(store, { removeImage, tagImage, announceImage }),
    git: gitClient(),
    cacheLimit,
    announcePrune,
    layers: store.layers,
    containers: buildContainers(containers, shmSize),
    files,
    runner: commandRunner({
      ...rest,
      buildSpec: spec,
      folder: join(execRoot, "build"),
      defaultShmSize: shmSize,
    }),
  });
}
