import { invalidParameter, notFound } from "../../base/errors.ts";
import {
  bestPlatform,
  type Descriptor,
  formatPlatform,
  type ImageConfig,
  type Index,
  isIndexType,
  isManifestType,
  type Manifest,
  MEDIA_TYPES,
  type Platform,
} from "../../oci/index.ts";

/** The entry of an index that fits a platform. Throws notFound in Docker's words. Pure. */
export function chooseManifest(index: Index, platform: Platform): Descriptor {
  const images = index.manifests.filter(
    ({ mediaType, annotations }) =>
      (isManifestType(mediaType) || isIndexType(mediaType)) &&
      annotations?.["vnd.docker.reference.type"] === undefined,
  );
  const chosen = bestPlatform(platform, images, (entry) => entry.platform);
  if (chosen) return chosen;
  const alone = images.length === 1 && images[0]?.platform === undefined ? images[0] : undefined;
  if (alone) return alone;
  throw notFound(`no matching manifest for ${dockerPlatform(platform)} in the manifest list entries`);
}

/** Docker names the variant of arm64, though there is only one. */
const dockerPlatform = (platform: Platform): string =>
  platform.architecture === "arm64" && !platform.variant
    ? `${formatPlatform(platform)}/v8`
    : formatPlatform(platform);

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);
const LAYER_TYPE =
  /^application\/(vnd\.oci\.image\.layer(\.nondistributable)?\.v1\.tar(\+gzip|\+zstd)?|vnd\.docker\.image\.rootfs\.(foreign\.)?diff\.tar(\.gzip|\.zstd)?)$/;

/** Refuses what is no image: artifacts, plugins, layers of unknown kinds. Throws invalidParameter. Pure. */
export function checkImageManifest({ config, layers }: Manifest): void {
  if (!CONFIG_TYPES.has(config.mediaType)) {
    throw invalidParameter(
      `Encountered remote "${config.mediaType.slice(0, 200)}"(unknown) when fetching: this is no image`,
    );
  }
  const odd = layers.find(({ mediaType }) => !LAYER_TYPE.test(mediaType));
  if (odd) throw invalidParameter(`unsupported layer media type: ${odd.mediaType.slice(0, 200)}`);
}

/** Pairs the manifest's blobs with the configuration's diffIDs. Throws invalidParameter. Pure. */
export function pairLayers(
  manifest: Manifest,
  { rootfs }: ImageConfig,
): readonly {
  readonly descriptor: Descriptor;
  readonly diffId: ImageConfig["rootfs"]["diff_ids"][number];
}[] {
  const { layers } = manifest;
  if (layers.length !== rootfs.diff_ids.length)
    throw invalidParameter("layers from manifest don't match image configuration");
  return rootfs.diff_ids.map((diffId, index) => ({ diffId, descriptor: layers[index] as Descriptor }));
}
