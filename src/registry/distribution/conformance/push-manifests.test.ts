import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MEDIA_TYPES } from "../../../oci/index.ts";
import { describe as descriptor } from "../../testing/registry.ts";
import { ABSENT, location, testRegistry } from "./set-up.ts";

/* Push of manifests. */

const registry = testRegistry();

describe("push of manifests", () => {
  it("answers with location and digest, and takes tags with a digest", async () => {
    const { manifest, digest } = await registry().pushImage("man/image", "v1");
    const put = await registry().pushManifest("man/image", "v2", manifest, MEDIA_TYPES.ociManifest);
    assert.equal(put.headers["docker-content-digest"], digest);
    assert.equal((await registry().ask("GET", location(put.headers))).text, manifest);
    await registry().pushManifest("man/image", `${digest}?tag=v3&tag=v4`, manifest, MEDIA_TYPES.ociManifest);
    const { tags } = (await registry().ask("GET", "/v2/man/image/tags/list")).json<{ tags: string[] }>();
    assert.deepEqual(tags, ["v1", "v2", "v3", "v4"]);
  });

  it("refuses a manifest whose blobs or manifests are missing, and names each", async () => {
    const config = descriptor("{}", MEDIA_TYPES.ociConfig);
    const layers = [descriptor("missing layer", MEDIA_TYPES.ociLayer)];
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers });
    const headers = { "content-type": MEDIA_TYPES.ociManifest };
    const put = await registry().ask("PUT", "/v2/man/missing/manifests/x", { headers, body: manifest });
    assert.deepEqual([put.status, put.codes], [404, ["MANIFEST_BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN"]]);
    const { errors } = put.json<{ errors: { detail: { digest: string } }[] }>();
    assert.deepEqual(
      errors.map(({ detail }) => detail.digest),
      [config.digest, layers[0]?.digest],
    );
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [descriptor("no manifest", MEDIA_TYPES.ociManifest)],
    });
    const type = { "content-type": MEDIA_TYPES.ociIndex };
    assert.equal(
      (await registry().ask("PUT", "/v2/man/missing/manifests/y", { headers: type, body: index })).status,
      404,
    );
    assert.equal((await registry().ask("GET", "/v2/man/missing/manifests/x")).status, 404);
  });

  it("does not ask for layers that are elsewhere", async () => {
    const config = Buffer.from("{}");
    await registry().pushBlob("man/foreign", config);
    const layer = {
      ...descriptor("far away", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
      urls: ["https://layers.example/far"],
    };
    const body = JSON.stringify({
      schemaVersion: 2,
      config: descriptor(config, MEDIA_TYPES.ociConfig),
      layers: [layer],
    });
    await registry().pushManifest("man/foreign", "latest", body, MEDIA_TYPES.ociManifest);
  });

  it("refuses what is no manifest, is of an unknown type, lies about its type, is too large or has the wrong digest", async () => {
    const { manifest } = await registry().pushImage("man/bad", "good");
    const put = (body: string, type: string = MEDIA_TYPES.ociManifest, reference = "x") =>
      registry().ask("PUT", `/v2/man/bad/manifests/${reference}`, {
        headers: { "content-type": type },
        body,
      });
    const refused = [
      [await put("not json"), 400, "MANIFEST_INVALID"],
      [await put("[]"), 400, "MANIFEST_INVALID"],
      [await put('{"schemaVersion":2}'), 400, "MANIFEST_INVALID"],
      [await put(manifest.replace('"schemaVersion":2', '"schemaVersion":1')), 400, "MANIFEST_INVALID"],
      [await put(manifest, "text/html"), 415, "MANIFEST_INVALID"],
      [await put(manifest, MEDIA_TYPES.ociIndex), 400, "MANIFEST_INVALID"],
      [await put(`${manifest}${" ".repeat(4 * 1024 * 1024)}`), 413, "MANIFEST_INVALID"],
      [await put(manifest, MEDIA_TYPES.ociManifest, ABSENT), 400, "DIGEST_INVALID"],
      [await put(manifest, MEDIA_TYPES.ociManifest, "sha256:baddigeststring"), 400, "DIGEST_INVALID"],
      [await put(manifest, MEDIA_TYPES.ociManifest, "-bad-tag"), 400, "TAG_INVALID"],
    ] as const;
    for (const [answer, status, code] of refused)
      assert.deepEqual([answer.status, answer.codes], [status, [code]], answer.text);
  });

  it("takes a manifest of nearly 4 MiB", async () => {
    const { manifest } = await registry().pushImage("man/large", "small");
    const annotations = Object.fromEntries(
      Array.from({ length: 390 }, (_, at) => [`large-${at}`, "A".repeat(10_000)]),
    );
    const large = JSON.stringify({ ...(JSON.parse(manifest) as object), annotations });
    await registry().pushManifest("man/large", "large", large, MEDIA_TYPES.ociManifest);
    assert.equal((await registry().ask("GET", "/v2/man/large/manifests/large")).text, large);
  });

  it("keeps Docker's types, indexes and indexes of indexes", async () => {
    const image = JSON.parse((await registry().pushImage("man/kinds", "oci")).manifest) as Record<
      string,
      unknown
    >;
    const docker = JSON.stringify({ ...image, mediaType: MEDIA_TYPES.dockerManifest });
    await registry().pushManifest("man/kinds", "docker", docker, MEDIA_TYPES.dockerManifest);
    const list = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.dockerList,
      manifests: [descriptor(docker, MEDIA_TYPES.dockerManifest)],
    });
    await registry().pushManifest("man/kinds", "list", list, MEDIA_TYPES.dockerList);
    const nested = JSON.stringify({
      schemaVersion: 2,
      manifests: [descriptor(list, MEDIA_TYPES.dockerList)],
    });
    await registry().pushManifest("man/kinds", "nested", nested, MEDIA_TYPES.ociIndex);
    await registry().pushManifest(
      "man/kinds",
      "empty",
      '{"schemaVersion":2,"manifests":[]}',
      MEDIA_TYPES.ociIndex,
    );
    const got = await registry().ask("GET", "/v2/man/kinds/manifests/list");
    assert.deepEqual([got.headers["content-type"], got.text], [MEDIA_TYPES.dockerList, list]);
  });
});
