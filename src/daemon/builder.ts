import { join } from "node:path";
import type { Builder } from "../api/index.ts";
import { hasKind } from "../base/errors.ts";
import { type BuilderParts, createBuilder } from "../build/index.ts";
import type { EngineDeps } from "../engine/index.ts";
import { ANONYMOUS, type Image, type ImageStore } from "../image/index.ts";
import type { Files } from "../kernel/index.ts";
import { canonicalName, formatPlatform, parseReference } from "../oci/index.ts";
import type { Database } from "../store/index.ts";
import { commandRunner, type RunnerParts } from "./run-command.ts";

export interface BuilderRooms
  extends Pick<RunnerParts, "runtime" | "networks" | "rootfs" | "hostInfo" | "cgroupParent" | "dns"> {
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly database: Database;
  readonly store: ImageStore;
  readonly files: Files;
  readonly spec: EngineDeps["buildSpec"];
  readonly shmSize: number;
}

/** The image a build stands on: the store's, else the registry's. Fetched anew when the build asks for that. */
async function obtain(
  { images, distribution }: Pick<ImageStore, "images" | "distribution">,
  reference: string,
  { pull, platform, signal }: Parameters<BuilderParts["images"]["obtain"]>[1],
): Promise<Image> {
  const known = pull ? undefined : resolved(images, reference);
  if (known) return known;
  const name = canonicalName(parseReference(reference));
  const onProgress = () => undefined;
  await distribution.pull({
    name,
    platform: platform && formatPlatform(platform),
    credentials: ANONYMOUS,
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
const buildImages = ({ images, distribution }: ImageStore): BuilderParts["images"] => ({
  obtain: (reference, options) => obtain({ images, distribution }, reference, options),
  get: (id) => images.get(id),
  create: (image) => images.create(image),
  tag: (id, target) => images.tag(id, target),
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
  ...rest
}: BuilderRooms): Builder {
  return createBuilder({
    root: join(dataRoot, "build"),
    database,
    images: buildImages(store),
    layers: store.layers,
    files,
    runner: commandRunner({
      ...rest,
      buildSpec: spec,
      folder: join(execRoot, "build"),
      defaultShmSize: shmSize,
    }),
  });
}
