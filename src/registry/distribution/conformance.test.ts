import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { ClientRequest } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MEDIA_TYPES } from "../../oci/index.ts";
import { describe as descriptor, sha256, startTestRegistry, type TestRegistry } from "../testing/registry.ts";

/*
 * What the OCI distribution-spec 1.1 requires of a registry, section by section ("Workflow Categories"), and what the
 * stock clients count on besides.
 */

let registry: TestRegistry;
before(async () => {
  registry = await startTestRegistry();
});
after(() => registry[Symbol.asyncDispose]());

const ABSENT = sha256("nobody ever pushed this");
const location = (headers: { location?: string }): string => headers.location ?? assert.fail("no Location");
const begin = async (name: string, query = ""): Promise<string> => {
  const { status, headers } = await registry.ask("POST", `/v2/${name}/blobs/uploads/${query}`);
  assert.equal(status, 202);
  assert.equal(headers.range, "0-0");
  return location(headers);
};

/** Polls; the test's own time limit ends it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

describe("determining support", () => {
  it("GET /v2/ answers 200", async () => {
    const { status, headers } = await registry.ask("GET", "/v2/");
    assert.equal(status, 200);
    assert.equal(headers["docker-distribution-api-version"], "registry/2.0");
  });

  it("an unknown route is 404 and a wrong method 405, with an error body", async () => {
    const unknown = await registry.ask("GET", "/v2/x/nothing");
    assert.deepEqual([unknown.status, unknown.codes], [404, ["NOT_FOUND"]]);
    const wrong = await registry.ask("POST", "/v2/x/tags/list");
    assert.deepEqual([wrong.status, wrong.codes, wrong.headers.allow], [405, ["UNSUPPORTED"], "GET, HEAD"]);
  });
});

describe("pull", () => {
  it("serves a manifest by tag and by digest, with GET and HEAD", async () => {
    const { manifest, digest } = await registry.pushImage("pull/image", "latest");
    for (const reference of ["latest", digest]) {
      const got = await registry.ask("GET", `/v2/pull/image/manifests/${reference}`);
      assert.equal(got.status, 200);
      assert.equal(got.text, manifest);
      const head = await registry.ask("HEAD", `/v2/pull/image/manifests/${reference}`);
      assert.deepEqual([head.status, head.body.length], [200, 0]);
      for (const { headers } of [got, head]) {
        assert.equal(headers["content-type"], MEDIA_TYPES.ociManifest);
        assert.equal(headers["docker-content-digest"], digest);
        assert.equal(headers["content-length"], String(manifest.length));
      }
    }
  });

  it("answers 404 for manifests, tags, repositories and blobs that are not there", async () => {
    await registry.pushImage("pull/some", "latest");
    const cases = [
      [`/v2/pull/some/manifests/${ABSENT}`, "MANIFEST_UNKNOWN"],
      ["/v2/pull/some/manifests/nosuchtag", "MANIFEST_UNKNOWN"],
      ["/v2/pull/none/manifests/latest", "NAME_UNKNOWN"],
      [`/v2/pull/some/blobs/${ABSENT}`, "BLOB_UNKNOWN"],
    ] as const;
    for (const [path, code] of cases) {
      const got = await registry.ask("GET", path);
      assert.deepEqual([got.status, got.codes], [404, [code]], path);
      const head = await registry.ask("HEAD", path);
      assert.deepEqual([head.status, head.text], [404, ""], path);
    }
  });

  it("serves blobs, with HEAD, ranges and conditions", async () => {
    const content = randomBytes(2048);
    const digest = await registry.pushBlob("pull/blob", content);
    const path = `/v2/pull/blob/blobs/${digest}`;
    const whole = await registry.ask("GET", path);
    assert.equal(whole.status, 200);
    assert.deepEqual(whole.body, content);
    assert.equal(whole.headers["docker-content-digest"], digest);
    const head = await registry.ask("HEAD", path);
    assert.deepEqual([head.status, head.headers["content-length"], head.body.length], [200, "2048", 0]);
    const ranges = [
      ["bytes=500-1499", 500, 1499],
      ["bytes=500-", 500, 2047],
      ["bytes=-500", 1548, 2047],
      ["bytes=2000-5000", 2000, 2047],
    ] as const;
    for (const [range, start, end] of ranges) {
      const part = await registry.ask("GET", path, { headers: { range } });
      assert.equal(part.status, 206, range);
      assert.equal(part.headers["content-range"], `bytes ${start}-${end}/2048`);
      assert.deepEqual(part.body, content.subarray(start, end + 1));
    }
    for (const range of ["bytes=500-0", "bytes=5000-10000"]) {
      const refused = await registry.ask("GET", path, { headers: { range } });
      assert.deepEqual([refused.status, refused.headers["content-range"]], [416, "bytes */2048"]);
    }
    const etag = whole.headers.etag ?? "";
    const same = await registry.ask("GET", path, { headers: { "if-none-match": etag } });
    assert.deepEqual([same.status, same.body.length], [304, 0]);
    const stale = { range: "bytes=0-1", "if-range": '"another"' };
    assert.equal((await registry.ask("GET", path, { headers: stale })).status, 200);
  });

  it("serves a blob only from the repositories that have it", async () => {
    const digest = await registry.pushBlob("pull/mine", "only here");
    await registry.pushBlob("pull/other", "something else");
    assert.equal((await registry.ask("GET", `/v2/pull/other/blobs/${digest}`)).status, 404);
  });

  it("serves an empty blob", async () => {
    const digest = await registry.pushBlob("pull/empty", "");
    const got = await registry.ask("GET", `/v2/pull/empty/blobs/${digest}`);
    assert.deepEqual([got.status, got.headers["content-length"]], [200, "0"]);
  });
});

describe("push of blobs", () => {
  const check = async (name: string, content: Uint8Array, headers: { location?: string }) => {
    const got = await registry.ask("GET", location(headers));
    assert.equal(got.status, 200);
    assert.deepEqual(got.body, Buffer.from(content));
    assert.match(location(headers), new RegExp(`^/v2/${name}/blobs/sha`));
  };

  it("monolithic: POST, then PUT", async () => {
    const content = randomBytes(1000);
    const upload = await begin("push/mono");
    const put = await registry.ask("PUT", `${upload}?digest=${sha256(content)}`, { body: content });
    assert.deepEqual([put.status, put.headers["docker-content-digest"]], [201, sha256(content)]);
    await check("push/mono", content, put.headers);
  });

  it("monolithic: one POST", async () => {
    const content = randomBytes(1000);
    const post = await registry.ask("POST", `/v2/push/one/blobs/uploads/?digest=${sha256(content)}`, {
      body: content,
    });
    assert.equal(post.status, 201);
    await check("push/one", content, post.headers);
  });

  it("streamed: one PATCH of unknown length, then PUT", async () => {
    const content = randomBytes(3_000_000);
    const upload = await begin("push/stream");
    const patch = await registry.ask("PATCH", upload, {
      headers: { "transfer-encoding": "chunked" },
      write: (request) => {
        for (let at = 0; at < content.length; at += 70_000) request.write(content.subarray(at, at + 70_000));
        request.end();
      },
    });
    assert.deepEqual([patch.status, patch.headers.range], [202, "0-2999999"]);
    const put = await registry.ask("PUT", `${location(patch.headers)}?digest=${sha256(content)}`);
    assert.equal(put.status, 201);
    await check("push/stream", content, put.headers);
  });

  const chunks = [randomBytes(100), randomBytes(50), randomBytes(7)] as const;
  const content = Buffer.concat(chunks);
  for (const lastInPut of [false, true]) {
    it(`chunked, ${lastInPut ? "the last chunk in the PUT" : "then an empty PUT"}, out of order refused`, async () => {
      let upload = await begin("push/chunks");
      let at = 0;
      for (const [index, chunk] of chunks.entries()) {
        const wrong = await registry.ask("PATCH", upload, {
          headers: { "content-range": `${at + 500}-${at + 500 + chunk.length - 1}` },
          body: chunk,
        });
        assert.deepEqual([wrong.status, wrong.codes], [416, ["RANGE_INVALID"]]);
        upload = location(wrong.headers);
        const status = await registry.ask("GET", upload);
        assert.deepEqual([status.status, status.headers.range], [204, `0-${Math.max(0, at - 1)}`]);
        const range = { "content-range": `${at}-${at + chunk.length - 1}` };
        at += chunk.length;
        if (lastInPut && index === chunks.length - 1) {
          const put = await registry.ask("PUT", `${upload}?digest=${sha256(content)}`, {
            headers: range,
            body: chunk,
          });
          assert.equal(put.status, 201);
          return check("push/chunks", content, put.headers);
        }
        const patch = await registry.ask("PATCH", upload, { headers: range, body: chunk });
        assert.deepEqual([patch.status, patch.headers.range], [202, `0-${at - 1}`]);
        upload = location(patch.headers);
      }
      const put = await registry.ask("PUT", `${upload}?digest=${sha256(content)}`);
      assert.equal(put.status, 201);
      await check("push/chunks", content, put.headers);
    });
  }

  it("resumes after a connection that broke, and after a restart of the registry", async () => {
    const content = randomBytes(8_000_000);
    const upload = await begin("push/resume");
    const received = async () => {
      const { headers } = await registry.ask("GET", upload);
      return Number(/^0-(\d+)$/.exec(headers.range as string)?.[1] ?? -1) + 1;
    };
    const { promise: sending, resolve: sent } = Promise.withResolvers<ClientRequest>();
    const broken = registry.ask("PATCH", upload, {
      headers: { "content-length": content.length },
      write: (request) => request.write(content.subarray(0, 5_000_000), () => sent(request)),
    });
    const request = await sending;
    await until(async () => (await received()) > 1_000_000);
    request.destroy();
    await assert.rejects(broken);
    await registry.stop();
    await registry.start();
    const from = await received();
    assert.ok(from > 1_000_000 && from <= 5_000_000, `it goes on at ${from}`);
    const rest = content.subarray(from);
    const range = { "content-range": `${from}-${content.length - 1}` };
    assert.equal((await registry.ask("PATCH", upload, { headers: range, body: rest })).status, 202);
    const put = await registry.ask("PUT", `${upload}?digest=${sha256(content)}`);
    assert.equal(put.status, 201);
    await check("push/resume", content, put.headers);
  });

  it("refuses a wrong digest in every form, and keeps nothing of it", async () => {
    const wrong = sha256("another content");
    const post = await registry.ask("POST", `/v2/push/wrong/blobs/uploads/?digest=${wrong}`, {
      body: "content",
    });
    assert.deepEqual([post.status, post.codes], [400, ["DIGEST_INVALID"]]);
    const upload = await begin("push/wrong");
    const put = await registry.ask("PUT", `${upload}?digest=${wrong}`, { body: "content" });
    assert.deepEqual([put.status, put.codes], [400, ["DIGEST_INVALID"]]);
    assert.equal((await registry.ask("GET", upload)).status, 404);
    assert.equal((await registry.ask("HEAD", `/v2/push/wrong/blobs/${wrong}`)).status, 404);
    for (const malformed of ["", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "../../etc/passwd"]) {
      const path = `${await begin("push/wrong")}?digest=${encodeURIComponent(malformed)}`;
      assert.equal((await registry.ask("PUT", path, { body: "content" })).status, 400, malformed);
    }
  });

  it("refuses a Content-Range that is no range or contradicts Content-Length", async () => {
    const upload = await begin("push/range");
    const patch = (range: string) =>
      registry.ask("PATCH", upload, { headers: { "content-range": range }, body: "0123456789" });
    assert.equal((await patch("ten bytes")).status, 416);
    assert.deepEqual([(await patch("0-4")).status, (await patch("0-4")).codes], [400, ["SIZE_INVALID"]]);
    assert.equal((await patch("bytes 0-9/10")).status, 202);
  });

  it("mounts from another repository, from anywhere, and falls back to an upload", async () => {
    const digest = await registry.pushBlob("push/source", "shared by two");
    for (const query of [`?mount=${digest}&from=push/source`, `?mount=${digest}`]) {
      const name = query.includes("from") ? "push/target" : "push/anywhere";
      const mounted = await registry.ask("POST", `/v2/${name}/blobs/uploads/${query}`);
      assert.equal(mounted.status, 201);
      assert.equal(location(mounted.headers), `/v2/${name}/blobs/${digest}`);
      assert.equal((await registry.ask("GET", location(mounted.headers))).text, "shared by two");
    }
    for (const query of [
      `?mount=${ABSENT}&from=push/source`,
      `?mount=${digest}&from=push/none`,
      "?mount=rubbish",
    ])
      await begin("push/fallback", query);
  });

  it("cancels an upload", async () => {
    const upload = await begin("push/cancel");
    assert.equal((await registry.ask("DELETE", upload)).status, 204);
    const gone = await registry.ask("PATCH", upload, { body: "late" });
    assert.deepEqual([gone.status, gone.codes], [404, ["BLOB_UPLOAD_UNKNOWN"]]);
    const foreign = (await begin("push/cancel")).replace("push/cancel", "push/elsewhere");
    assert.equal((await registry.ask("GET", foreign)).status, 404);
  });

  it("keeps sha512 contents too", async () => {
    const content = randomBytes(300);
    const digest = `sha512:${createHash("sha512").update(content).digest("hex")}`;
    const upload = await begin("push/sha512");
    await registry.ask("PATCH", upload, { body: content });
    const put = await registry.ask("PUT", `${upload}?digest=${digest}`);
    assert.equal(put.status, 201);
    await check("push/sha512", content, put.headers);
  });
});

describe("push of manifests", () => {
  it("answers with location and digest, and takes tags with a digest", async () => {
    const { manifest, digest } = await registry.pushImage("man/image", "v1");
    const put = await registry.pushManifest("man/image", "v2", manifest, MEDIA_TYPES.ociManifest);
    assert.equal(put.headers["docker-content-digest"], digest);
    assert.equal((await registry.ask("GET", location(put.headers))).text, manifest);
    await registry.pushManifest("man/image", `${digest}?tag=v3&tag=v4`, manifest, MEDIA_TYPES.ociManifest);
    const { tags } = (await registry.ask("GET", "/v2/man/image/tags/list")).json<{ tags: string[] }>();
    assert.deepEqual(tags, ["v1", "v2", "v3", "v4"]);
  });

  it("refuses a manifest whose blobs or manifests are missing, and names each", async () => {
    const config = descriptor("{}", MEDIA_TYPES.ociConfig);
    const layers = [descriptor("missing layer", MEDIA_TYPES.ociLayer)];
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers });
    const headers = { "content-type": MEDIA_TYPES.ociManifest };
    const put = await registry.ask("PUT", "/v2/man/missing/manifests/x", { headers, body: manifest });
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
      (await registry.ask("PUT", "/v2/man/missing/manifests/y", { headers: type, body: index })).status,
      404,
    );
    assert.equal((await registry.ask("GET", "/v2/man/missing/manifests/x")).status, 404);
  });

  it("does not ask for layers that are elsewhere", async () => {
    const config = Buffer.from("{}");
    await registry.pushBlob("man/foreign", config);
    const layer = {
      ...descriptor("far away", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
      urls: ["https://layers.example/far"],
    };
    const body = JSON.stringify({
      schemaVersion: 2,
      config: descriptor(config, MEDIA_TYPES.ociConfig),
      layers: [layer],
    });
    await registry.pushManifest("man/foreign", "latest", body, MEDIA_TYPES.ociManifest);
  });

  it("refuses what is no manifest, is of an unknown type, lies about its type, is too large or has the wrong digest", async () => {
    const { manifest } = await registry.pushImage("man/bad", "good");
    const put = (body: string, type: string = MEDIA_TYPES.ociManifest, reference = "x") =>
      registry.ask("PUT", `/v2/man/bad/manifests/${reference}`, { headers: { "content-type": type }, body });
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
    const { manifest } = await registry.pushImage("man/large", "small");
    const annotations = Object.fromEntries(
      Array.from({ length: 390 }, (_, at) => [`large-${at}`, "A".repeat(10_000)]),
    );
    const large = JSON.stringify({ ...(JSON.parse(manifest) as object), annotations });
    await registry.pushManifest("man/large", "large", large, MEDIA_TYPES.ociManifest);
    assert.equal((await registry.ask("GET", "/v2/man/large/manifests/large")).text, large);
  });

  it("keeps Docker's types, indexes and indexes of indexes", async () => {
    const image = JSON.parse((await registry.pushImage("man/kinds", "oci")).manifest) as Record<
      string,
      unknown
    >;
    const docker = JSON.stringify({ ...image, mediaType: MEDIA_TYPES.dockerManifest });
    await registry.pushManifest("man/kinds", "docker", docker, MEDIA_TYPES.dockerManifest);
    const list = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.dockerList,
      manifests: [descriptor(docker, MEDIA_TYPES.dockerManifest)],
    });
    await registry.pushManifest("man/kinds", "list", list, MEDIA_TYPES.dockerList);
    const nested = JSON.stringify({
      schemaVersion: 2,
      manifests: [descriptor(list, MEDIA_TYPES.dockerList)],
    });
    await registry.pushManifest("man/kinds", "nested", nested, MEDIA_TYPES.ociIndex);
    await registry.pushManifest(
      "man/kinds",
      "empty",
      '{"schemaVersion":2,"manifests":[]}',
      MEDIA_TYPES.ociIndex,
    );
    const got = await registry.ask("GET", "/v2/man/kinds/manifests/list");
    assert.deepEqual([got.headers["content-type"], got.text], [MEDIA_TYPES.dockerList, list]);
  });
});

describe("content discovery", () => {
  it("lists tags in order, in pages", async () => {
    const { manifest } = await registry.pushImage("find/tags", "b");
    for (const tag of ["c", "A", "a", "d"])
      await registry.pushManifest("find/tags", tag, manifest, MEDIA_TYPES.ociManifest);
    const list = async (path: string) => {
      const answer = await registry.ask("GET", path);
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
    assert.equal((await registry.ask("GET", "/v2/find/tags/tags/list?n=-1")).status, 400);
    const unknown = await registry.ask("GET", "/v2/find/none/tags/list");
    assert.deepEqual([unknown.status, unknown.codes], [404, ["NAME_UNKNOWN"]]);
  });

  it("lists referrers, filtered by artifact type; none is an empty index", async () => {
    const subject = await registry.pushImage("find/refs", "image");
    const config = await registry.pushBlob("find/refs", "{}");
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
      const put = await registry.pushManifest("find/refs", sha256(body), body, MEDIA_TYPES.ociManifest);
      assert.equal(put.headers["oci-subject"], subject.digest);
    }
    interface Index {
      schemaVersion: number;
      mediaType: string;
      manifests: { digest: string; artifactType: string; annotations: unknown; size: number }[];
    }
    const all = await registry.ask("GET", `/v2/find/refs/referrers/${subject.digest}`);
    assert.equal(all.headers["content-type"], MEDIA_TYPES.ociIndex);
    const index = all.json<Index>();
    assert.deepEqual([index.schemaVersion, index.mediaType], [2, MEDIA_TYPES.ociIndex]);
    assert.deepEqual(
      index.manifests.map(({ digest }) => digest),
      bodies.map(sha256),
    );
    assert.deepEqual(index.manifests[0]?.annotations, { note: "one" });
    const query = "?artifactType=application%2Fx-signature";
    const some = await registry.ask("GET", `/v2/find/refs/referrers/${subject.digest}${query}`);
    assert.equal(some.headers["oci-filters-applied"], "artifactType");
    assert.deepEqual(
      some.json<Index>().manifests.map(({ artifactType }) => artifactType),
      ["application/x-signature"],
    );
    for (const path of [`/v2/find/refs/referrers/${ABSENT}`, `/v2/find/never-pushed/referrers/${ABSENT}`]) {
      const empty = await registry.ask("GET", path);
      assert.deepEqual([empty.status, empty.json<Index>().manifests], [200, []]);
    }
    await registry.ask("DELETE", `/v2/find/refs/manifests/${sha256(bodies[0]!)}`);
    const rest = await registry.ask("GET", `/v2/find/refs/referrers/${subject.digest}`);
    assert.equal(rest.json<Index>().manifests.length, 1);
  });

  it("takes a manifest whose subject is not there", async () => {
    const config = await registry.pushBlob("find/early", "{}");
    const body = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: "application/x-config", digest: config, size: 2 },
      layers: [],
      subject: { mediaType: MEDIA_TYPES.ociManifest, digest: ABSENT, size: 10 },
    });
    const put = await registry.pushManifest("find/early", "sig", body, MEDIA_TYPES.ociManifest);
    assert.equal(put.headers["oci-subject"], ABSENT);
    const { manifests } = (await registry.ask("GET", `/v2/find/early/referrers/${ABSENT}`)).json<{
      manifests: { artifactType: string }[];
    }>();
    assert.deepEqual(
      manifests.map(({ artifactType }) => artifactType),
      ["application/x-config"],
    );
  });

  it("lists repositories in pages", async () => {
    await registry.pushImage("catalog/a", "x");
    await registry.pushImage("catalog/b", "x");
    const page = await registry.ask("GET", "/v2/_catalog?n=1&last=catalog");
    assert.deepEqual(page.json(), { repositories: ["catalog/a"] });
    assert.equal(page.headers["link"], '</v2/_catalog?n=1&last=catalog%2Fa>; rel="next"');
  });
});

describe("content management", () => {
  it("deletes a tag and leaves the manifest", async () => {
    const { digest } = await registry.pushImage("del/tag", "gone");
    assert.equal((await registry.ask("DELETE", "/v2/del/tag/manifests/gone")).status, 202);
    assert.equal((await registry.ask("GET", "/v2/del/tag/manifests/gone")).status, 404);
    assert.equal((await registry.ask("GET", `/v2/del/tag/manifests/${digest}`)).status, 200);
    assert.deepEqual((await registry.ask("GET", "/v2/del/tag/tags/list")).json(), {
      name: "del/tag",
      tags: [],
    });
  });

  it("deletes a manifest with its tags, and a blob", async () => {
    const { digest, layer } = await registry.pushImage("del/all", "tagged");
    assert.equal((await registry.ask("DELETE", `/v2/del/all/manifests/${digest}`)).status, 202);
    assert.equal((await registry.ask("GET", "/v2/del/all/manifests/tagged")).status, 404);
    assert.equal((await registry.ask("DELETE", `/v2/del/all/manifests/${digest}`)).status, 404);
    assert.equal((await registry.ask("DELETE", `/v2/del/all/blobs/${layer}`)).status, 202);
    assert.equal((await registry.ask("HEAD", `/v2/del/all/blobs/${layer}`)).status, 404);
    assert.equal((await registry.ask("DELETE", `/v2/del/all/blobs/${layer}`)).status, 404);
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
      const answer = await registry.ask("POST", path);
      assert.deepEqual([answer.status, answer.codes], [400, ["NAME_INVALID"]], name);
    }
    assert.equal((await registry.ask("GET", "/v2/%E0%A4%A/tags/list")).status, 400);
    for (const name of ["a", "a/b/c/d/e", "a.b_c__d-e--f/0"]) await begin(name);
  });
});
