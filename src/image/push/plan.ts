import { systemError } from "../../base/errors.ts";
import { type Digest, type Manifest, MEDIA_TYPES, parseManifestOrIndex } from "../../oci/index.ts";
import type { ImageRow } from "../catalog/image-table.ts";
import type { BlobLease } from "../content/blobs.ts";
import { type Compression, compressionOf } from "../content/compression.ts";
import type { RegistryKit } from "../registry/kit.ts";
import type { KnownManifest } from "../registry/memory.ts";

/** A layer to be sent: its stored content as it is, or compressed on the way. */
export interface PushLayer {
  readonly diffId: Digest;
  readonly blob: Digest;
  /** Bytes as stored. */
  readonly size: number;
  readonly mediaType: string;
  readonly compress: boolean;
  /** Registries must not have it: its manifest names the addresses where it is given out. */
  readonly isForeign: boolean;
}

export interface PushPlan {
  readonly image: ImageRow;
  /** Lowest first. */
  readonly layers: readonly PushLayer[];
  /** The manifest it came with, when the content is still that: it goes back byte for byte. */
  readonly manifest: KnownManifest | undefined;
}

const TYPE_OF: Readonly<Record<Compression, string>> = {
  // What is not compressed is compressed with gzip on the way.
  none: MEDIA_TYPES.dockerLayerGzip,
  gzip: MEDIA_TYPES.dockerLayerGzip,
  zstd: MEDIA_TYPES.ociLayerZstd,
};

/** Decides how an image goes out. Its content is held by the lease. Throws systemError when some of it is missing. */
export async function planPush(kit: RegistryKit, image: ImageRow, lease: BlobLease): Promise<PushPlan> {
  const rows = kit.layerTable.stack(image.chainId).toReversed();
  for (const { blob } of rows) lease.hold(blob);
  const known = image.annotations ? undefined : kit.memory.manifest(image.id);
  const parsed = known && parseManifestOrIndex(known.content, known.mediaType);
  const original = parsed?.kind === "manifest" && isSame(parsed, rows) ? parsed : undefined;
  const layers: PushLayer[] = [];
  for (const [index, { blob, diffId }] of rows.entries()) {
    const size = kit.blobs.size(blob);
    if (size === undefined)
      throw systemError(`the content of layer ${diffId} is missing: load or pull its image again`);
    const { mediaType: announced, urls = [] } = original?.layers[index] ?? {};
    const compression = await compressionOf(kit.blobs.path(blob));
    layers.push({
      diffId,
      blob,
      size,
      mediaType: announced ?? TYPE_OF[compression],
      compress: announced === undefined && compression === "none",
      isForeign: urls.length > 0 && /\.(foreign|nondistributable)\./.test(announced ?? ""),
    });
  }
  return { image, layers, manifest: original ? known : undefined };
}

const isSame = ({ layers }: Manifest, rows: readonly { readonly blob: Digest }[]): boolean =>
  layers.length === rows.length && layers.every(({ digest }, index) => digest === rows[index]?.blob);

export interface SentLayer {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: Digest;
}

/**
 * The manifest of an image whose layers are in the registry: Docker's schema 2, or OCI's where a layer is compressed
 * in a way that schema 2 has no name for, or it has annotations. Written as Docker writes it, so that the same layers give the same digest. Pure.
 */
export function encodeManifest(
  image: Pick<ImageRow, "id" | "config" | "annotations">,
  layers: readonly SentLayer[],
): KnownManifest {
  const { annotations } = image;
  const isDocker = !annotations && layers.every(({ mediaType }) => mediaType === MEDIA_TYPES.dockerLayerGzip);
  const mediaType = isDocker ? MEDIA_TYPES.dockerManifest : MEDIA_TYPES.ociManifest;
  const typeOf = (type: string) =>
    !isDocker && type === MEDIA_TYPES.dockerLayerGzip ? MEDIA_TYPES.ociLayerGzip : type;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: isDocker ? MEDIA_TYPES.dockerConfig : MEDIA_TYPES.ociConfig,
      size: image.config.length,
      digest: image.id,
    },
    layers: layers.map(({ mediaType: type, size, digest }) => ({ mediaType: typeOf(type), size, digest })),
    ...(annotations ? { annotations } : {}),
  };
  return { mediaType, content: Buffer.from(JSON.stringify(manifest, undefined, 3)) };
}
