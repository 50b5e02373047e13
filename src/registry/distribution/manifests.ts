import { MANIFEST_LIMIT, parseImageConfig } from "../../oci/index.ts";
import { nameOf } from "../access/identity.ts";
import { checkMovable } from "../access/immutable.ts";
import { failure, RegistryErrors } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { matchesEtag } from "../http/range.ts";
import type { ManifestRecord } from "../metadata/manifests.ts";
import type { Project } from "../metadata/projects.ts";
import type { Repository } from "../metadata/repositories.ts";
import { algorithmOf, type BlobDigest, computeDigest, parseBlobDigest } from "./digest.ts";
import { type ManifestDocument, parseManifestDocument } from "./manifest-document.ts";
import { parseTag, projectOf } from "./names.ts";
import type { DistributionServices } from "./services.ts";

const CONFIG_READ_LIMIT = 1024 * 1024;
const TAG_PARAMETERS = 20;

const isDigestReference = (reference: string): boolean => reference.includes(":");

/** GET and HEAD of a manifest by tag or digest (end-3). */
export function getManifest(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const name = exchange.param("name");
    const reference = exchange.param("reference");
    const warning = await refresh(services, name, reference);
    const manifest = findManifest(services, name, reference);
    const { digest } = manifest;
    const headers = {
      "Content-Type": manifest.mediaType,
      "Docker-Content-Digest": digest,
      ETag: `"${digest}"`,
      ...(warning ? { Warning: `299 - ${JSON.stringify(warning)}` } : {}),
    };
    if (matchesEtag(exchange.header("if-none-match"), digest)) {
      exchange.empty(304, headers);
      return;
    }
    const content = await services.contents.document(digest);
    if (exchange.method !== "HEAD") {
      const tag = isDigestReference(reference) ? {} : { tag: reference };
      services.journal.pulled(exchange, { repository: name, digest, mediaType: manifest.mediaType, ...tag });
    }
    exchange.send(200, content, headers);
  };
}

/** In a pull-through project: asks upstream when it is time to. */
async function refresh(
  services: DistributionServices,
  name: string,
  reference: string,
): Promise<string | undefined> {
  const project = services.metadata.projects.find(projectOf(name));
  if (!project?.settings.proxy) return undefined;
  return services.pullThrough.manifest(project, name, reference);
}

export function findManifest(
  { metadata }: Pick<DistributionServices, "metadata">,
  name: string,
  reference: string,
): ManifestRecord {
  const digest = isDigestReference(reference) ? parseBlobDigest(reference) : undefined;
  const tag = digest ? "" : parseTag(reference);
  const repository = metadata.repositories.find(name);
  if (!repository) throw failure("NAME_UNKNOWN", { detail: { name } });
  const found = digest
    ? metadata.manifests.find(repository.id, digest)
    : metadata.manifests.byTag(repository.id, tag);
  if (!found) throw failure("MANIFEST_UNKNOWN", { detail: { name, reference } });
  return found;
}

/** PUT of a manifest (end-7): under a tag, or by digest, with tags in the query (`?tag=a&tag=b`). */
export function putManifest(services: DistributionServices) {
  return async (exchange: Exchange): Promise<void> => {
    const name = exchange.param("name");
    const project = services.access.projectForPush(exchange.caller.identity, name);
    const { wanted, tags } = readReference(exchange);
    const content = await exchange.readBody(MANIFEST_LIMIT, tooLarge);
    const digest = computeDigest(content, wanted ? algorithmOf(wanted) : "sha256");
    if (wanted && wanted !== digest)
      throw failure("DIGEST_INVALID", { detail: { digest: wanted, actual: digest } });
    const document = parseManifestDocument(content, exchange.header("content-type"));
    await keepManifest(services, exchange, { name, project, digest, content, document, tags });
    const reference = tags[0] ?? digest;
    exchange.empty(201, {
      Location: `/v2/${name}/manifests/${wanted ? digest : reference}`,
      "Docker-Content-Digest": digest,
      ...(document.subject ? { "OCI-Subject": document.subject.digest } : {}),
      ...(wanted && tags.length > 0 ? { "OCI-Tag": tags } : {}),
    });
  };
}

const tooLarge = () =>
  failure("MANIFEST_INVALID", {
    status: 413,
    message: `manifest invalid: it is larger than ${MANIFEST_LIMIT} bytes`,
  });

function readReference(exchange: Exchange): {
  readonly wanted?: BlobDigest;
  readonly tags: readonly string[];
} {
  const reference = exchange.param("reference");
  if (!isDigestReference(reference)) return { tags: [parseTag(reference)] };
  const tags = [...new Set(exchange.query.getAll("tag"))].map(parseTag);
  if (tags.length > TAG_PARAMETERS)
    throw failure("TAG_INVALID", { status: 414, message: `at most ${TAG_PARAMETERS} tags at once` });
  return { wanted: parseBlobDigest(reference), tags };
}

interface IncomingManifest {
  readonly name: string;
  readonly project: Project;
  readonly digest: BlobDigest;
  readonly content: Buffer;
  readonly document: ManifestDocument;
  readonly tags: readonly string[];
}

async function keepManifest(services: DistributionServices, exchange: Exchange, incoming: IncomingManifest) {
  const { metadata, contents, journal } = services;
  const { name, project, digest, content, document, tags } = incoming;
  const by = nameOf(exchange.caller.identity);
  contents.checkQuota(project, digest, content.length);
  const found = metadata.repositories.find(name);
  // before the bytes are stored, and again with the record: something may be deleted in between
  checkReferences(services, found, document);
  const image = await readImage(services, document);
  await contents.keepDocument(digest, content, () => {
    const repository = metadata.repositories.obtain(name, project.id);
    checkReferences(services, repository, document);
    for (const tag of tags) checkMovable(metadata, project, repository, tag, digest);
    const manifest = metadata.manifests.add({
      repository: repository.id,
      digest,
      size: content.length,
      document,
      by,
      ...image,
    });
    for (const tag of tags) metadata.tags.set(repository.id, tag, manifest.id, by);
    metadata.repositories.touchPushed(repository.id, Date.now());
    for (const tag of tags.length > 0 ? tags : [undefined])
      journal.pushed(exchange, {
        repository: name,
        tag,
        digest,
        mediaType: document.mediaType,
        size: content.length,
      });
  });
}

/** All a manifest refers to must be in its repository. Throws MANIFEST_BLOB_UNKNOWN, one for each that is not. */
function checkReferences(
  { metadata }: DistributionServices,
  repository: Repository | undefined,
  document: ManifestDocument,
): void {
  const missing = document.references.filter(({ digest, role, foreign }) => {
    if (foreign) return false;
    if (!repository) return true;
    return role === "manifest"
      ? metadata.manifests.find(repository.id, digest) === undefined
      : metadata.blobs.inRepository(repository.id, digest) === undefined;
  });
  const [first, ...rest] = missing.map(({ digest }) =>
    failure("MANIFEST_BLOB_UNKNOWN", { detail: { digest } }),
  );
  if (first) throw new RegistryErrors([first, ...rest]);
}

/** Platform and date of an image, for lists; whatever its configuration looks like, it is no reason to refuse it. */
export async function readImage(
  { contents }: Pick<DistributionServices, "contents">,
  document: ManifestDocument,
): Promise<{ readonly platform: string | undefined; readonly created: number | undefined }> {
  const nothing = { platform: undefined, created: undefined };
  const config = document.references.find(({ role }) => role === "config");
  if (document.kind !== "image" || !config || config.size > CONFIG_READ_LIMIT) return nothing;
  try {
    const { os, architecture, variant, created } = parseImageConfig(await contents.document(config.digest));
    const platform = [os, architecture, ...(variant ? [variant] : [])].join("/");
    const time = created ? Date.parse(created) : Number.NaN;
    return {
      platform: architecture && /^[\w./-]{1,100}$/.test(platform) ? platform : undefined,
      created: Number.isFinite(time) ? time : undefined,
    };
  } catch {
    return nothing;
  }
}

/** DELETE of a tag, or of a manifest with all its tags (end-9). */
export function deleteManifest(services: DistributionServices) {
  const { metadata } = services;
  return (exchange: Exchange): void => {
    const name = exchange.param("name");
    const reference = exchange.param("reference");
    const manifest = findManifest(services, name, reference);
    metadata.database.transaction(() => {
      if (isDigestReference(reference)) removeManifest(services, exchange, name, manifest);
      else removeTag(services, exchange, name, manifest, reference);
    });
    exchange.empty(202);
  };
}

export function removeTag(
  { metadata, journal }: Pick<DistributionServices, "metadata" | "journal">,
  exchange: Exchange,
  name: string,
  { digest, repository }: ManifestRecord,
  tag: string,
): void {
  const project = metadata.projects.find(projectOf(name))!;
  checkMovable(metadata, project, { id: repository }, tag, undefined);
  metadata.tags.delete(repository, tag);
  journal.deleted(exchange, "tag.delete", { repository: name, tag, digest });
}

export function removeManifest(
  { metadata, journal }: Pick<DistributionServices, "metadata" | "journal">,
  exchange: Exchange,
  name: string,
  manifest: ManifestRecord,
): void {
  const project = metadata.projects.find(projectOf(name))!;
  for (const tag of metadata.tags.ofManifest(manifest.id))
    checkMovable(metadata, project, { id: manifest.repository }, tag, undefined);
  metadata.manifests.delete(manifest.id);
  const { digest, mediaType } = manifest;
  journal.deleted(exchange, "manifest.delete", { repository: name, digest, mediaType });
}
