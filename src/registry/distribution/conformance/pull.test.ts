import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { MEDIA_TYPES } from "../../../oci/index.ts";
import { ABSENT, testRegistry } from "./set-up.ts";

/* Pull, and what says that the registry speaks the protocol. */

const registry = testRegistry();

describe("determining support", () => {
  it("GET /v2/ answers 200", async () => {
    const { status, headers } = await registry().ask("GET", "/v2/");
    assert.equal(status, 200);
    assert.equal(headers["docker-distribution-api-version"], "registry/2.0");
  });

  it("an unknown route is 404 and a wrong method 405, with an error body", async () => {
    const unknown = await registry().ask("GET", "/v2/x/nothing");
    assert.deepEqual([unknown.status, unknown.codes], [404, ["NOT_FOUND"]]);
    const wrong = await registry().ask("POST", "/v2/x/tags/list");
    assert.deepEqual([wrong.status, wrong.codes, wrong.headers.allow], [405, ["UNSUPPORTED"], "GET, HEAD"]);
  });
});

describe("pull", () => {
  it("serves a manifest by tag and by digest, with GET and HEAD", async () => {
    const { manifest, digest } = await registry().pushImage("pull/image", "latest");
    for (const reference of ["latest", digest]) {
      const got = await registry().ask("GET", `/v2/pull/image/manifests/${reference}`);
      assert.equal(got.status, 200);
      assert.equal(got.text, manifest);
      const head = await registry().ask("HEAD", `/v2/pull/image/manifests/${reference}`);
      assert.deepEqual([head.status, head.body.length], [200, 0]);
      for (const { headers } of [got, head]) {
        assert.equal(headers["content-type"], MEDIA_TYPES.ociManifest);
        assert.equal(headers["docker-content-digest"], digest);
        assert.equal(headers["content-length"], String(manifest.length));
      }
    }
  });

  it("answers 404 for manifests, tags, repositories and blobs that are not there", async () => {
    await registry().pushImage("pull/some", "latest");
    const cases = [
      [`/v2/pull/some/manifests/${ABSENT}`, "MANIFEST_UNKNOWN"],
      ["/v2/pull/some/manifests/nosuchtag", "MANIFEST_UNKNOWN"],
      ["/v2/pull/none/manifests/latest", "NAME_UNKNOWN"],
      [`/v2/pull/some/blobs/${ABSENT}`, "BLOB_UNKNOWN"],
    ] as const;
    for (const [path, code] of cases) {
      const got = await registry().ask("GET", path);
      assert.deepEqual([got.status, got.codes], [404, [code]], path);
      const head = await registry().ask("HEAD", path);
      assert.deepEqual([head.status, head.text], [404, ""], path);
    }
  });

  it("serves blobs, with HEAD, ranges and conditions", async () => {
    const content = randomBytes(2048);
    const digest = await registry().pushBlob("pull/blob", content);
    const path = `/v2/pull/blob/blobs/${digest}`;
    const whole = await registry().ask("GET", path);
    assert.equal(whole.status, 200);
    assert.deepEqual(whole.body, content);
    assert.equal(whole.headers["docker-content-digest"], digest);
    const head = await registry().ask("HEAD", path);
    assert.deepEqual([head.status, head.headers["content-length"], head.body.length], [200, "2048", 0]);
    const ranges = [
      ["bytes=500-1499", 500, 1499],
      ["bytes=500-", 500, 2047],
      ["bytes=-500", 1548, 2047],
      ["bytes=2000-5000", 2000, 2047],
    ] as const;
    for (const [range, start, end] of ranges) {
      const part = await registry().ask("GET", path, { headers: { range } });
      assert.equal(part.status, 206, range);
      assert.equal(part.headers["content-range"], `bytes ${start}-${end}/2048`);
      assert.deepEqual(part.body, content.subarray(start, end + 1));
    }
    for (const range of ["bytes=500-0", "bytes=5000-10000"]) {
      const refused = await registry().ask("GET", path, { headers: { range } });
      assert.deepEqual([refused.status, refused.headers["content-range"]], [416, "bytes */2048"]);
    }
    const etag = whole.headers.etag ?? "";
    const same = await registry().ask("GET", path, { headers: { "if-none-match": etag } });
    assert.deepEqual([same.status, same.body.length], [304, 0]);
    const stale = { range: "bytes=0-1", "if-range": '"another"' };
    assert.equal((await registry().ask("GET", path, { headers: stale })).status, 200);
  });

  it("serves a blob only from the repositories that have it", async () => {
    const digest = await registry().pushBlob("pull/mine", "only here");
    await registry().pushBlob("pull/other", "something else");
    assert.equal((await registry().ask("GET", `/v2/pull/other/blobs/${digest}`)).status, 404);
  });

  it("serves an empty blob", async () => {
    const digest = await registry().pushBlob("pull/empty", "");
    const got = await registry().ask("GET", `/v2/pull/empty/blobs/${digest}`);
    assert.deepEqual([got.status, got.headers["content-length"]], [200, "0"]);
  });
});
