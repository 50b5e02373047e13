import { notFound } from "../../base/errors.ts";
import { type Digest, digestOf, parseManifestOrIndex } from "../../oci/index.ts";
import type { ImageManifest } from "../image.ts";
import { RegistryMemory } from "../registry/memory.ts";
import type { Parts } from "../store/parts.ts";
import { describe, holdLayers } from "./save.ts";

/** The manifest an image was pulled with, else the one `docker save` writes for it. */
export async function manifestOf(parts: Parts, id: Digest): Promise<ImageManifest> {
  const row = parts.images.get(id);
  if (!row) throw notFound(`No such image: ${id}`);
  const known = new RegistryMemory(parts.db).manifest(id);
  const parsed = known && parseManifestOrIndex(known.content, known.mediaType);
  if (known && parsed?.kind === "manifest") {
    const { mediaType, content } = known;
    return summary(mediaType, content, [parsed.config, ...parsed.layers]);
  }
  await using lease = parts.blobs.lease();
  const held = holdLayers(parts, { row, references: [] }, lease);
  const { manifest, layers, mediaType } = await describe(parts, held);
  return summary(mediaType, manifest, [{ size: row.config.length }, ...layers]);
}

const summary = (
  mediaType: string,
  content: Uint8Array,
  blobs: readonly { readonly size: number }[],
): ImageManifest => ({
  descriptor: { mediaType, digest: digestOf(content), size: content.length },
  content: content.length + blobs.reduce((sum, { size }) => sum + size, 0),
});
