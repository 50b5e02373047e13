import { digestOf } from "../../oci/index.ts";
import { compactJson, indentJson } from "../inspect/indent.ts";

/** A platform as OCI descriptors have it, in the order of its fields in Go. */
export interface Platform {
  architecture: string;
  os: string;
  "os.version"?: string;
  "os.features"?: readonly string[];
  variant?: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Platform;
}

/** Under which name docker keeps a manifest of one platform. */
export type Schema = "SchemaV2Manifest" | "OCIManifest";

/** A manifest of one platform, and what a list says of it. */
export interface ImageManifest {
  /** Its name, in full. */
  readonly ref: string;
  readonly descriptor: Descriptor;
  /** What the registry has, byte for byte; of lists that old releases made only the meaning is left. */
  readonly raw: Buffer | undefined;
  readonly schema: Schema;
  /** The manifest as JSON. */
  readonly text: string;
}

const LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

/** JSON as Go's encoder writes it into documents of others: three signs and two line ends are escaped. */
const ESCAPED = /[<>&\u2028\u2029]/g;
const inGo = (text: string): string =>
  text.replace(ESCAPED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A platform with its fields in Go's order; what is empty is left out, but for the first two. */
const ordered = (platform: Platform): Platform => {
  const { architecture = "", os = "", variant } = platform;
  const features = platform["os.features"] ?? [];
  return {
    architecture,
    os,
    ...(platform["os.version"] ? { "os.version": platform["os.version"] } : {}),
    ...(features.length > 0 ? { "os.features": features } : {}),
    ...(variant ? { variant } : {}),
  };
};

/** The file of a manifest in docker's store. */
export function encode({ ref, descriptor, raw, schema, text }: ImageManifest): string {
  const { mediaType, digest, size, platform } = descriptor;
  const shown = { mediaType, digest, size, ...(platform ? { platform: ordered(platform) } : {}) };
  const head = JSON.stringify({
    Ref: ref,
    Descriptor: shown,
    ...(raw ? { Raw: raw.toString("base64") } : {}),
  });
  return inGo(`${head.slice(0, -1)},${JSON.stringify(schema)}:${compactJson(text)}}`);
}

/** Reads such a file. Throws Error with its name when it is none. */
export function decode(content: string, file: string): ImageManifest {
  const { Ref, Descriptor, Raw, ...rest } = JSON.parse(content) as {
    readonly Ref?: string;
    readonly Descriptor?: Descriptor;
    readonly Raw?: string;
  } & Partial<Record<Schema, unknown>>;
  const schema: Schema = rest.OCIManifest ? "OCIManifest" : "SchemaV2Manifest";
  if (!Ref || !Descriptor?.digest || rest[schema] === undefined)
    throw new Error(`invalid manifest file ${file}: it lacks a reference, a descriptor or a manifest`);
  const raw = Raw ? Buffer.from(Raw, "base64") : undefined;
  const text = raw?.toString("utf8") ?? JSON.stringify(rest[schema]);
  return { ref: Ref, descriptor: Descriptor, raw, schema, text };
}

/** One manifest, as `inspect` shows it: as it is, or with what is known of it. */
export const showManifest = (manifest: ImageManifest, verbose: boolean): string =>
  indentJson(verbose ? encode(manifest) : manifest.text, "\t");

export const showAll = (manifests: readonly ImageManifest[]): string =>
  indentJson(`[${manifests.map(encode).join(",")}]`, "\t");

/**
 * The list of manifests in a repository of `domain`, as it is pushed. Docker's form, or OCI's when its first manifest is.
 * Throws Error when one of them is in another registry: a list names only what lies beside it.
 */
export function makeList(
  manifests: readonly ImageManifest[],
  domain: string,
): { readonly mediaType: string; readonly text: string } {
  const other = manifests.map(({ ref }) => ref.slice(0, ref.indexOf("/"))).find((name) => name !== domain);
  if (other !== undefined)
    throw new Error(
      `cannot use source images from a different registry than the target image: ${other} != ${domain}`,
    );
  const mediaType = manifests[0]?.descriptor.mediaType === OCI_MANIFEST ? OCI_INDEX : LIST;
  const entries = manifests.map(({ descriptor: { mediaType: type, size, digest, platform } }) => ({
    mediaType: type,
    size,
    digest,
    platform: ordered(platform ?? { architecture: "", os: "" }),
  }));
  const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries });
  return { mediaType, text: indentJson(inGo(text), "   ") };
}

/** Digests of what a manifest stands on: its configuration first, then its layers. */
export function blobsOf({ text }: ImageManifest): readonly string[] {
  type Blob = { readonly digest: string };
  const { config, layers = [] } = JSON.parse(text) as {
    readonly config?: Blob;
    readonly layers?: readonly Blob[];
  };
  return [...(config ? [config] : []), ...layers].map(({ digest }) => digest);
}

/** The bytes to push. Of what an old release kept they are made again; other bytes than the digest's are refused. */
export function payload({ ref, descriptor, raw, schema, text }: ImageManifest): Buffer {
  const bytes = raw ?? Buffer.from(indentJson(text, schema === "OCIManifest" ? "  " : "   "));
  const digest = digestOf(bytes);
  if (digest !== descriptor.digest)
    throw new Error(`internal digest mismatch for ${ref}: expected ${descriptor.digest}, got ${digest}`);
  return bytes;
}
