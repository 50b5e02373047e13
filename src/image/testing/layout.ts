import { type Digest, digestOf, hexOf } from "../../oci/index.ts";
import { tarOf } from "./rig.ts";

/** An OCI layout with one image of these plain layers, as a tar. `extra`: more fields of its configuration. */
export function layoutOf(
  layers: readonly Uint8Array[],
  diffIds: readonly Digest[] = layers.map(digestOf),
  extra: Readonly<Record<string, unknown>> = {},
): Uint8Array {
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: diffIds },
      ...extra,
    }),
  );
  const describe = (mediaType: string, content: Uint8Array) => ({
    mediaType: `application/vnd.oci.image.${mediaType}`,
    digest: digestOf(content),
    size: content.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: describe("config.v1+json", config),
      layers: layers.map((layer) => describe("layer.v1.tar", layer)),
    }),
  );
  const index = { schemaVersion: 2, manifests: [describe("manifest.v1+json", manifest)] };
  const blobs = new Map([config, manifest, ...layers].map((content) => [hexOf(digestOf(content)), content]));
  return tarOf(
    ...[...blobs].map(([hex, content]) => ({ name: `blobs/sha256/${hex}`, content })),
    { name: "index.json", content: JSON.stringify(index) },
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
  );
}
