import { invalidParameter } from "../../base/errors.ts";
import { type Digest, hostPlatform, type ImageConfig, parsePlatform } from "../../oci/index.ts";
import { layerBytes } from "../content/peek.ts";
import type { ImportRequest } from "../image.ts";
import type { Parts } from "../store/parts.ts";
import { encodeConfig, parseTarget, registerImage } from "../store/register.ts";

/** `docker import`: a root filesystem as an image of one layer. Throws invalidParameter. */
export async function importImage(parts: Parts, request: ImportRequest): Promise<Digest> {
  const { source, reference, config, message, origin = "-", platform, signal } = request;
  const references = reference === undefined ? [] : [parseTarget(reference)];
  const { os, architecture, variant } = platform === undefined ? hostPlatform() : parsePlatform(platform);
  if (os !== "linux")
    throw invalidParameter(`operating system is not supported: "${os}": containers here run Linux`);
  await using blobs = parts.blobs.lease();
  using lease = parts.layers.lease();
  const { digest } = await parts.blobs.ingest(layerBytes(source, signal), blobs);
  const layer = await parts.layers.ensure({ parent: undefined, diffId: undefined, blob: digest }, lease, {
    signal,
  });
  const created = new Date().toISOString();
  const image: ImageConfig = {
    architecture,
    ...(variant ? { variant } : {}),
    os,
    created,
    config: config ?? {},
    rootfs: { type: "layers", diff_ids: [layer.diffId] },
    history: [{ created, comment: message || `Imported from ${origin}` }],
  };
  return registerImage(parts, { config: encodeConfig(image), references }).id;
}
