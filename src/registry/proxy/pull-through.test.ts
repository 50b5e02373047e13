import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { api, ROOT, setUp } from "../testing/accounts.ts";
import { startTestRegistry, type TestRegistry } from "../testing/registry.ts";

/** An upstream with accounts and a private image, and a registry with a project that stands for it. */
async function pair(
  proxy: object = {},
): Promise<AsyncDisposable & { readonly upstream: TestRegistry; readonly cache: TestRegistry }> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await startTestRegistry());
  await setUp(upstream);
  await api(upstream, "POST", "/projects", { name: "team" });
  const robot = await api<{ name: string; secret: string }>(upstream, "POST", "/robots", {
    name: "m",
    role: "guest",
  });
  const cache = stack.use(await startTestRegistry({ leaseTime: 0 }));
  await setUp(cache);
  const settings = {
    upstream: `http://${upstream.host}`,
    username: robot.name,
    password: robot.secret,
    freshSeconds: 0,
    ...proxy,
  };
  await api(cache, "POST", "/projects", { name: "hub", public: true, proxy: settings });
  const undo = stack.move();
  return { upstream, cache, [Symbol.asyncDispose]: () => undo.disposeAsync() };
}

describe("a pull-through project", () => {
  it("fetches with its own account, keeps, and serves without upstream, with a warning", async () => {
    await using both = await pair();
    const { upstream, cache } = both;
    const layer = randomBytes(300_000);
    const image = await upstream.pushImage("team/app", "v1", { as: ROOT, layer });
    const manifest = await cache.ask("GET", "/v2/hub/team/app/manifests/v1");
    assert.deepEqual([manifest.status, manifest.text], [200, image.manifest]);
    assert.equal(
      (await cache.ask("HEAD", `/v2/hub/team/app/blobs/${image.layer}`)).headers["content-length"],
      "300000",
    );
    const together = await Promise.all(
      [undefined, undefined, { range: "bytes=100-199" }].map((headers) =>
        cache.ask("GET", `/v2/hub/team/app/blobs/${image.layer}`, { headers }),
      ),
    );
    assert.deepEqual(
      together.map(({ status }) => status),
      [200, 200, 206],
    );
    for (const { body } of together.slice(0, 2)) assert.deepEqual(body, layer);
    assert.deepEqual(together[2]?.body, layer.subarray(100, 200));
    await upstream.stop();
    const stale = await cache.ask("GET", "/v2/hub/team/app/manifests/v1");
    assert.equal(stale.status, 200);
    assert.match(String(stale.headers["warning"]), /^299 - "the upstream registry did not answer/);
    assert.deepEqual((await cache.ask("GET", `/v2/hub/team/app/blobs/${image.layer}`)).body, layer);
    const never = await cache.ask("GET", `/v2/hub/team/app/blobs/${image.config}`);
    assert.deepEqual([never.status, never.codes], [502, ["UNAVAILABLE"]]);
  });

  it("follows a tag that moves or goes, not before it is time to", async () => {
    await using both = await pair();
    const { upstream, cache } = both;
    await upstream.pushImage("team/app", "latest", { as: ROOT });
    const pull = () => cache.ask("GET", "/v2/hub/team/app/manifests/latest");
    await pull();
    const second = await upstream.pushImage("team/app", "latest", { as: ROOT });
    assert.equal((await pull()).text, second.manifest);
    await upstream.ask("DELETE", "/v2/team/app/manifests/latest", { as: ROOT });
    assert.equal((await pull()).status, 404);
    await using slow = await pair({ freshSeconds: 600 });
    const first = await slow.upstream.pushImage("team/app", "latest", { as: ROOT });
    await slow.cache.ask("GET", "/v2/hub/team/app/manifests/latest");
    await slow.upstream.pushImage("team/app", "latest", { as: ROOT });
    assert.equal((await slow.cache.ask("GET", "/v2/hub/team/app/manifests/latest")).text, first.manifest);
  });

  it("says 404 for what upstream has not, and takes no pushes", async () => {
    await using both = await pair();
    const none = await both.cache.ask("GET", "/v2/hub/team/none/manifests/v1");
    assert.deepEqual([none.status, none.codes], [404, ["MANIFEST_UNKNOWN"]]);
    const push = await both.cache.ask("POST", "/v2/hub/team/app/blobs/uploads/", { as: ROOT });
    assert.deepEqual([push.status, push.codes], [403, ["DENIED"]]);
  });

  it("gives up what nobody asks for any more", async () => {
    await using both = await pair({ expireDays: 0 });
    const { upstream, cache } = both;
    const image = await upstream.pushImage("team/app", "v1", { as: ROOT });
    await cache.ask("GET", "/v2/hub/team/app/manifests/v1");
    await cache.ask("GET", `/v2/hub/team/app/blobs/${image.layer}`);
    // writes down when it was pulled, which the collection must come after
    await api(cache, "GET", "/audit", undefined);
    await sleep(5);
    const { id } = await api<{ id: number }>(cache, "POST", "/collections", {});
    interface Collection {
      state: string;
      contents: number;
      manifests: number;
    }
    const look = () => api<Collection>(cache, "GET", `/collections/${id}`, undefined);
    let found = await look();
    while (found.state === "running") found = await look();
    assert.deepEqual([found.manifests, found.contents], [1, 2]);
    assert.equal(
      (await cache.ask("GET", "/v2/hub/team/app/manifests/v1")).status,
      200,
      "and fetches it again",
    );
  });
});
