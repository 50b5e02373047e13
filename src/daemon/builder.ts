import { join } from "node:path";
import type { Builder } from "../api/index.ts";
import { type BuilderParts, createBuilder } from "../build/index.ts";
import type { EngineDeps } from "../engine/index.ts";
import type { ImageStore, Images } from "../image/index.ts";
import type { Files } from "../kernel/index.ts";
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

/** The image store in the words of the builder. */
const buildImages = (images: Images): BuilderParts["images"] => ({
  obtain: (reference, options) => obtain(rooms, reference, options),
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
    images: buildImages(store.images),
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
