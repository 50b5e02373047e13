import { join } from "node:path";
import type { Logger } from "../../base/log.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { Database } from "../../store/index.ts";
import { chooseImages } from "../archive/chosen.ts";
import { ImageTable } from "../catalog/image-table.ts";
import { type LayerRow, LayerTable } from "../catalog/layer-table.ts";
import { IMAGE_MIGRATIONS } from "../catalog/schema.ts";
import { Blobs } from "../content/blobs.ts";
import type { Distribution, RegistrySettings } from "../distribution.ts";
import type { Images } from "../image.ts";
import type { ImageStore } from "../index.ts";
import type { LayerLimits } from "../layers/apply/layer-writer.ts";
import { Btrfs } from "../layers/drivers/btrfs.ts";
import { chooseDriver } from "../layers/drivers/choose.ts";
import type { DriverName, SnapshotDriver } from "../layers/drivers/driver.ts";
import { Overlay2 } from "../layers/drivers/overlay2.ts";
import { Vfs } from "../layers/drivers/vfs.ts";
import { LayerFolders } from "../layers/folders.ts";
import { ReadOnlyLayers } from "../layers/read-only-layers.ts";
import { Removal } from "../layers/removal.ts";
import { Snapshots } from "../layers/snapshots.ts";
import { WorkerPool } from "../layers/worker/pool.ts";
import { findImage, imageOf, listImages } from "./find-image.ts";
import { imageHistory } from "./history.ts";
import type { Parts } from "./parts.ts";
import { annotateImage, createImage, tagImage } from "./register.ts";
import { layerSharing } from "./sharing.ts";
import type { VerifyTools } from "./verify.ts";

export interface ImageStoreOptions {
  /** The engine's data root; the room uses `content`, `overlay2` and `removing` in it. */
  readonly root: string;
  readonly database: Database;
  /** What goes over many files runs on worker threads, which make their own `files`. */
  readonly kernel: Pick<Kernel, "mounts" | "quotas" | "subvolumes" | "files">;
  readonly log: Logger;
  /** Undefined: the first that works here. */
  readonly driver?: DriverName | undefined;
  /** Bytes a writable layer may hold that asks for nothing else. */
  readonly size?: number | undefined;
  /** What one layer may unpack to; the default is far above real images. */
  readonly limits?: Partial<LayerLimits>;
  /** How registries are reached, asked for at each operation; what is left out is the default. */
  readonly registries?: () => Partial<RegistrySettings>;
}

const DEFAULT_LIMITS: LayerLimits = { bytes: 64 * 2 ** 30, entries: 4_000_000 };

/** Puts the image room together. Cheap: tables are brought up to date, everything else waits until it is asked for. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const { root, database: db, kernel, log } = options;
  db.migrate("image", IMAGE_MIGRATIONS);
  const layerTable = new LayerTable(db);
  const blobs = new Blobs(join(root, "content"), (digest) => layerTable.isBlobInUse(digest));
  const pool = new WorkerPool();
  const folders = new LayerFolders(root, kernel.files);
  const removal = new Removal(root, kernel.mounts, pool, log);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const drivers: Readonly<Record<DriverName, SnapshotDriver>> = {
    overlay2: new Overlay2(folders, kernel, removal),
    btrfs: new Btrfs(root, folders, kernel.subvolumes, pool, removal),
    vfs: new Vfs(root, folders, pool, removal),
  };
  const driver = chooseDriver(options.driver, root, kernel.mounts, log);
  const onDiscarded = (rows: readonly LayerRow[]) => {
    for (const kept of Object.values(drivers)) kept.forget?.(rows.map(({ folder }) => folder));
  };
  const layers = new ReadOnlyLayers({
    db,
    table: layerTable,
    blobs,
    folders,
    pool,
    removal,
    limits,
    onDiscarded,
  });
  const parts: Parts = { db, images: new ImageTable(db), layerTable, layers, blobs, log };
  return {
    images: imagesOf(parts, { pool, folders, limits }),
    distribution: distributionOf(parts, root, options.registries),
    layers: new Snapshots({
      table: layerTable,
      folders,
      pool,
      removal,
      layers,
      blobs,
      drivers,
      driver,
      size: options.size,
    }),
    close: async () => {
      await removal.settled();
      await pool.close();
    },
  };
}

/** Registries are not talked to in most runs: nothing of it is loaded before the first operation. */
function distributionOf(
  parts: Parts,
  root: string,
  settings: ImageStoreOptions["registries"] = () => ({}),
): Distribution {
  let opened: Promise<Distribution> | undefined;
  const open = () => {
    opened ??= import("../registry/open.ts").then(({ openDistribution }) =>
      openDistribution(parts, root, settings),
    );
    return opened;
  };
  return {
    pull: async (request) => (await open()).pull(request),
    push: async (request) => (await open()).push(request),
    login: async (address, exchange) => (await open()).login(address, exchange),
    inspect: async (name, exchange) => (await open()).inspect(name, exchange),
    search: async (term, options) => (await open()).search(term, options),
    fetch: async (address, options) => (await open()).fetch(address, options),
  };
}

/** Verbs that not every run needs are loaded by their first use. */
function imagesOf(parts: Parts, tools: VerifyTools): Images {
  return {
    resolve: (reference) => {
      const row = findImage(parts, reference);
      return imageOf(row, parts.images.referencesTo(row.id));
    },
    get: (id) => {
      const row = parts.images.get(id);
      return row && imageOf(row, parts.images.referencesTo(id));
    },
    list: () => listImages(parts),
    sharing: () => layerSharing(parts),
    manifest: async (id) => (await import("../archive/manifest.ts")).manifestOf(parts, id),
    history: (reference) => imageHistory(parts, reference),
    tag: (reference, target) => tagImage(parts, reference, target),
    remove: async (reference, options) =>
      (await import("./remove-image.ts")).removeImage(parts, reference, options),
    load: async (source, options) => (await import("../archive/load.ts")).loadImages(parts, source, options),
    chosenFor: (reference) => chooseImages(parts, [reference]).map(({ row }) => row.id),
    save: (references, signal) =>
      lazily(async () => (await import("../archive/save.ts")).saveImages(parts, references, signal)),
    import: async (request) => (await import("../archive/import.ts")).importImage(parts, request),
    create: async (image) => createImage(parts, image),
    annotate: (id, annotations) => annotateImage(parts, id, annotations),
    verify: (signal) => lazily(async () => (await import("./verify.ts")).verifyStore(parts, tools, signal)),
  };
}

async function* lazily<T>(make: () => Promise<AsyncIterable<T>>): AsyncGenerator<T> {
  yield* await make();
}
