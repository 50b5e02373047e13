import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { ClientRequest } from "node:http";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "../../testing/registry.ts";
import { ABSENT, beginUpload, location, testRegistry } from "./set-up.ts";

/* Push of blobs: at once, in chunks, streamed, mounted, resumed. */

const registry = testRegistry();

const begin = (name: string, query?: string) => beginUpload(registry(), name, query);

/** Polls; the test's own time limit ends it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}

describe("push of blobs", () => {
  const check = async (name: string, content: Uint8Array, headers: { location?: string }) => {
    const got = await registry().ask("GET", location(headers));
    assert.equal(got.status, 200);
    assert.deepEqual(got.body, Buffer.from(content));
    assert.match(location(headers), new RegExp(`^/v2/${name}/blobs/sha`));
  };

  it("monolithic: POST, then PUT", async () => {
    const content = randomBytes(1000);
    const upload = await begin("push/mono");
    const put = await registry().ask("PUT", `${upload}?digest=${sha256(content)}`, { body: content });
    assert.deepEqual([put.status, put.headers["docker-content-digest"]], [201, sha256(content)]);
    await check("push/mono", content, put.headers);
  });

  it("monolithic: one POST", async () => {
    const content = randomBytes(1000);
    const post = await registry().ask("POST", `/v2/push/one/blobs/uploads/?digest=${sha256(content)}`, {
      body: content,
    });
    assert.equal(post.status, 201);
    await check("push/one", content, post.headers);
  });

  it("streamed: one PATCH of unknown length, then PUT", async () => {
    const content = randomBytes(3_000_000);
    const upload = await begin("push/stream");
    const patch = await registry().ask("PATCH", upload, {
      headers: { "transfer-encoding": "chunked" },
      write: (request) => {
        for (let at = 0; at < content.length; at += 70_000) request.write(content.subarray(at, at + 70_000));
        request.end();
      },
    });
    assert.deepEqual([patch.status, patch.headers.range], [202, "0-2999999"]);
    const put = await registry().ask("PUT", `${location(patch.headers)}?digest=${sha256(content)}`);
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
        const wrong = await registry().ask("PATCH", upload, {
          headers: { "content-range": `${at + 500}-${at + 500 + chunk.length - 1}` },
          body: chunk,
        });
        assert.deepEqual([wrong.status, wrong.codes], [416, ["RANGE_INVALID"]]);
        upload = location(wrong.headers);
        const status = await registry().ask("GET", upload);
        assert.deepEqual([status.status, status.headers.range], [204, `0-${Math.max(0, at - 1)}`]);
        const range = { "content-range": `${at}-${at + chunk.length - 1}` };
        at += chunk.length;
        if (lastInPut && index === chunks.length - 1) {
          const put = await registry().ask("PUT", `${upload}?digest=${sha256(content)}`, {
            headers: range,
            body: chunk,
          });
          assert.equal(put.status, 201);
          return check("push/chunks", content, put.headers);
        }
        const patch = await registry().ask("PATCH", upload, { headers: range, body: chunk });
        assert.deepEqual([patch.status, patch.headers.range], [202, `0-${at - 1}`]);
        upload = location(patch.headers);
      }
      const put = await registry().ask("PUT", `${upload}?digest=${sha256(content)}`);
      assert.equal(put.status, 201);
      await check("push/chunks", content, put.headers);
    });
  }

  it("resumes after a connection that broke, and after a restart of the registry", async () => {
    const content = randomBytes(8_000_000);
    const upload = await begin("push/resume");
    const received = async () => {
      const { headers } = await registry().ask("GET", upload);
      return Number(/^0-(\d+)$/.exec(headers.range as string)?.[1] ?? -1) + 1;
    };
    const { promise: sending, resolve: sent } = Promise.withResolvers<ClientRequest>();
    const broken = registry().ask("PATCH", upload, {
      headers: { "content-length": content.length },
      write: (request) => request.write(content.subarray(0, 5_000_000), () => sent(request)),
    });
    const request = await sending;
    await until(async () => (await received()) > 1_000_000);
    request.destroy();
    await assert.rejects(broken);
    await registry().stop();
    await registry().start();
    const from = await received();
    assert.ok(from > 1_000_000 && from <= 5_000_000, `it goes on at ${from}`);
    const rest = content.subarray(from);
    const range = { "content-range": `${from}-${content.length - 1}` };
    assert.equal((await registry().ask("PATCH", upload, { headers: range, body: rest })).status, 202);
    const put = await registry().ask("PUT", `${upload}?digest=${sha256(content)}`);
    assert.equal(put.status, 201);
    await check("push/resume", content, put.headers);
  });

  it("refuses a wrong digest in every form, and keeps nothing of it", async () => {
    const wrong = sha256("another content");
    const post = await registry().ask("POST", `/v2/push/wrong/blobs/uploads/?digest=${wrong}`, {
      body: "content",
    });
    assert.deepEqual([post.status, post.codes], [400, ["DIGEST_INVALID"]]);
    const upload = await begin("push/wrong");
    const put = await registry().ask("PUT", `${upload}?digest=${wrong}`, { body: "content" });
    assert.deepEqual([put.status, put.codes], [400, ["DIGEST_INVALID"]]);
    assert.equal((await registry().ask("GET", upload)).status, 404);
    assert.equal((await registry().ask("HEAD", `/v2/push/wrong/blobs/${wrong}`)).status, 404);
    for (const malformed of ["", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "../../etc/passwd"]) {
      const path = `${await begin("push/wrong")}?digest=${encodeURIComponent(malformed)}`;
      assert.equal((await registry().ask("PUT", path, { body: "content" })).status, 400, malformed);
    }
  });

  it("refuses a Content-Range that is no range or contradicts Content-Length", async () => {
    const upload = await begin("push/range");
    const patch = (range: string) =>
      registry().ask("PATCH", upload, { headers: { "content-range": range }, body: "0123456789" });
    assert.equal((await patch("ten bytes")).status, 416);
    assert.deepEqual([(await patch("0-4")).status, (await patch("0-4")).codes], [400, ["SIZE_INVALID"]]);
    assert.equal((await patch("bytes 0-9/10")).status, 202);
  });

  it("mounts from another repository, from anywhere, and falls back to an upload", async () => {
    const digest = await registry().pushBlob("push/source", "shared by two");
    for (const query of [`?mount=${digest}&from=push/source`, `?mount=${digest}`]) {
      const name = query.includes("from") ? "push/target" : "push/anywhere";
      const mounted = await registry().ask("POST", `/v2/${name}/blobs/uploads/${query}`);
      assert.equal(mounted.status, 201);
      assert.equal(location(mounted.headers), `/v2/${name}/blobs/${digest}`);
      assert.equal((await registry().ask("GET", location(mounted.headers))).text, "shared by two");
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
    assert.equal((await registry().ask("DELETE", upload)).status, 204);
    const gone = await registry().ask("PATCH", upload, { body: "late" });
    assert.deepEqual([gone.status, gone.codes], [404, ["BLOB_UPLOAD_UNKNOWN"]]);
    const foreign = (await begin("push/cancel")).replace("push/cancel", "push/elsewhere");
    assert.equal((await registry().ask("GET", foreign)).status, 404);
  });

  it("keeps sha512 contents too", async () => {
    const content = randomBytes(300);
    const digest = `sha512:${createHash("sha512").update(content).digest("hex")}`;
    const upload = await begin("push/sha512");
    await registry().ask("PATCH", upload, { body: content });
    const put = await registry().ask("PUT", `${upload}?digest=${digest}`);
    assert.equal(put.status, 201);
    await check("push/sha512", content, put.headers);
  });
});
