import { invalidParameter } from "../../base/errors.ts";
import {
  asObject,
  bestPlatform,
  type Descriptor,
  type Digest,
  formatPlatform,
  hostPlatform,
  isAttestation,
  isDigest,
  isIndexType,
  MANIFEST_LIMIT,
  type Manifest,
  MEDIA_TYPES,
  type Platform,
  parseManifestOrIndex,
  type Reference,
} from "../../oci/index.ts";
import { parseTarget } from "../store/register.ts";
import { type Collected, layoutPath } from "./collect.ts";

/** One image of an archive: stored blobs and the names it is to get. */
export interface PlannedImage {
  readonly config: Digest;
  /** The configuration, where it is not in the archive but made of what is. */
  readonly content?: Uint8Array;
  /** Lowest first. */
  readonly layers: readonly Digest[];
  readonly references: readonly Reference[];
  readonly parent?: Digest;
}

export type ReadBlob = (digest: Digest, limit: number) => Promise<Uint8Array>;

/**
 * What an archive says it holds. docker-save's manifest.json decides where it is present, as in Docker; else the
 * OCI layout. Throws invalidParameter.
 */
export async function planImages(
  archive: Collected,
  read: ReadBlob,
  platform: Platform = hostPlatform(),
): Promise<readonly PlannedImage[]> {
  const manifest = archive.documents.get("manifest.json");
  if (manifest) return planDockerArchive(manifest, archive);
  const index = archive.documents.get("index.json");
  if (index) return planLayout(index, { archive, read, platform });
  throw invalidParameter(
    "the archive holds no images: it has neither manifest.json nor index.json; `docker import` takes a root filesystem",
  );
}

const IMAGE_LIMIT = 1000;
const LAYER_LIMIT = 4096;

function planDockerArchive(content: Uint8Array, archive: Collected): readonly PlannedImage[] {
  const entries = parseList(content);
  return entries.map((entry) => {
    const fields = asObject("an entry of manifest.json", entry);
    const { Config: config, Layers: layers, RepoTags: tags, Parent: parent } = fields;
    if (typeof config !== "string") throw invalidParameter("an entry of manifest.json has no Config");
    return {
      config: archive.blobAt(config),
      layers: texts("Layers", layers).map(archive.blobAt),
      references: texts("RepoTags", tags).map(parseTarget),
      ...(isDigest(parent) ? { parent } : {}),
    };
  });
}

function parseList(content: Uint8Array): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(content).toString("utf8"));
  } catch (cause) {
    throw invalidParameter("manifest.json of the image archive is not valid JSON", cause);
  }
  if (!Array.isArray(value) || value.length > IMAGE_LIMIT) {
    throw invalidParameter(
      `manifest.json of the image archive is not a list of at most ${IMAGE_LIMIT} images`,
    );
  }
  return value;
}

function texts(what: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  const isList =
    Array.isArray(value) && value.length <= LAYER_LIMIT && value.every((entry) => typeof entry === "string");
  if (!isList)
    throw invalidParameter(`${what} in manifest.json is not a list of at most ${LAYER_LIMIT} strings`);
  return value;
}

/** A layout and whom it is read for. */
interface Layout {
  readonly archive: Collected;
  readonly read: ReadBlob;
  readonly platform: Platform;
}

async function planLayout(content: Uint8Array, layout: Layout): Promise<readonly PlannedImage[]> {
  const index = parseManifestOrIndex(content);
  if (index.kind !== "index") throw invalidParameter("index.json of the image archive is not an image index");
  if (index.manifests.length > IMAGE_LIMIT)
    throw invalidParameter(`the image archive has more than ${IMAGE_LIMIT} images`);
  const planned: PlannedImage[] = [];
  for (const descriptor of index.manifests) {
    if (isAttestation(descriptor)) continue;
    const manifest = await manifestOf(descriptor, layout, 0);
    const references = namesOf(descriptor);
    const known = planned.findIndex(({ config }) => config === manifest.config.digest);
    const before = planned[known];
    // One image with several names is one entry per name in the index.
    if (before) planned[known] = { ...before, references: [...before.references, ...references] };
    else planned.push({ ...contentOf(manifest, layout.archive), references });
  }
  return planned;
}

const contentOf = (manifest: Manifest, archive: Collected): Omit<PlannedImage, "references"> => ({
  config: archive.blobAt(layoutPath(manifest.config.digest)),
  layers: manifest.layers.map(({ digest }) => archive.blobAt(layoutPath(digest))),
});

const NESTING_LIMIT = 4;

async function manifestOf(descriptor: Descriptor, layout: Layout, level: number): Promise<Manifest> {
  if (level > NESTING_LIMIT) throw invalidParameter("the indexes of the image archive are nested too deeply");
  const { archive, read, platform } = layout;
  const digest = archive.blobAt(layoutPath(descriptor.digest));
  const content = await read(digest, MANIFEST_LIMIT);
  const parsed = parseManifestOrIndex(content, descriptor.mediaType);
  if (parsed.kind === "manifest") {
    if (
      parsed.config.mediaType === MEDIA_TYPES.ociConfig ||
      parsed.config.mediaType === MEDIA_TYPES.dockerConfig
    )
      return parsed;
    throw invalidParameter(
      `the archive holds no image but an artifact of the type ${parsed.config.mediaType}`,
    );
  }
  const present = parsed.manifests.filter(
    (entry) => !isAttestation(entry) && archive.has(layoutPath(entry.digest)),
  );
  const inner = present.find(({ mediaType }) => isIndexType(mediaType));
  const best =
    bestPlatform(platform, present, (entry) => entry.platform) ?? (present.length === 1 ? present[0] : inner);
  if (!best) throw invalidParameter(`the image archive has no image for ${formatPlatform(platform)}`);
  return manifestOf(best, layout, level + 1);
}

/**
 * The annotation containerd and BuildKit write has the full name; the OCI one may be a full name or a tag alone. A name
 * by digest says what a registry once answered, which no archive can prove: it is left out.
 */
function namesOf({ annotations = {} }: Descriptor): readonly Reference[] {
  const full = annotations["io.containerd.image.name"];
  const name = full ?? annotations["org.opencontainers.image.ref.name"];
  const isName = name !== undefined && !name.includes("@") && (full !== undefined || /[:/]/.test(name));
  return isName ? [parseTarget(name)] : [];
}
