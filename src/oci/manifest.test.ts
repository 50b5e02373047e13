import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EngineError } from "../base/errors.ts";
import { digestOf } from "./digest.ts";
import { MANIFEST_LIMIT, MEDIA_TYPES, parseManifestOrIndex } from "./manifest.ts";
import { parseImageConfig } from "./parse-image-config.ts";

const descriptor = (mediaType: string) => ({ mediaType, digest: digestOf(mediaType), size: 7 });
const manifest = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.ociManifest,
  config: descriptor(MEDIA_TYPES.ociConfig),
  layers: [descriptor(MEDIA_TYPES.ociLayerGzip)],
};
const index = {
  schemaVersion: 2,
  manifests: [
    { ...descriptor(MEDIA_TYPES.ociManifest), platform: { os: "linux", architecture: "arm", variant: "v7" } },
  ],
};
const config = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [digestOf("x")] } };

describe("parseManifestOrIndex", () => {
  it("reads a manifest", () => {
    const parsed = parseManifestOrIndex(JSON.stringify(manifest));
    assert.ok(parsed.kind === "manifest");
    assert.deepEqual(parsed.layers, manifest.layers);
    assert.deepEqual(parsed.config, manifest.config);
  });
  it("reads an index without a media type", () => {
    const parsed = parseManifestOrIndex(JSON.stringify(index));
    assert.ok(parsed.kind === "index");
    assert.deepEqual(parsed.manifests, index.manifests);
  });
  it("tells Docker's list by its media type", () => {
    const parsed = parseManifestOrIndex(JSON.stringify(index), MEDIA_TYPES.dockerList);
    assert.equal(parsed.mediaType, MEDIA_TYPES.dockerList);
  });

  const refused: readonly (readonly [name: string, content: string, message: RegExp])[] = [
    ["no JSON", "{", /not valid JSON/],
    ["a list", "[]", /not a JSON object/],
    ["schema 1", '{"schemaVersion":1}', /no longer supported/],
    ["no schema version", "{}", /schemaVersion/],
    ["both kinds at once", JSON.stringify({ ...manifest, ...index }), /ambiguous/],
    [
      "an index posing as a manifest",
      JSON.stringify({ ...index, mediaType: MEDIA_TYPES.ociManifest }),
      /media type/,
    ],
    ["an unknown type", JSON.stringify({ ...manifest, mediaType: "text/html" }), /unsupported media type/],
    [
      "a negative size",
      JSON.stringify({ ...manifest, config: { ...manifest.config, size: -1 } }),
      /size in bytes/,
    ],
    [
      "a digest with a path",
      JSON.stringify({ ...manifest, config: { ...manifest.config, digest: "sha256:../../x" } }),
      /digest/,
    ],
    ["layers that are no list", JSON.stringify({ ...manifest, layers: {} }), /not a list/],
    [
      "deep nesting",
      `{"schemaVersion":2,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      /nested too deeply/,
    ],
  ];
  for (const [name, content, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseManifestOrIndex(content), { kind: "invalidParameter", message });
    });
  }
  it("refuses a manifest over 4 MiB unread", () => {
    assert.throws(() => parseManifestOrIndex(new Uint8Array(MANIFEST_LIMIT + 1)), /too large/);
  });
  it("refuses a manifest announced as something else", () => {
    assert.throws(
      () => parseManifestOrIndex(JSON.stringify(manifest), MEDIA_TYPES.dockerManifest),
      /announced as/,
    );
  });
});

describe("parseImageConfig", () => {
  it("keeps unknown fields and fills defaults", () => {
    const parsed = parseImageConfig(JSON.stringify({ ...config, os: undefined, container: "x" }));
    assert.equal(parsed.os, "linux");
    assert.deepEqual(parsed.rootfs.diff_ids, config.rootfs.diff_ids);
    assert.equal(Object.entries(parsed).find(([key]) => key === "container")?.[1], "x");
  });
  it("takes Go's null for an absent list", () => {
    assert.deepEqual(
      parseImageConfig(JSON.stringify({ ...config, rootfs: { type: "layers", diff_ids: null } })).rootfs
        .diff_ids,
      [],
    );
  });
  it("refuses wrong types", () => {
    for (const bad of [
      {},
      { ...config, rootfs: { type: "zip" } },
      { ...config, rootfs: { type: "layers", diff_ids: ["sha256:x"] } },
      { ...config, config: { Env: "A=1" } },
      { ...config, config: { Cmd: [1] } },
      { ...config, config: [] },
      { ...config, history: {} },
      { ...config, history: [{ created_by: 1 }] },
    ]) {
      assert.throws(
        () => parseImageConfig(JSON.stringify(bad)),
        { kind: "invalidParameter" },
        JSON.stringify(bad),
      );
    }
  });
});

describe("hostile documents", () => {
  const mutated = fc
    .tuple(fc.constantFrom(manifest, index, config), fc.jsonValue(), fc.string())
    .map(([base, value, key]) => {
      const keys = Object.keys(base);
      return JSON.stringify({ ...base, [keys[key.length % keys.length] ?? key]: value });
    });
  it("end in a value or in an error of ours", () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json(), fc.string()), (text) => {
        for (const parse of [parseManifestOrIndex, parseImageConfig]) {
          try {
            parse(text);
          } catch (error) {
            assert.ok(error instanceof EngineError && error.kind === "invalidParameter", String(error));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
