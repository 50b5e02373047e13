import { invalidParameter } from "../../base/errors.ts";
import {
  CONFIG_LIMIT,
  type Descriptor,
  type Digest,
  familiarName,
  familiarRepository,
  hostPlatform,
  type ImageConfig,
  type Manifest,
  type Platform,
  parseImageConfig,
  parseManifestOrIndex,
  parsePlatform,
  platformMismatch,
  platformScore,
  type Reference,
} from "../../oci/index.ts";
import { withRegistry } from "../../registry-client/connect.ts";
import { type RemoteManifest, Repository } from "../../registry-client/repository.ts";
import type { PullRequest } from "../distribution.ts";
import type { OnProgress } from "../image.ts";
import { type RegistryKit, targetOf } from "../registry/kit.ts";
import { parseImageName } from "../registry/name.ts";
import { catalogName } from "../store/find-image.ts";
import { registerImage } from "../store/register.ts";
import { download } from "./download.ts";
import { pullError } from "./errors.ts";
import { type PulledLayer, pullLayers } from "./layers.ts";
import { checkImageManifest, chooseManifest, pairLayers } from "./plan.ts";

interface Pull {
  readonly repository: Repository;
  readonly platform: Platform;
  /** The client named it: a mismatch is worth a warning. */
  readonly isChosen: boolean;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
}

interface Pulled {
  readonly id: Digest;
  /** The name stood for something else before, or for nothing. */
  readonly isNew: boolean;
  readonly warning: string | undefined;
}

/** `docker pull`. */
export async function pullImages(kit: RegistryKit, request: PullRequest): Promise<readonly Digest[]> {
  const name = parseImageName(request.name);
  const { signal, onProgress } = request;
  const platform = request.platform === undefined ? hostPlatform() : parsePlatform(request.platform);
  const target = targetOf(kit, name.domain, "pull", request);
  try {
    return await withRegistry(target, async (session) => {
      const repository = new Repository(session, name.path, "pull", signal);
      const pull: Pull = {
        repository,
        platform,
        isChosen: request.platform !== undefined,
        onProgress,
        signal,
      };
      const isWhole = name.tag === undefined && name.digest === undefined;
      const tags = isWhole ? await repository.tags() : [name.tag];
      const pulled: Pulled[] = [];
      for (const tag of tags)
        pulled.push(await pullOne(kit, pull, { ...name, ...(tag === undefined ? {} : { tag }) }));
      const text = pulled.some(({ isNew }) => isNew) ? "Downloaded newer image" : "Image is up to date";
      onProgress({
        status: `Status: ${text} for ${isWhole ? familiarRepository(name) : familiarName(name)}`,
      });
      for (const { warning } of pulled) if (warning) onProgress({ status: `WARNING: ${warning}` });
      return pulled.map(({ id }) => id);
    });
  } catch (error) {
    throw pullError(error, name);
  }
}

async function pullOne(kit: RegistryKit, pull: Pull, reference: Reference): Promise<Pulled> {
  const { repository, onProgress } = pull;
  const wanted = reference.digest ?? reference.tag ?? "";
  const named = await repository.manifest(wanted);
  onProgress({ status: `Pulling from ${reference.path}`, id: wanted });
  const { manifest, source } = await resolvePlatform(pull, named);
  checkImageManifest(manifest);
  await using blobs = kit.blobs.lease();
  using layers = kit.layers.lease();
  const config = await fetchConfig(kit, pull, manifest.config, blobs);
  const parsed = parseImageConfig(config);
  const paired = pairLayers(manifest, parsed);
  const leases = { blobs, layers };
  const isKnown = kit.images.get(manifest.config.digest) !== undefined;
  await pullLayers(kit, { repository, layers: paired, isKnown, leases, onProgress, signal: pull.signal });
  const isNew = register(kit, { config, reference, named, source, layers: paired, manifest });
  onProgress({ status: `Digest: ${named.digest}` });
  return { id: manifest.config.digest, isNew, warning: mismatch(pull, parsed, reference) };
}

/** Follows an index to the manifest of the platform; one index in another is as deep as it goes. */
async function resolvePlatform(
  { repository, platform }: Pull,
  named: RemoteManifest,
): Promise<{ readonly manifest: Manifest; readonly source: RemoteManifest }> {
  let source = named;
  for (let level = 0; level < 3; level++) {
    const parsed = parseManifestOrIndex(source.content, source.mediaType);
    if (parsed.kind === "manifest") return { manifest: parsed, source };
    const { digest, mediaType } = chooseManifest(parsed, platform);
    source = { ...(await repository.manifest(digest)), mediaType };
  }
  throw invalidParameter("the image index leads to further indexes: more than two are not followed");
}

/** The configuration byte for byte: the store's if it has the image, else the registry's. */
async function fetchConfig(
  kit: RegistryKit,
  { repository, signal }: Pull,
  descriptor: Descriptor,
  lease: Parameters<typeof download>[1]["lease"],
): Promise<Uint8Array> {
  const known = kit.images.get(descriptor.digest);
  if (known) return known.config;
  if (descriptor.size > CONFIG_LIMIT)
    throw invalidParameter(`the image configuration is too large: ${descriptor.size} bytes`);
  const silent = { onBytes: () => undefined, onVerify: () => undefined, onRetry: () => undefined };
  await download(kit, { repository, descriptor, lease, signal, report: silent });
  return kit.blobs.read(descriptor.digest, CONFIG_LIMIT);
}

interface Arrived {
  readonly config: Uint8Array;
  readonly reference: Reference;
  /** What the tag stands for, the digest people see: the manifest itself, or an index. */
  readonly named: RemoteManifest;
  readonly source: RemoteManifest;
  readonly layers: readonly PulledLayer[];
  readonly manifest: Manifest;
}

/** The commit point: image, names, and what is known of the registry. Whether any of it is new to the store. */
function register(kit: RegistryKit, arrived: Arrived): boolean {
  const { reference, named, config, source, layers, manifest } = arrived;
  const { domain, path, tag } = reference;
  const byDigest: Reference = { domain, path, digest: named.digest };
  // A name with both is what was asked for by digest: the tag was for readers.
  const references =
    reference.digest !== undefined || tag === undefined ? [byDigest] : [{ domain, path, tag }, byDigest];
  return kit.db.transaction(() => {
    const before = references.map((name) => kit.images.reference(catalogName(name))?.image);
    const { id } = registerImage(kit, { config, references });
    kit.memory.rememberManifest(id, { mediaType: manifest.mediaType, content: source.content });
    if (named.digest !== source.digest) {
      const { mediaType } = parseManifestOrIndex(named.content, named.mediaType);
      kit.memory.rememberIndex(id, { mediaType, content: named.content });
    }
    for (const { descriptor, diffId } of layers)
      kit.memory.remember({
        diffId,
        digest: descriptor.digest,
        mediaType: descriptor.mediaType,
        size: descriptor.size,
        domain,
        path,
      });
    return before[0] !== id;
  });
}

/** What Docker warns of when an image without alternatives is for another platform than the one asked for. */
function mismatch(
  { platform, isChosen }: Pull,
  config: ImageConfig,
  reference: Reference,
): string | undefined {
  const { os, architecture, variant } = config;
  const actual: Platform = { os, architecture, ...(variant ? { variant } : {}) };
  if (!isChosen || platformScore(platform, actual) > 0) return undefined;
  return platformMismatch(familiarName(reference), actual, platform);
}
