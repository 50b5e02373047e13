import { notFound } from "../../base/errors.ts";
import { type Descriptor, type Digest, digestOf, parseManifestOrIndex } from "../../oci/index.ts";
import type { ImageManifest } from "../image.ts";
import { RegistryMemory } from "../registry/memory.ts";
import type { Parts } from "../store/parts.ts";
import { describe, holdLayers } from "./save.ts";

/** The manifest an image was pulled with, else the one `docker save` writes for it. */
export async function manifestOf(parts: Parts, id: Digest): Promise<ImageManifest> {
  const row = parts.images.get(id);
  if (!row) throw notFound(`No such image: ${id}`);
  const memory = new RegistryMemory(parts.db);
  // With annotations of its own it is another one than it came with.
  const known = row.annotations ? undefined : memory.manifest(id);
  const parsed = known && parseManifestOrIndex(known.content, known.mediaType);
  if (known && parsed?.kind === "manifest") {
    const { mediaType, content } = known;
    return { ...summary(mediaType, content, [parsed.config, ...parsed.layers]), index: indexOf(memory, id) };
  }
  await using lease = parts.blobs.lease();
  const held = holdLayers(parts, { row, references: [] }, lease);
  const { manifest, layers, mediaType } = await describe(parts, held);
  return { ...summary(mediaType, manifest, [{ size: row.config.length }, ...layers]), index: [] };
}

function indexOf(memory: RegistryMemory, id: Digest): readonly Descriptor[] {
  const known = memory.index(id);
  const parsed = known && parseManifestOrIndex(known.content, known.mediaType);
  return parsed?.kind === "index" ? parsed.manifests : [];
}

const summary = (
  mediaType: string,
  content: Uint8Array,
  blobs: readonly { readonly size: number }[],
): Omit<ImageManifest, "index"> => ({
  descriptor: { mediaType, digest: digestOf(content), size: content.length },
  content: content.length + blobs.reduce((sum, { size }) => sum + size, 0),
});
