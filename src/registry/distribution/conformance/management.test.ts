import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { beginUpload, testRegistry } from "./set-up.ts";

/* Content management: what may be deleted; names. */

const registry = testRegistry();

const begin = (name: string, query?: string) => beginUpload(registry(), name, query);

describe("content management", () => {
  it("deletes a tag and leaves the manifest", async () => {
    const { digest } = await registry().pushImage("del/tag", "gone");
    assert.equal((await registry().ask("DELETE", "/v2/del/tag/manifests/gone")).status, 202);
    assert.equal((await registry().ask("GET", "/v2/del/tag/manifests/gone")).status, 404);
    assert.equal((await registry().ask("GET", `/v2/del/tag/manifests/${digest}`)).status, 200);
    assert.deepEqual((await registry().ask("GET", "/v2/del/tag/tags/list")).json(), {
      name: "del/tag",
      tags: [],
    });
  });

  it("deletes a manifest with its tags, and a blob", async () => {
    const { digest, layer } = await registry().pushImage("del/all", "tagged");
    assert.equal((await registry().ask("DELETE", `/v2/del/all/manifests/${digest}`)).status, 202);
    assert.equal((await registry().ask("GET", "/v2/del/all/manifests/tagged")).status, 404);
    assert.equal((await registry().ask("DELETE", `/v2/del/all/manifests/${digest}`)).status, 404);
    assert.equal((await registry().ask("DELETE", `/v2/del/all/blobs/${layer}`)).status, 202);
    assert.equal((await registry().ask("HEAD", `/v2/del/all/blobs/${layer}`)).status, 404);
    assert.equal((await registry().ask("DELETE", `/v2/del/all/blobs/${layer}`)).status, 404);
  });
});

describe("names", () => {
  it("are checked against the grammar, whatever they are made of", async () => {
    const names = [
      "UPPER/case",
      "../../etc",
      "a/../b",
      "a//b",
      "-a",
      "a-",
      "%2e%2e/%2e%2e/x",
      "a%00b",
      "<script>alert(1)</script>",
      "x'; DROP TABLE blobs; --",
      "a".repeat(256),
    ];
    for (const name of names) {
      const path = `/v2/${/%[0-9a-f]{2}/i.test(name) ? name : encodeURI(name)}/blobs/uploads/`;
      const answer = await registry().ask("POST", path);
      assert.deepEqual([answer.status, answer.codes], [400, ["NAME_INVALID"]], name);
    }
    assert.equal((await registry().ask("GET", "/v2/%E0%A4%A/tags/list")).status, 400);
    for (const name of ["a", "a/b/c/d/e", "a.b_c__d-e--f/0"]) await begin(name);
  });
});
