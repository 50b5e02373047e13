import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MEDIA_TYPES } from "../../../oci/index.ts";
import { describe as descriptor, sha256 } from "../../testing/registry.ts";
import { ABSENT, testRegistry } from "./set-up.ts";

/* Content discovery: tags, catalogue, referrers. */

const registry = testRegistry();

describe("content discovery", () => {
  it("lists tags in order, in pages", async () => {
    const { manifest } = await registry().pushImage("find/tags", "b");
    for (const tag of ["c", "A", "a", "d"])
      await registry().pushManifest("find/tags", tag, manifest, MEDIA_TYPES.ociManifest);
    const list = async (path: string) => {
      const answer = await registry().ask("GET", path);
      assert.equal(answer.status, 200);
      return {
        link: answer.headers["link"] as string | undefined,
        ...answer.json<{ name: string; tags: string[] }>(),
      };
    };
    assert.deepEqual(await list("/v2/find/tags/tags/list"), {
      link: undefined,
      name: "find/tags",
      tags: ["A", "a", "b", "c", "d"],
    });
    const first = await list("/v2/find/tags/tags/list?n=2");
    assert.deepEqual(first.tags, ["A", "a"]);
    assert.equal(first.link, '</v2/find/tags/tags/list?n=2&last=a>; rel="next"');
    assert.deepEqual((await list("/v2/find/tags/tags/list?n=2&last=a")).tags, ["b", "c"]);
    const last = await list("/v2/find/tags/tags/list?n=2&last=c");
    assert.deepEqual([last.tags, last.link], [["d"], undefined]);
    assert.deepEqual((await list("/v2/find/tags/tags/list?last=b")).tags, ["c", "d"]);
    const none = await list("/v2/find/tags/tags/list?n=0");
    assert.deepEqual([none.tags, none.link], [[], undefined]);
    assert.equal((await registry().ask("GET", "/v2/find/tags/tags/list?n=-1")).status, 400);
    const unknown = await registry().ask("GET", "/v2/find/none/tags/list");
    assert.deepEqual([unknown.status, unknown.codes], [404, ["NAME_UNKNOWN"]]);
  });

  it("lists referrers, filtered by artifact type; none is an empty index", async () => {
    const subject = await registry().pushImage("find/refs", "image");
    const config = await registry().pushBlob("find/refs", "{}");
    const artifact = (artifactType: string, note: string) =>
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        artifactType,
        config: { mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: 2 },
        layers: [],
        subject: descriptor(subject.manifest, MEDIA_TYPES.ociManifest),
        annotations: { note },
      });
    const bodies = [artifact("application/x-sbom", "one"), artifact("application/x-signature", "two")];
    for (const body of bodies) {
      const put = await registry().pushManifest("find/refs", sha256(body), body, MEDIA_TYPES.ociManifest);
      assert.equal(put.headers["oci-subject"], subject.digest);
    }
    interface Index {
      schemaVersion: number;
      mediaType: string;
      manifests: { digest: string; artifactType: string; annotations: unknown; size: number }[];
    }
    const all = await registry().ask("GET", `/v2/find/refs/referrers/${subject.digest}`);
    assert.equal(all.headers["content-type"], MEDIA_TYPES.ociIndex);
    const index = all.json<Index>();
    assert.deepEqual([index.schemaVersion, index.mediaType], [2, MEDIA_TYPES.ociIndex]);
    assert.deepEqual(
      index.manifests.map(({ digest }) => digest),
      bodies.map(sha256),
    );
    assert.deepEqual(index.manifests[0]?.annotations, { note: "one" });
    const query = "?artifactType=application%2Fx-signature";
    const some = await registry().ask("GET", `/v2/find/refs/referrers/${subject.digest}${query}`);
    assert.equal(some.headers["oci-filters-applied"], "artifactType");
    assert.deepEqual(
      some.json<Index>().manifests.map(({ artifactType }) => artifactType),
      ["application/x-signature"],
    );
    for (const path of [`/v2/find/refs/referrers/${ABSENT}`, `/v2/find/never-pushed/referrers/${ABSENT}`]) {
      const empty = await registry().ask("GET", path);
      assert.deepEqual([empty.status, empty.json<Index>().manifests], [200, []]);
    }
    await registry().ask("DELETE", `/v2/find/refs/manifests/${sha256(bodies[0]!)}`);
    const rest = await registry().ask("GET", `/v2/find/refs/referrers/${subject.digest}`);
    assert.equal(rest.json<Index>().manifests.length, 1);
  });

  it("takes a manifest whose subject is not there", async () => {
    const config = await registry().pushBlob("find/early", "{}");
    const body = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: "application/x-config", digest: config, size: 2 },
      layers: [],
      subject: { mediaType: MEDIA_TYPES.ociManifest, digest: ABSENT, size: 10 },
    });
    const put = await registry().pushManifest("find/early", "sig", body, MEDIA_TYPES.ociManifest);
    assert.equal(put.headers["oci-subject"], ABSENT);
    const { manifests } = (await registry().ask("GET", `/v2/find/early/referrers/${ABSENT}`)).json<{
      manifests: { artifactType: string }[];
    }>();
    assert.deepEqual(
      manifests.map(({ artifactType }) => artifactType),
      ["application/x-config"],
    );
  });

  it("lists repositories in pages", async () => {
    await registry().pushImage("catalog/a", "x");
    await registry().pushImage("catalog/b", "x");
    const page = await registry().ask("GET", "/v2/_catalog?n=1&last=catalog");
    assert.deepEqual(page.json(), { repositories: ["catalog/a"] });
    assert.equal(page.headers["link"], '</v2/_catalog?n=1&last=catalog%2Fa>; rel="next"');
  });
});
