import { Readable } from "node:stream";
import { systemError } from "../../base/errors.ts";
import type { TarEntry } from "../../base/tar/entry.ts";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "../../base/tar/writer.ts";
import {
  canonicalName,
  DEFAULT_TAG,
  type Descriptor,
  type Digest,
  digestOf,
  familiarName,
  familiarRepository,
  hexOf,
  MEDIA_TYPES,
} from "../../oci/index.ts";
import type { LayerRow } from "../catalog/layer-table.ts";
import type { BlobLease, Blobs } from "../content/blobs.ts";
import { type Compression, compressionOf, decompressed } from "../content/compression.ts";
import { configOf } from "../store/find-image.ts";
import type { Parts } from "../store/parts.ts";
import { type ChosenImage, chooseImages } from "./chosen.ts";
import { layoutPath } from "./collect.ts";
import { isStepAbove } from "./parents.ts";

/** A layer in the archive, and the blob it is read from. */
interface SavedLayer extends Descriptor {
  readonly blob: Digest;
  readonly compression: Compression;
}

/** Content of the archive: small documents as they are, layers from their blobs. */
type Content = Uint8Array | SavedLayer;

interface Member {
  readonly content: Content;
  /** Seconds since 1970. */
  readonly time: number;
}

interface SavedImage extends ChosenImage {
  readonly layers: readonly SavedLayer[];
  readonly manifest: Uint8Array;
  readonly mediaType: string;
}

/**
 * `docker save`: one tar that is an OCI layout and a docker-save archive at once. Layers go out as they came in, so
 * their digests stay, except that zstd is undone: Docker 20.10 cannot load it. The same images give the
 * same bytes. Throws notFound before the first byte.
 */
export async function* saveImages(
  parts: Parts,
  references: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  await using lease = parts.blobs.lease();
  const images: SavedImage[] = [];
  // All of it is held before anything waits: from then on it may lose its names, but not its content.
  const chosen = chooseImages(parts, references).map((image) => holdLayers(parts, image, lease));
  for (const image of chosen) images.push(await describe(parts, image));
  for (const folder of ["blobs/", "blobs/sha256/"]) yield encodeEntry(header(folder, "directory", 0, 0));
  for (const [digest, saved] of [...membersOf(images)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    signal?.throwIfAborted();
    yield* file(parts.blobs, layoutPath(digest), saved);
  }
  for (const [name, document] of Object.entries(documentsOf(images))) {
    yield* file(parts.blobs, name, { content: Buffer.from(JSON.stringify(document)), time: 0 });
  }
  yield END_OF_ARCHIVE;
}

/** An image with its layers, lowest first, whose content stays as long as the lease does. */
export interface HeldImage extends ChosenImage {
  readonly layers: readonly Pick<LayerRow, "blob" | "diffId">[];
}

export function holdLayers({ layerTable }: Parts, image: ChosenImage, lease: BlobLease): HeldImage {
  const layers = layerTable.stack(image.row.chainId).toReversed();
  for (const { blob } of layers) lease.hold(blob);
  return { ...image, layers };
}

/** What an image is saved as: its manifest and the layers that names. */
export async function describe(
  { blobs }: Parts,
  { layers: rows, ...chosen }: HeldImage,
): Promise<SavedImage> {
  const layers: SavedLayer[] = [];
  for (const { blob, diffId } of rows) layers.push(await describeLayer(blobs, blob, diffId));
  const { id, config, annotations } = chosen.row;
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociConfig, digest: id, size: config.length },
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    ...(annotations ? { annotations } : {}),
  };
  return {
    ...chosen,
    layers,
    manifest: Buffer.from(JSON.stringify(manifest)),
    mediaType: MEDIA_TYPES.ociManifest,
  };
}

async function describeLayer(blobs: Blobs, blob: Digest, diffId: Digest): Promise<SavedLayer> {
  const stored = blobs.size(blob);
  if (stored === undefined)
    throw systemError(`the content of layer ${diffId} is missing: load or pull its image again`);
  const compression = await compressionOf(blobs.path(blob));
  if (compression !== "zstd") {
    const mediaType = compression === "gzip" ? MEDIA_TYPES.ociLayerGzip : MEDIA_TYPES.ociLayer;
    return { mediaType, digest: blob, size: stored, blob, compression: "none" };
  }
  // A tar states the size before the content, so it is read once to be counted.
  let size = 0;
  for await (const chunk of decompressed(blobs.open(blob), compression)) size += chunk.length;
  return { mediaType: MEDIA_TYPES.ociLayer, digest: diffId, size, blob, compression };
}

/** Configurations and layers are as old as their image, or the oldest that has them; what is made for the archive has no age. */
function membersOf(images: readonly SavedImage[]): ReadonlyMap<Digest, Member> {
  const members = new Map<Digest, Member>();
  for (const { row, layers, manifest } of images) {
    const created = Math.floor(Date.parse(configOf(row).created ?? "") / 1000) || 0;
    const add = (digest: Digest, content: Content) => {
      const time = Math.min(created, members.get(digest)?.time ?? created);
      members.set(digest, { content, time });
    };
    add(row.id, row.config);
    for (const layer of layers) add(layer.digest, layer);
    members.set(digestOf(manifest), { content: manifest, time: 0 });
  }
  return members;
}

function documentsOf(images: readonly SavedImage[]): Readonly<Record<string, unknown>> {
  const saved = new Map(images.map(({ row }) => [row.id, row]));
  const parentOf = ({ row }: SavedImage) => {
    const parent = row.parent === undefined ? undefined : saved.get(row.parent);
    return parent && isStepAbove(configOf(row), configOf(parent)) ? { Parent: parent.id } : {};
  };
  return {
    "index.json": {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: images.flatMap(indexEntries),
    },
    "manifest.json": images.map((image) => ({
      Config: layoutPath(image.row.id),
      RepoTags: image.references.length > 0 ? image.references.map(familiarName) : null,
      Layers: image.layers.map(({ digest }) => layoutPath(digest)),
      ...parentOf(image),
    })),
    "oci-layout": { imageLayoutVersion: "1.0.0" },
    repositories: repositoriesOf(images),
  };
}

function indexEntries({ row, references, manifest }: SavedImage): readonly Descriptor[] {
  const { os, architecture, variant } = configOf(row);
  const platform = { os, architecture, ...(variant ? { variant } : {}) };
  const plain = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(manifest), size: manifest.length };
  if (references.length === 0) return [{ ...plain, platform }];
  return references.map((reference) => {
    const annotations = {
      "io.containerd.image.name": canonicalName(reference),
      "org.opencontainers.image.ref.name": reference.tag ?? DEFAULT_TAG,
    };
    return { ...plain, annotations, platform };
  });
}

/** For readers of the oldest format: repository, tag, topmost layer. */
function repositoriesOf(
  images: readonly SavedImage[],
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const found: Record<string, Record<string, string>> = {};
  for (const { references, layers } of images) {
    const top = layers.at(-1);
    for (const reference of references) {
      if (!top || reference.tag === undefined) continue;
      const name = familiarRepository(reference);
      found[name] = { ...found[name], [reference.tag]: hexOf(top.digest) };
    }
  }
  return found;
}

async function* file(blobs: Blobs, name: string, { content, time }: Member): AsyncGenerator<Uint8Array> {
  const size = content instanceof Uint8Array ? content.length : content.size;
  yield encodeEntry(header(name, "file", size, time));
  if (content instanceof Uint8Array) yield content;
  else {
    const stored = Readable.from(blobs.verified(content.blob), { objectMode: false });
    yield* decompressed(stored, content.compression);
  }
  yield paddingAfter(size);
}

/** Owners are fixed and times those of the images, so that an archive depends on nothing else. */
const header = (name: string, type: "file" | "directory", size: number, time: number): TarEntry => ({
  type,
  name,
  linkName: "",
  size,
  mode: type === "directory" ? 0o755 : 0o644,
  uid: 0,
  gid: 0,
  mtime: { seconds: time, nanoseconds: 0 },
  major: 0,
  minor: 0,
  xattrs: new Map(),
});
