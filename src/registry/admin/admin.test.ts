import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { MEDIA_TYPES } from "../../oci/index.ts";
import { addUser, api, ROOT, setUp } from "../testing/accounts.ts";
import { sha256, startTestRegistry, type TestRegistry } from "../testing/registry.ts";

let registry: TestRegistry;
before(async () => {
  registry = await startTestRegistry();
  await setUp(registry);
  await api(registry, "POST", "/projects", { name: "team" });
});
after(() => registry[Symbol.asyncDispose]());

const get = <T = Record<string, unknown>>(path: string) => api<T>(registry, "GET", path, undefined);

describe("projects", () => {
  it("are made, changed, listed and deleted", async () => {
    const made = await api(registry, "POST", "/projects", { name: "shop", public: true, quota: 1_000_000 });
    assert.deepEqual(
      [made["name"], made["public"], made["quota"], made["used"]],
      ["shop", true, 1_000_000, 0],
    );
    const changed = await api(registry, "PATCH", "/projects/shop", { public: false, quota: null });
    assert.deepEqual([changed["public"], changed["quota"]], [false, null]);
    const { items } = await get<{ items: { name: string }[] }>("/projects?search=sho");
    assert.deepEqual(
      items.map(({ name }) => name),
      ["shop"],
    );
    await registry.pushImage("shop/app", "v1", { as: ROOT });
    await assert.rejects(api(registry, "DELETE", "/projects/shop", undefined), /409/);
    await api(registry, "DELETE", "/projects/shop?force=true", undefined);
    await assert.rejects(get("/projects/shop"), /404/);
    for (const name of ["", "UPPER", "a/b", "../x", "<b>"])
      await assert.rejects(api(registry, "POST", "/projects", { name }), /400/, name);
  });

  it("refuse more than their quota, before it is sent where the client says how much", async () => {
    await api(registry, "POST", "/projects", { name: "small", quota: 1000 });
    const digest = await registry.pushBlob("small/app", Buffer.alloc(900), { as: ROOT });
    const big = Buffer.alloc(200, 1);
    const post = await registry.ask("POST", `/v2/small/app/blobs/uploads/?digest=${sha256(big)}`, {
      body: big,
      as: ROOT,
    });
    assert.deepEqual([post.status, post.codes], [403, ["DENIED"]]);
    const upload = await registry.ask("POST", "/v2/small/app/blobs/uploads/", { as: ROOT });
    const put = await registry.ask("PUT", `${upload.headers.location}?digest=${sha256(big)}`, {
      body: big,
      as: ROOT,
    });
    assert.equal(put.status, 403);
    const streamed = await registry.ask("POST", "/v2/small/app/blobs/uploads/", { as: ROOT });
    const patch = await registry.ask("PATCH", streamed.headers.location ?? "", {
      as: ROOT,
      headers: { "transfer-encoding": "chunked" },
      write: (request) => request.end(big),
    });
    assert.deepEqual([patch.status, patch.codes], [403, ["DENIED"]], "what is never finished counts too");
    // what the project has already costs nothing again
    assert.equal(await registry.pushBlob("small/other", Buffer.alloc(900), { as: ROOT }), digest);
  });
});

describe("repositories", () => {
  it("show tags, images with layers and history, and indexes with platforms", async () => {
    const image = await registry.pushImage("team/app", "v1", { as: ROOT });
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: [
        {
          mediaType: MEDIA_TYPES.ociManifest,
          digest: image.digest,
          size: image.manifest.length,
          platform: { os: "linux", architecture: "arm64", variant: "v8" },
        },
      ],
    });
    await registry.pushManifest("team/app", "multi", index, MEDIA_TYPES.ociIndex, { as: ROOT });
    const tags = await get<{ items: Record<string, unknown>[]; total: number }>(
      "/repositories/team/app/-/tags",
    );
    assert.equal(tags.total, 2);
    assert.deepEqual(
      tags.items.map(({ name, kind, platforms, layers, digest }) => [name, kind, platforms, layers, digest]),
      [
        ["multi", "index", ["linux/arm64/v8"], 0, sha256(index)],
        ["v1", "image", ["linux/amd64"], 1, image.digest],
      ],
    );
    const detail = await get<{
      layers: { digest: string }[];
      config: { history: { created_by: string }[]; architecture: string };
      tags: string[];
      imageSize: number;
    }>("/repositories/team/app/-/manifests/v1");
    assert.deepEqual(
      detail.layers.map(({ digest }) => digest),
      [image.layer],
    );
    assert.match(detail.config.history[0]?.created_by ?? "", /^COPY/);
    assert.deepEqual([detail.config.architecture, detail.tags], ["amd64", ["v1"]]);
    assert.ok(detail.imageSize > 512);
    const multi = await get<{ manifests: { digest: string }[] }>("/repositories/team/app/-/manifests/multi");
    assert.equal(multi.manifests[0]?.digest, image.digest);
  });

  it("are retagged and lose tags by role, immutable tags stay", async () => {
    const { digest, manifest } = await registry.pushImage("team/rules", "v1.0", { as: ROOT });
    await api(registry, "PUT", "/repositories/team/rules/-/tags/stable", { source: "v1.0" });
    assert.equal((await get("/repositories/team/rules/-/manifests/stable"))["digest"], digest);
    await api(registry, "PUT", "/projects/team/rules", { immutableTags: ["v*"] });
    const other = await registry.pushImage("team/rules", "latest", { as: ROOT });
    const move = await registry.ask("PUT", "/v2/team/rules/manifests/v1.0", {
      as: ROOT,
      headers: { "content-type": MEDIA_TYPES.ociManifest },
      body: other.manifest,
    });
    assert.deepEqual([move.status, move.codes], [403, ["DENIED"]]);
    await registry.pushManifest("team/rules", "v1.0", manifest, MEDIA_TYPES.ociManifest, { as: ROOT });
    for (const reference of ["v1.0", digest])
      assert.equal(
        (await registry.ask("DELETE", `/v2/team/rules/manifests/${reference}`, { as: ROOT })).status,
        403,
      );
    await assert.rejects(
      api(registry, "PUT", "/repositories/team/rules/-/tags/v1.0", { source: "latest" }),
      /403/,
    );
    await api(registry, "DELETE", "/repositories/team/rules/-/tags/stable", undefined);
    await assert.rejects(get("/repositories/team/rules/-/manifests/stable"), /404/);
    await api(registry, "PUT", "/projects/team/rules", {});
  });

  it("give up tags by the retention rule, after showing which", async () => {
    const { manifest } = await registry.pushImage("team/old", "1", { as: ROOT });
    for (const tag of ["2", "3", "keep-me"])
      await registry.pushManifest("team/old", tag, manifest, MEDIA_TYPES.ociManifest, { as: ROOT });
    const rules = {
      immutableTags: ["keep-*"],
      retention: { repositories: ["old"], tags: ["?"], keepNewest: 1 },
    };
    await api(registry, "PUT", "/projects/team/rules", rules);
    const run = (dryRun: boolean) =>
      api<{ tags: { tag: string }[] }>(registry, "POST", "/projects/team/retention", { dryRun });
    const planned = await run(true);
    assert.equal(planned.tags.length, 2);
    assert.deepEqual(await run(false), { ...planned, dryRun: false });
    assert.deepEqual((await run(false)).tags, []);
    await api(registry, "PUT", "/projects/team/rules", {});
  });
});

describe("the audit trail", () => {
  it("has every action, is searched, exported, and cannot be changed", async () => {
    const dev = await addUser(registry, "dev");
    await api(registry, "PUT", "/projects/team/members/dev", { role: "developer" });
    const { digest } = await registry.pushImage("team/audited", "v1", { as: dev });
    await registry.ask("GET", "/v2/team/audited/manifests/v1", { as: dev });
    await registry.ask("DELETE", "/v2/team/audited/manifests/v1", { as: dev });
    interface Page {
      items: {
        id: number;
        actor: string;
        action: string;
        digest?: string;
        outcome: string;
        address: string;
      }[];
      next: number | null;
    }
    const { items } = await get<Page>("/projects/team/audit?search=team/audited");
    assert.deepEqual(
      items.map(({ actor, action, outcome, address }) => [actor, action, outcome, address]),
      [
        ["dev", "DELETE /v2/{name}/manifests/{reference}", "denied", "127.0.0.1"],
        ["dev", "manifest.pull", "ok", "127.0.0.1"],
        ["dev", "manifest.push", "ok", "127.0.0.1"],
      ],
    );
    assert.equal(items[2]?.digest, digest);
    const first = await get<Page>("/audit?limit=2");
    const second = await get<Page>(`/audit?limit=2&before=${first.next}`);
    assert.ok(first.items[1]!.id > second.items[0]!.id);
    const csv = await registry.ask("GET", "/api/v1/audit/export?format=csv&action=member", { as: ROOT });
    assert.match(
      csv.text,
      /^id,at,actor,action,.*\n\d+,[^,]+,root,member\.set,team,,dev,,127\.0\.0\.1,ok,1,/,
    );
    const lines = await registry.ask("GET", "/api/v1/audit/export", { as: ROOT });
    for (const line of lines.text.trim().split("\n")) JSON.parse(line);
  });
});

describe("statistics and collections", () => {
  it("count storage and traffic", async () => {
    const all = await get<{ storage: { bytes: number }; traffic: { pushes: number }[]; projects: unknown[] }>(
      "/statistics?days=1",
    );
    assert.ok(all.storage.bytes > 0 && all.projects.length > 0);
    assert.ok(all.traffic.reduce((sum, { pushes }) => sum + pushes, 0) > 0);
    assert.ok(await get("/projects/team/statistics"));
  });

  it("run with progress, one at a time", async () => {
    const { id } = await api<{ id: number }>(registry, "POST", "/collections", { dryRun: true });
    let collection = await get<{ state: string }>(`/collections/${id}`);
    while (collection.state === "running") collection = await get<{ state: string }>(`/collections/${id}`);
    assert.equal(collection.state, "done");
  });
});

describe("webhooks", () => {
  it("are told of pushes, signed, and again when they fail", async () => {
    const requests: { body: string; request: IncomingMessage }[] = [];
    const { promise: twice, resolve } = Promise.withResolvers<void>();
    const server = createServer(async (request, response) => {
      requests.push({ body: await text(request), request });
      response.writeHead(requests.length === 1 ? 500 : 204).end();
      if (requests.length === 2) resolve();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const made = await api<{ id: number }>(registry, "POST", "/projects/team/webhooks", {
      url,
      secret: "key",
    });
    await registry.pushImage("team/hooked", "v1", { as: ROOT });
    await twice;
    const [first, second] = requests;
    assert.equal(first?.body, second?.body, "the same event is tried again");
    const { events } = JSON.parse(first?.body ?? "{}") as {
      events: { action: string; target: { repository: string } }[];
    };
    assert.deepEqual([events[0]?.action, events[0]?.target.repository], ["push", "team/hooked"]);
    const signature = `sha256=${createHmac("sha256", "key")
      .update(first?.body ?? "")
      .digest("hex")}`;
    assert.equal(first?.request.headers["x-wharf-signature"], signature);
    assert.equal(
      (await get<{ items: unknown[] }>(`/projects/team/webhooks/${made.id}/deliveries`)).items.length,
      1,
    );
    assert.ok(
      !(await registry.ask("GET", "/api/v1/projects/team/webhooks", { as: ROOT })).text.includes('"key"'),
    );
    server.close();
    server.closeAllConnections();
  });
});

describe("bad input", () => {
  it("is refused by name, and HTML or SQL in it stays text", async () => {
    const send = (body: string) =>
      registry.ask("POST", "/api/v1/users", {
        as: ROOT,
        headers: { "content-type": "application/json" },
        body,
      });
    for (const body of [
      "",
      "[]",
      "null",
      "{",
      '{"name":5}',
      '{"name":"x"}',
      '{"name":"x","password":"short"}',
    ])
      assert.equal((await send(body)).status, 400, body);
    for (const name of ["<script>", "x' OR 1=1 --", "robot$x", "open", "a/b", "a".repeat(101)])
      assert.equal((await send(JSON.stringify({ name, password: "long enough" }))).status, 400, name);
    const email = "<img src=x onerror=alert(1)>'; DROP TABLE users; --";
    const made = await api(registry, "POST", "/users", { name: "odd", password: "long enough", email });
    assert.equal(made["email"], email);
    const found = await registry.ask("GET", `/api/v1/audit?search=${encodeURIComponent("' OR 1=1 --")}`, {
      as: ROOT,
    });
    assert.deepEqual(found.json<{ items: unknown[] }>().items, []);
  });
});
