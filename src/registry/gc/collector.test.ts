import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { api, ROOT, setUp } from "../testing/accounts.ts";
import { sha256, startTestRegistry, type TestRegistry } from "../testing/registry.ts";

interface Collected {
  id: number;
  state: string;
  contents: number;
  manifests: number;
  orphans: number;
  bytes: number;
}

async function collect(registry: TestRegistry, document: object = {}): Promise<Collected> {
  const { id } = await api<Collected>(registry, "POST", "/collections", document);
  for (;;) {
    const found = await api<Collected>(registry, "GET", `/collections/${id}`, undefined);
    if (found.state !== "running") return found;
    await sleep(2);
  }
}

const filePath = (registry: TestRegistry, digest: string): string => {
  const [algorithm = "", hex = ""] = digest.split(":");
  return join(registry.options.data, "blobs", algorithm, hex.slice(0, 2), hex);
};

describe("garbage collection", () => {
  it("removes what no manifest names once nobody has asked for it, and nothing else", async () => {
    await using registry = await startTestRegistry({ leaseTime: 0 });
    await setUp(registry);
    const kept = await registry.pushImage("a/kept", "v1", { as: ROOT });
    const gone = await registry.pushImage("a/gone", "v1", { as: ROOT });
    // named by an image elsewhere: its bytes stay, the link in this repository goes
    await registry.ask("POST", `/v2/a/gone/blobs/uploads/?mount=${kept.layer}&from=a/kept`, { as: ROOT });
    await registry.ask("DELETE", `/v2/a/gone/manifests/${gone.digest}`, { as: ROOT });
    await sleep(2);
    const planned = await collect(registry, { dryRun: true });
    assert.equal(planned.contents, 3);
    assert.ok(existsSync(filePath(registry, gone.layer)));
    const done = await collect(registry);
    assert.deepEqual([done.state, done.contents, done.bytes], ["done", 3, planned.bytes]);
    for (const digest of [gone.layer, gone.config, gone.digest])
      assert.ok(!existsSync(filePath(registry, digest)));
    for (const path of [`manifests/v1`, `blobs/${kept.layer}`, `blobs/${kept.config}`])
      assert.equal((await registry.ask("GET", `/v2/a/kept/${path}`, { as: ROOT })).status, 200);
    assert.equal((await registry.ask("HEAD", `/v2/a/gone/blobs/${kept.layer}`, { as: ROOT })).status, 404);
  });

  it("leaves what a push in flight counts on: sent, mounted or asked for", async () => {
    await using registry = await startTestRegistry({ leaseTime: 60_000 });
    await setUp(registry);
    const layer = await registry.pushBlob("a/app", randomBytes(100), { as: ROOT });
    await registry.ask("POST", `/v2/a/other/blobs/uploads/?mount=${layer}&from=a/app`, { as: ROOT });
    await collect(registry);
    for (const name of ["a/app", "a/other"])
      assert.equal((await registry.ask("HEAD", `/v2/${name}/blobs/${layer}`, { as: ROOT })).status, 200);
  });

  it("runs beside pushes of the same contents and never loses one", async () => {
    // the shortest lease that a push can live with: each of its steps is well within it
    await using registry = await startTestRegistry({ leaseTime: 3_000 });
    await setUp(registry);
    const layers = Array.from({ length: 4 }, () => randomBytes(2_000));
    let pushing = true;
    const collecting = (async () => {
      let runs = 0;
      for (; pushing; runs++) await collect(registry, { untagged: true });
      return runs;
    })();
    const pusher = async (who: number) => {
      for (let round = 0; round < 15; round++) {
        const name = `race/app${who}`;
        const layer = layers[(who + round) % layers.length]!;
        const { digest } = await registry.pushImage(name, "latest", { as: ROOT, layer });
        for (const path of ["manifests/latest", `blobs/${sha256(layer)}`])
          assert.equal((await registry.ask("GET", `/v2/${name}/${path}`, { as: ROOT })).status, 200);
        await registry.ask("DELETE", `/v2/${name}/manifests/${digest}`, { as: ROOT });
      }
    };
    await Promise.all([0, 1, 2, 3].map(pusher));
    pushing = false;
    assert.ok((await collecting) > 1);
  });

  it("removes manifests without tags when told to, but not the parts of an index or what refers to another", async () => {
    await using registry = await startTestRegistry({ leaseTime: 0 });
    await setUp(registry);
    const first = await registry.pushImage("a/app", "latest", { as: ROOT });
    const second = await registry.pushImage("a/app", "latest", { as: ROOT });
    const child = await registry.pushImage("a/app", "child", { as: ROOT });
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          digest: child.digest,
          size: child.manifest.length,
        },
      ],
    });
    await registry.pushManifest("a/app", "index", index, "application/vnd.oci.image.index.v1+json", {
      as: ROOT,
    });
    await registry.ask("DELETE", "/v2/a/app/manifests/child", { as: ROOT });
    await sleep(2);
    assert.equal((await collect(registry)).manifests, 0);
    assert.equal((await collect(registry, { untagged: true })).manifests, 1);
    const status = async (digest: string) =>
      (await registry.ask("GET", `/v2/a/app/manifests/${digest}`, { as: ROOT })).status;
    assert.deepEqual(
      [await status(first.digest), await status(second.digest), await status(child.digest)],
      [404, 200, 200],
    );
  });

  it("removes files that a crash left, and uploads nobody goes on with", async () => {
    await using registry = await startTestRegistry({ leaseTime: 1_000, uploadTime: 1_000 });
    await setUp(registry);
    const orphan = filePath(registry, sha256("left by a crash"));
    await mkdir(join(orphan, ".."), { recursive: true });
    await writeFile(orphan, "left by a crash");
    const upload = await registry.ask("POST", "/v2/a/app/blobs/uploads/", { as: ROOT });
    const [id = ""] = await readdir(join(registry.options.data, "uploads"));
    const old = new Date(Date.now() - 10_000);
    await utimes(orphan, old, old);
    await utimes(join(registry.options.data, "uploads", id), old, old);
    assert.equal((await collect(registry)).orphans, 1);
    assert.ok(!existsSync(orphan));
    assert.equal((await registry.ask("GET", upload.headers.location ?? "", { as: ROOT })).status, 404);
    assert.deepEqual(await readdir(join(registry.options.data, "uploads")), []);
  });
});
