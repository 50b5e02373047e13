import { invalidParameter } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import {
  CONFIG_LIMIT,
  type Digest,
  familiarName,
  hexOf,
  parseImageConfig,
  platformScore,
} from "../../oci/index.ts";
import type { Images, OnProgress } from "../image.ts";
import { ensureStack } from "../layers/ensure-stack.ts";
import type { LayerLease } from "../layers/read-only-layers.ts";
import type { UnpackedAhead } from "../layers/unpacking.ts";
import type { Parts } from "../store/parts.ts";
import { registerImage } from "../store/register.ts";
import { collect } from "./collect.ts";
import { type PlannedImage, planImages } from "./plan.ts";

type Options = Parameters<Images["load"]>[1];

/** `docker load`: stores what the archive holds, decides which images it has, unpacks their layers, then names them. */
export async function loadImages(
  parts: Parts,
  source: AsyncIterable<Uint8Array>,
  { onProgress = () => undefined, signal, platform }: Options,
): Promise<readonly Digest[]> {
  await using blobs = parts.blobs.lease();
  using layers = parts.layers.lease();
  await using ahead = parts.layers.ahead();
  // With a platform asked for, most of what the archive has may be for others.
  const onLayer = platform === undefined ? (digest: Digest) => ahead.begin(digest) : undefined;
  const archive = await collect(source, parts.blobs, blobs, { signal, ...(onLayer ? { onLayer } : {}) });
  const images = await planImages(archive, (digest, limit) => parts.blobs.read(digest, limit), platform);
  const ids: Digest[] = [];
  for (const image of images) {
    const config = await parts.blobs.read(image.config, CONFIG_LIMIT);
    const isOther = platform !== undefined && platformScore(platform, parseImageConfig(config)) === 0;
    if (!isOther)
      ids.push(await loadImage(parts, { ...image, content: config }, { layers, ahead }, onProgress, signal));
  }
  return ids;
}

/** Layers that stay, and those that are on their way. */
interface Unpacked {
  readonly layers: LayerLease;
  readonly ahead: UnpackedAhead;
}

async function loadImage(
  parts: Parts,
  image: PlannedImage & { readonly content: Uint8Array },
  { layers, ahead }: Unpacked,
  onProgress: OnProgress,
  signal: AbortSignal | undefined,
): Promise<Digest> {
  const { content: config } = image;
  const { rootfs } = parseImageConfig(config);
  if (rootfs.diff_ids.length !== image.layers.length) {
    const counts = `${image.layers.length} layers, its configuration ${rootfs.diff_ids.length}`;
    throw invalidParameter(`invalid image archive: the manifest of ${image.config} names ${counts}`);
  }
  await ensureStack(
    rootfs.diff_ids.map((diffId, index) => ({ diffId, blob: image.layers[index] ?? diffId })),
    { signal },
    (wanted, options) => {
      const onBytes = layerProgress(wanted.diffId, parts.blobs.size(wanted.blob) ?? 0, onProgress);
      return parts.layers.ensure({ ...wanted, ahead }, layers, { ...options, onBytes });
    },
  );
  const { id, moved } = registerImage(parts, { config, references: image.references, parent: image.parent });
  for (const { reference, from } of moved) {
    const name = familiarName(reference);
    onProgress({
      stream: `The image ${name} already exists, renaming the old one with ID ${from} to empty string\n`,
    });
  }
  for (const reference of image.references)
    onProgress({ stream: `Loaded image: ${familiarName(reference)}\n` });
  if (image.references.length === 0) onProgress({ stream: `Loaded image ID: ${id}\n` });
  return id;
}

function layerProgress(diffId: Digest, total: number, onProgress: OnProgress): (count: number) => void {
  let current = 0;
  return (count) => {
    current += count;
    onProgress({ status: "Loading layer", id: shortId(hexOf(diffId)), progressDetail: { current, total } });
  };
}
