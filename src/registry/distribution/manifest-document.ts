import { hasKind, messageOf } from "../../base/errors.ts";
import { asObject, MANIFEST_LIMIT, MEDIA_TYPES, parseObject } from "../../oci/index.ts";
import { failure } from "../http/errors.ts";
import { type BlobDigest, isBlobDigest } from "./digest.ts";

/** Something a manifest is made of. */
export interface ContentReference {
  readonly digest: BlobDigest;
  readonly role: "config" | "layer" | "manifest";
  readonly mediaType: string;
  readonly size: number;
  /** "linux/arm64", for entries of an index. */
  readonly platform: string | undefined;
  /** Its bytes are elsewhere (non-distributable layers): they need not be here. */
  readonly foreign: boolean;
}

/** What the registry reads of a manifest or index; its bytes are kept as they came. */
export interface ManifestDocument {
  readonly kind: "image" | "artifact" | "index";
  readonly mediaType: string;
  /** As the referrers list shows it: an image manifest without one goes by its config's type. */
  readonly artifactType: string | undefined;
  readonly references: readonly ContentReference[];
  readonly subject: { readonly digest: BlobDigest } | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** Artifact manifests of OCI 1.1's release candidates: clients of their time still push them. */
const OLD_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";
const INDEXES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerList]);
const IMAGES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.dockerManifest,
  OLD_ARTIFACT,
]);
const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);
const FOREIGN = /nondistributable|rootfs\.foreign/;
const ENTRY_LIMIT = 16_384;

type Fields = Readonly<Record<string, unknown>>;

const invalid = (reason: string) =>
  failure("MANIFEST_INVALID", { message: `manifest invalid: ${reason}`, detail: reason });

/**
 * Reads a manifest, index or artifact (OCI image-spec, Docker schema 2). `contentType` is the request's; the document's
 * own `mediaType` must agree with it. Throws MANIFEST_INVALID; with status 415 for types the registry does not keep.
 */
export function parseManifestDocument(
  content: Uint8Array,
  contentType: string | undefined,
): ManifestDocument {
  const fields = readFields(content);
  const mediaType = mediaTypeOf(fields, contentType);
  const isIndex = INDEXES.has(mediaType);
  if (!isIndex && !IMAGES.has(mediaType)) {
    throw failure("MANIFEST_INVALID", {
      status: 415,
      message: `manifests of type ${mediaType.slice(0, 200) || "(none)"} are not supported`,
    });
  }
  const old = mediaType === OLD_ARTIFACT;
  if (!old && fields["schemaVersion"] !== 2) throw invalid("schemaVersion is not 2");
  if ("manifests" in fields && ("layers" in fields || "config" in fields))
    throw invalid("it has the fields of an image and of an index");
  const references = isIndex ? indexReferences(fields) : imageReferences(fields, old);
  const declared = optionalString(fields, "artifactType") || undefined;
  const config = references.find(({ role }) => role === "config");
  return {
    kind: isIndex
      ? "index"
      : declared || old || !IMAGE_CONFIGS.has(config?.mediaType ?? "")
        ? "artifact"
        : "image",
    mediaType,
    artifactType: declared ?? (isIndex ? undefined : config?.mediaType),
    references,
    subject:
      fields["subject"] == null ? undefined : { digest: readReference(fields["subject"], "manifest").digest },
    annotations: readAnnotations(fields["annotations"]),
  };
}

function readFields(content: Uint8Array): Fields {
  try {
    return parseObject("manifest", content, MANIFEST_LIMIT);
  } catch (error) {
    if (hasKind(error, "invalidParameter")) throw invalid(messageOf(error));
    throw error;
  }
}

function mediaTypeOf(fields: Fields, contentType: string | undefined): string {
  const announced = contentType?.split(";", 1)[0]?.trim().toLowerCase() || undefined;
  const declared = optionalString(fields, "mediaType") || undefined;
  const known = announced !== undefined && (INDEXES.has(announced) || IMAGES.has(announced));
  if (declared && known && declared !== announced)
    throw invalid(`it calls itself ${declared.slice(0, 200)}, but was announced as ${announced}`);
  if (known) return announced;
  if (announced && announced !== "application/json" && announced !== "application/octet-stream")
    return announced;
  if (declared) return declared;
  return "manifests" in fields ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest;
}

const indexReferences = (fields: Fields): readonly ContentReference[] =>
  list(fields, "manifests").map((entry) => readReference(entry, "manifest"));

function imageReferences(fields: Fields, old: boolean): readonly ContentReference[] {
  if (old) return list(fields, "blobs").map((entry) => readReference(entry, "layer"));
  if (!("config" in fields)) throw invalid("it has no config");
  return [
    readReference(fields["config"], "config"),
    ...list(fields, "layers").map((entry) => readReference(entry, "layer")),
  ];
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${name} is not a list`);
  if (value.length > ENTRY_LIMIT) throw invalid(`${name} has more than ${ENTRY_LIMIT} entries`);
  return value;
}

function optionalString(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`${name} is not a string`);
  return value;
}

function readReference(value: unknown, role: ContentReference["role"]): ContentReference {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(`a ${role} is not an object`);
  const fields = value as Fields;
  const digest = optionalString(fields, "digest") ?? "";
  if (!isBlobDigest(digest)) throw invalid(`a ${role} has no valid digest`);
  const size = fields["size"];
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`a ${role} has no valid size`);
  const mediaType = optionalString(fields, "mediaType") ?? "";
  const foreign = FOREIGN.test(mediaType) && list(fields, "urls").length > 0;
  return { digest, role, mediaType, size, platform: platformText(fields["platform"]), foreign };
}

function platformText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { os, architecture, variant } = value as Fields;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  const parts = [os, architecture, ...(typeof variant === "string" && variant ? [variant] : [])];
  return parts.every((part) => /^[\w.-]{1,64}$/.test(part)) ? parts.join("/") : undefined;
}

function readAnnotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const fields = asObject("annotations", value);
  for (const [key, text] of Object.entries(fields))
    if (typeof text !== "string")
      throw invalid(`the annotation ${JSON.stringify(key.slice(0, 100))} is not a string`);
  return fields as Readonly<Record<string, string>>;
}
