import type { Image } from "../../image/index.ts";
import {
  type Descriptor,
  type Digest,
  isAttestation,
  isManifestType,
  type Platform,
} from "../../oci/index.ts";
import type { Kit } from "../containers/kit.ts";
import type { ImageView, ManifestView } from "../views.ts";

/** Ids of the containers made from each image. */
export function containersByImage(kit: Kit): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { id, record } of kit.table.all()) {
    const { image } = record.document;
    const known = users.get(image);
    if (known) known.push(id);
    else users.set(image, [id]);
  }
  return users;
}

export const imageView = (image: Image, containers: number): ImageView => ({
  id: image.id,
  repoTags: image.repoTags,
  repoDigests: image.repoDigests,
  parent: image.parent ?? "",
  size: image.size,
  lastTagged: image.lastTagged,
  config: image.config,
  folders: [],
  driver: "",
  containers,
});

export function imageViews(kit: Kit): readonly ImageView[] {
  const users = containersByImage(kit);
  return kit.images.list().map((image) => imageView(image, users.get(image.id)?.length ?? 0));
}

/** With the bytes each image has in layers that others have too. */
export function withSharedSizes(kit: Kit, views: readonly ImageView[]): readonly ImageView[] {
  const { shared } = kit.images.sharing();
  return views.map((view) => ({ ...view, sharedSize: shared.get(view.id) ?? 0 }));
}

/**
 * The manifests of an image: its own, and where it was pulled by an index the others that lists. Those are not here, an
 * image has one platform.
 */
export async function manifestsOf(
  kit: Kit,
  { id, size, config }: Pick<ImageView, "id" | "size" | "config">,
  containers: readonly string[],
): Promise<readonly ManifestView[]> {
  const { descriptor, content, index } = await kit.images.manifest(id as Digest);
  const { os, architecture, variant } = config;
  const platform: Platform = { os, architecture, ...(variant ? { variant } : {}) };
  const own = (listed: Descriptor): ManifestView => ({
    ID: descriptor.digest,
    Descriptor: listed,
    Available: true,
    Size: { Content: content, Total: content + size },
    Kind: "image",
    ImageData: { Platform: platform, Containers: containers, Size: { Unpacked: size } },
  });
  const isListed = index.some(({ digest }) => digest === descriptor.digest);
  const listed = index.map((entry) => (entry.digest === descriptor.digest ? own(entry) : absent(entry)));
  return isListed ? listed : [own(descriptor), ...listed];
}

function absent(listed: Descriptor): ManifestView {
  const common = {
    ID: listed.digest,
    Descriptor: listed,
    Available: false,
    Size: { Content: 0, Total: 0 },
  };
  if (isAttestation(listed)) {
    const of = listed.annotations?.["vnd.docker.reference.digest"] ?? "";
    return { ...common, Kind: "attestation", AttestationData: { For: of } };
  }
  const { platform: Platform } = listed;
  if (!isManifestType(listed.mediaType) || !Platform) return { ...common, Kind: "unknown" };
  return { ...common, Kind: "image", ImageData: { Platform, Containers: [], Size: { Unpacked: 0 } } };
}
