import { invalidParameter } from "../base/errors.ts";
import { parseDigest } from "./digest.ts";
import type { Digest } from "./image-config.ts";
import type { Platform } from "./platform.ts";
import {
  asList,
  asObject,
  asSize,
  asText,
  type Fields,
  optionalText,
  optionalTextMap,
  optionalTexts,
  parseObject,
} from "./shape.ts";

export const MEDIA_TYPES = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociLayer: "application/vnd.oci.image.layer.v1.tar",
  ociLayerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  ociLayerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar",
  dockerLayerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
} as const;

/** The largest manifest or index read, as registries allow (OCI distribution-spec, "Pushing Manifests"): 4 MiB. */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;
const ENTRY_LIMIT = 4096;

/** What points to content (OCI descriptor.md). `size` in bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
}

/** What was proven of an image when it was built, and travels beside it in an index (BuildKit attestation storage). */
export const isAttestation = ({ platform, annotations }: Descriptor): boolean =>
  platform?.os === "unknown" || annotations?.["vnd.docker.reference.type"] === "attestation-manifest";

/** An image for one platform: OCI image manifest or Docker's schema 2. */
export interface Manifest {
  readonly kind: "manifest";
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Several manifests under one name: OCI image index or Docker's manifest list. */
export interface Index {
  readonly kind: "index";
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

const INDEX_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociIndex, MEDIA_TYPES.dockerList]);
const MANIFEST_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerManifest]);

export const isIndexType = (mediaType: string): boolean => INDEX_TYPES.has(mediaType);
export const isManifestType = (mediaType: string): boolean => MANIFEST_TYPES.has(mediaType);

/**
 * Reads a manifest or an index of either family. A declared `mediaType` must agree with `expectedType` and with the
 * fields that are there, so that no document can be taken for one thing here and for another elsewhere
 * (OCI advisory GHSA-77vh-xpmg-72qh). Throws invalidParameter.
 */
export function parseManifestOrIndex(content: string | Uint8Array, expectedType?: string): Manifest | Index {
  const fields = parseObject("manifest", content, MANIFEST_LIMIT);
  if (fields["schemaVersion"] === 1) {
    throw invalidParameter(
      "image manifests of schema version 1 are no longer supported: rebuild or push the image again",
    );
  }
  if (fields["schemaVersion"] !== 2)
    throw invalidParameter("manifest has no supported schemaVersion: expected 2");
  const declared = optionalText("the manifest's mediaType", fields["mediaType"]) || undefined;
  if (declared && expectedType && declared !== expectedType) {
    throw invalidParameter(`manifest calls itself ${declared}, but was announced as ${expectedType}`);
  }
  const isIndex = "manifests" in fields;
  if (isIndex && ("layers" in fields || "config" in fields)) {
    throw invalidParameter("manifest is ambiguous: it has the fields of an image and of an index");
  }
  const mediaType = declared ?? expectedType ?? (isIndex ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest);
  if (isIndex ? !isIndexType(mediaType) : !isManifestType(mediaType)) {
    throw invalidParameter(
      `unsupported media type ${mediaType} for ${isIndex ? "an image index" : "an image manifest"}`,
    );
  }
  return isIndex ? readIndex(fields, mediaType) : readManifest(fields, mediaType);
}

const readIndex = (fields: Fields, mediaType: string): Index => ({
  kind: "index",
  mediaType,
  manifests: asList("the index's manifests", fields["manifests"], ENTRY_LIMIT).map((entry) =>
    readDescriptor("manifest", entry),
  ),
  annotations: optionalTextMap("the index's annotations", fields["annotations"], ENTRY_LIMIT),
});

const readManifest = (fields: Fields, mediaType: string): Manifest => ({
  kind: "manifest",
  mediaType,
  config: readDescriptor("config", fields["config"]),
  layers: asList("the manifest's layers", fields["layers"], ENTRY_LIMIT).map((entry) =>
    readDescriptor("layer", entry),
  ),
  annotations: optionalTextMap("the manifest's annotations", fields["annotations"], ENTRY_LIMIT),
});

function readDescriptor(what: string, value: unknown): Descriptor {
  const fields = asObject(`the ${what} descriptor`, value);
  const urls = optionalTexts(`the ${what}'s urls`, fields["urls"], ENTRY_LIMIT);
  const annotations = optionalTextMap(`the ${what}'s annotations`, fields["annotations"], ENTRY_LIMIT);
  const platform = fields["platform"] == null ? undefined : readPlatform(fields["platform"]);
  return {
    mediaType: asText(`the ${what}'s mediaType`, fields["mediaType"]),
    digest: parseDigest(asText(`the ${what}'s digest`, fields["digest"])),
    size: asSize(`the ${what}'s size`, fields["size"]),
    ...(urls ? { urls } : {}),
    ...(annotations ? { annotations } : {}),
    ...(platform ? { platform } : {}),
  };
}

function readPlatform(value: unknown): Platform {
  const fields = asObject("a platform", value);
  const variant = optionalText("a platform's variant", fields["variant"]);
  const version = optionalText("a platform's os.version", fields["os.version"]);
  const features = optionalTexts("a platform's os.features", fields["os.features"], ENTRY_LIMIT);
  return {
    os: asText("a platform's os", fields["os"]),
    architecture: asText("a platform's architecture", fields["architecture"]),
    ...(variant ? { variant } : {}),
    ...(version ? { "os.version": version } : {}),
    ...(features ? { "os.features": features } : {}),
  };
}
