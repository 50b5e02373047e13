import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { makeTmpfs } from "../../../test/support/filesystem.ts";
import { type Digest, hexOf } from "../../oci/index.ts";
import { makeClient } from "../registry/testing/rig.ts";
import { gzipLayer, repositoryOf, serve, serveRepository } from "../registry/testing/scripted-registry.ts";
import { layoutOf } from "../testing/layout.ts";
import { gather, inChunks, makeRig, type Rig, tarOf } from "../testing/rig.ts";

const LAYERS = [
  tarOf(
    { name: "a", content: "a".repeat(5000) },
    { name: "dir/", type: "directory" },
    { name: "dir/b", content: "b" },
  ),
  tarOf(
    { name: "c", content: "c".repeat(700_000) },
    { name: ".wh.a" },
    { name: "s", type: "symlink", linkName: "c" },
  ),
];
const nobody = { force: false, noPrune: false, usedBy: () => undefined };

const load = async (rig: Rig): Promise<Digest> => {
  const [id] = await rig.images.load(inChunks(layoutOf(LAYERS)), {});
  return id as Digest;
};
const blobsOf = (root: string) => join(root, "content/blobs/sha256");
const findings = async (rig: Pick<Rig, "images">) => {
  const found = await Array.fromAsync(rig.images.verify());
  return found.filter(({ status }) => status !== "ok");
};
/** The path of the largest stored blob. */
function largest(root: string): string {
  const folder = blobsOf(root);
  const [name = ""] = readdirSync(folder).sort(
    (a, b) => readFileSync(join(folder, b)).length - readFileSync(join(folder, a)).length,
  );
  return join(folder, name);
}
function damage(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.min(600, bytes.length - 9);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe("verifying", () => {
  it("finds nothing wrong with what is right", async () => {
    await using rig = await makeRig();
    const id = await load(rig);
    const found = await Array.fromAsync(rig.images.verify());
    assert.deepEqual(
      found.map(({ kind, status }) => `${kind} ${status}`),
      ["layer ok", "layer ok", "image ok"],
    );
    assert.equal(found.at(-1)?.id, id);
  });

  it("takes damaged content away, and loading the image again brings it back", async () => {
    await using rig = await makeRig();
    const id = await load(rig);
    const blob = largest(rig.root);
    damage(blob);
    const [first, ...others] = await findings(rig);
    assert.deepEqual([first?.status, others], ["damaged", []]);
    assert.match(first?.detail ?? "", /^content sha256:\w+ was taken away: found sha256:/);
    assert.equal(existsSync(blob), false);
    assert.equal((await findings(rig))[0]?.status, "missing");
    await assert.rejects(gather(rig.images.save([id])), /content of layer .* is missing: load or pull/);
    assert.equal(await load(rig), id);
    assert.deepEqual(await findings(rig), []);
    await gather(rig.images.save([id]));
  });

  it("tells a blob that is cut off", async () => {
    await using rig = await makeRig();
    await load(rig);
    const blob = largest(rig.root);
    writeFileSync(blob, readFileSync(blob).subarray(0, 3000));
    assert.match((await findings(rig))[0]?.detail ?? "", /ends in the middle|found sha256/);
  });

  it("compares the unpacked files with their layer", async () => {
    for (const spoil of [
      (folder: string) => appendFileSync(join(folder, "c"), "more"),
      (folder: string) => writeFileSync(join(folder, "c"), `x${"c".repeat(699_999)}`),
      (folder: string) => rmSync(join(folder, "s")),
      (folder: string) => rmSync(join(folder, "c")),
    ]) {
      await using rig = await makeRig();
      const id = await load(rig);
      const [top = ""] = rig.layers.stack(rig.images.get(id)?.chainId as Digest);
      spoil(top);
      const [found] = await findings(rig);
      assert.equal(found?.status, "damaged");
      assert.match(found?.detail ?? "", /its unpacked files: "[cs]"/);
    }
  });

  it("stops when it is told to", async () => {
    await using rig = await makeRig();
    await load(rig);
    await assert.rejects(Array.fromAsync(rig.images.verify(AbortSignal.abort())), /cancelled/);
  });
});

describe("damaged content", () => {
  it("is found by a save, which fails at its end, and fetched again by the next pull", async () => {
    const repository = repositoryOf([gzipLayer("one"), gzipLayer("two".repeat(9000))]);
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient();
    const name = `${server.host}/x:1`;
    await client.pull(name);
    const { id } = client.images.resolve(name);
    const [layer = ""] = [...repository.blobs.keys()].filter((digest) => digest !== id);
    const path = join(blobsOf(client.root), hexOf(layer as Digest));
    damage(path);
    await assert.rejects(gather(client.images.save([name])), /damaged on disk .* and was taken away/);
    const before = server.seen.length;
    await client.pull(name);
    const fetched = server.seen.slice(before).filter(({ url }) => url.includes("/blobs/"));
    assert.deepEqual(
      fetched.map(({ url }) => url.split("/").at(-1)),
      [layer],
    );
    await gather(client.images.save([name]));
    assert.deepEqual(await findings(client), []);
  });

  it("is found by a push, which says so instead of trying again", async () => {
    const repository = repositoryOf([gzipLayer("one")]);
    await using server = await serve((request, response) => {
      if (request.method === "GET") return serveRepository(repository, request, response);
      if (request.method === "HEAD") response.writeHead(404).end();
      else if (request.method === "POST")
        response.writeHead(202, { Location: "/v2/x/blobs/uploads/1" }).end();
      else request.resume().on("end", () => response.writeHead(201).end());
      return true;
    });
    await using client = await makeClient();
    await client.pull(`${server.host}/x:1`);
    damage(largest(client.root));
    await assert.rejects(client.push(`${server.host}/x:1`), /damaged on disk .* and was taken away/);
  });
});

describe("a full disk", () => {
  it("fails a load clearly, loses nothing, and the same load works when there is room", async () => {
    // 4.2 MB of it are set aside for changes of records.
    using disk = makeTmpfs(15);
    await using rig = await makeRig(undefined, { parent: disk.path });
    const id = await load(rig);
    const ballast = join(disk.path, "ballast");
    writeFileSync(ballast, Buffer.alloc(5 * 2 ** 20));
    const archive = layoutOf([tarOf({ name: "big", content: "0123456789".repeat(400_000) })]);
    await assert.rejects(rig.images.load(inChunks(archive), {}), /no space left on device/);
    // Blobs fit, unpacked files do not.
    rmSync(ballast);
    writeFileSync(ballast, Buffer.alloc(3 * 2 ** 20));
    await assert.rejects(rig.images.load(inChunks(archive), {}), /no space left on device/);
    assert.deepEqual(readdirSync(join(rig.root, "content/ingest")), []);
    assert.equal(readdirSync(blobsOf(rig.root)).length, LAYERS.length);
    assert.deepEqual(
      rig.images.list().map((image) => image.id),
      [id],
    );
    assert.deepEqual(await findings(rig), []);
    rmSync(ballast);
    const [big] = await rig.images.load(inChunks(archive), {});
    assert.ok(big);
    await rig.images.remove(big, nobody);
  });

  it("fails a pull clearly and keeps what was fetched for the next", async () => {
    using disk = makeTmpfs(15);
    const random = Buffer.from(Array.from({ length: 6_000_000 }, (_, i) => (i * i * 31 + (i >> 7)) % 253));
    const repository = repositoryOf([gzipLayer(random.toString("latin1"))]);
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient({}, disk.path);
    const ballast = join(disk.path, "ballast");
    writeFileSync(ballast, Buffer.alloc(8 * 2 ** 20));
    await assert.rejects(client.pull(`${server.host}/x:1`), /no space left on device/);
    assert.deepEqual(client.images.list(), []);
    rmSync(ballast);
    await assert.rejects(client.pull(`${server.host}/x:1`), /no space left on device/).catch(() => undefined);
    assert.deepEqual(readdirSync(join(client.root, "content/ingest")), []);
  });
});
