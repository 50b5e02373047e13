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
import { configOf } from "../store/find-image.ts";
import type { Parts } from "../store/parts.ts";
import { registerImage } from "../store/register.ts";
import { type Collected, collect } from "./collect.ts";
import { planLegacy } from "./legacy.ts";
import { isStepAbove } from "./parents.ts";
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
  const read = (digest: Digest, limit: number) => parts.blobs.read(digest, limit);
  const images = isLegacy(archive)
    ? await planLegacy(archive, parts.blobs)
    : await planImages(archive, read, platform);
  const ids: Digest[] = [];
  for (const image of images) {
    const content = image.content ?? (await read(image.config, CONFIG_LIMIT));
    const isOther = platform !== undefined && platformScore(platform, parseImageConfig(content)) === 0;
    if (!isOther)
      ids.push(await loadImage(parts, { ...image, content }, { layers, ahead }, onProgress, signal));
  }
  linkParents(parts, images);
  return ids;
}

const isLegacy = ({ documents }: Collected): boolean =>
  documents.has("repositories") && !documents.has("manifest.json") && !documents.has("index.json");

/** Once all are there: an archive may name a child before its parent. A link that cannot be true is no link. */
function linkParents({ db, images }: Parts, planned: readonly PlannedImage[]): void {
  db.transaction(() => {
    for (const { config, parent } of planned) {
      const child = images.get(config);
      const above = parent === undefined ? undefined : images.get(parent);
      if (child && above && isStepAbove(configOf(child), configOf(above)))
        images.setParent(child.id, above.id);
    }
  });
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
  const { id, moved } = registerImage(parts, { config, references: image.references });
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
