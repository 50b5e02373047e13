import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { EngineError } from "../../base/errors.ts";
import { TarReader } from "../../base/tar/reader.ts";
import { MEDIA_TYPES } from "../../oci/index.ts";
import type { Progress } from "../image.ts";
import { gather, inChunks, type Member, makeRig, type Rig, tarOf } from "../testing/rig.ts";

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const LOWER = tarOf({ name: "a", content: "a" }, { name: "b", content: "b" });
const UPPER = tarOf({ name: ".wh.a" }, { name: "c", content: "c" });
const CONFIG = json({
  architecture: "amd64",
  os: "linux",
  config: { Env: ["A=1"] },
  rootfs: { type: "layers", diff_ids: [`sha256:${sha256(LOWER)}`, `sha256:${sha256(UPPER)}`] },
  history: [{ created_by: "lower" }, { created_by: "upper" }],
});
const ID = `sha256:${sha256(CONFIG)}`;
/** Of Docker 20.10, for the archive of the first format below. */
const LEGACY_ID = "sha256:1409c32e3e649624c3c4b34d283e9dbd062a17f6ec6d74a1aac5a2dda998d1d5";

const load = async (rig: Rig, archive: Uint8Array, chunk?: number) => {
  const lines: Progress[] = [];
  const ids = await rig.images.load(inChunks(archive, chunk), { onProgress: (line) => lines.push(line) });
  return { ids, streams: lines.flatMap(({ stream }) => stream ?? []) };
};

/** The archive `docker save` of version 20 writes: folders by layer, here in the worst order. */
const dockerArchive = (tags: readonly string[] | null, change: Record<string, unknown> = {}): Buffer =>
  tarOf(
    { name: "upper/", type: "directory" },
    { name: "upper/VERSION", content: "1.0" },
    { name: "upper/json", content: "{}" },
    { name: "upper/layer.tar", content: UPPER },
    { name: "twin/layer.tar", type: "symlink", linkName: "../lower/layer.tar" },
    {
      name: "manifest.json",
      content: json([
        { Config: "config.json", RepoTags: tags, Layers: ["twin/layer.tar", "upper/layer.tar"], ...change },
      ]),
    },
    { name: "repositories", content: "{}" },
    { name: "lower/layer.tar", content: LOWER },
    { name: "config.json", content: CONFIG },
  );

function layout(layers: readonly Buffer[], type: string, annotations?: Record<string, string>): Buffer {
  const blob = (content: Uint8Array): Member => ({ name: `blobs/sha256/${sha256(content)}`, content });
  const pointer = (mediaType: string, content: Uint8Array) => ({
    mediaType,
    digest: `sha256:${sha256(content)}`,
    size: content.length,
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: pointer(MEDIA_TYPES.ociConfig, CONFIG),
    layers: layers.map((layer) => pointer(type, layer)),
  });
  const platform = { os: process.platform, architecture: process.arch === "x64" ? "amd64" : process.arch };
  const attestation = {
    ...pointer(MEDIA_TYPES.ociManifest, json({})),
    platform: { os: "unknown", architecture: "unknown" },
  };
  const inner = json({
    schemaVersion: 2,
    manifests: [
      attestation,
      { ...pointer(MEDIA_TYPES.ociManifest, manifest), platform },
      {
        ...pointer(MEDIA_TYPES.ociManifest, json({ x: 1 })),
        platform: { os: "plan9", architecture: "mips" },
      },
    ],
  });
  const index = json({
    schemaVersion: 2,
    manifests: [{ ...pointer(MEDIA_TYPES.ociIndex, inner), annotations }],
  });
  return tarOf(
    { name: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) },
    { name: "index.json", content: index },
    ...[CONFIG, ...layers, manifest, inner].map(blob),
  );
}

async function assertRuns(rig: Rig): Promise<void> {
  await rig.layers.prepare("c", rig.images.get(ID as `sha256:${string}`)?.chainId);
  const merged = rig.layers.mount("c");
  assert.deepEqual(readdirSync(merged).sort(), [".dockerenv", "b", "c"]);
  assert.equal(readFileSync(join(merged, "c"), "utf8"), "c");
  await rig.layers.remove("c");
}

describe("load", () => {
  it("unpacks layers while the rest of the archive is still to come, and keeps only what an image has", async () => {
    await using rig = await makeRig();
    await rig.layers.recover(new Set());
    const stray = tarOf({ name: "stray", content: "x" });
    const archive = dockerArchive(["app:1"]);
    const unpacked = () =>
      readdirSync(join(rig.root, "overlay2"))
        .filter((name) => name !== "l")
        .flatMap((name) => readdirSync(join(rig.root, "overlay2", name, "diff")));
    async function* source() {
      yield tarOf({ name: "stray/layer.tar", content: stray }).subarray(0, -1024);
      const manifest = archive.indexOf("manifest.json");
      yield archive.subarray(0, manifest);
      const end = Date.now() + 60_000;
      while (!["stray", "c"].every((name) => unpacked().includes(name)) && Date.now() < end) await nextTurn();
      assert.ok(Date.now() < end, "layers are unpacked before the archive ends");
      yield archive.subarray(manifest);
    }
    assert.deepEqual(await rig.images.load(source(), {}), [ID]);
    await assertRuns(rig);
    assert.deepEqual(unpacked().sort(), ["a", "a", "b", "c"]);
    assert.equal(readdirSync(join(rig.root, "content/blobs/sha256")).length, 2);
  });
  it("takes away what it has unpacked of an archive that breaks off", async () => {
    await using rig = await makeRig();
    const archive = dockerArchive(["app:1"]);
    await assert.rejects(load(rig, archive.subarray(0, archive.indexOf("config.json") + 600)), /cut off/);
    assert.deepEqual(readdirSync(join(rig.root, "overlay2")), ["l"]);
    assert.deepEqual(readdirSync(join(rig.root, "overlay2/l")), []);
    assert.deepEqual(readdirSync(join(rig.root, "content/blobs/sha256")), []);
  });
  it("reads docker-save archives, members in any order, links followed", async () => {
    await using rig = await makeRig();
    const { ids, streams } = await load(rig, dockerArchive(["app:1", "r.example.com/app:2"]), 100);
    assert.deepEqual(ids, [ID]);
    assert.deepEqual(streams, ["Loaded image: app:1\n", "Loaded image: r.example.com/app:2\n"]);
    await assertRuns(rig);
    // Only layers are kept as content; the configuration is in the catalog.
    assert.deepEqual(
      readdirSync(join(rig.root, "content/blobs/sha256")).sort(),
      [sha256(LOWER), sha256(UPPER)].sort(),
    );
  });

  it("reads archives from before Docker 1.10, giving images the ids that Docker gives them", async () => {
    await using rig = await makeRig();
    const [one, two] = ["a".repeat(64), "b".repeat(64)];
    const member = (name: string, content: string) => ({ name, content });
    const layer = (name: string, content: string) => tarOf({ name, content });
    const lower = {
      id: one,
      created: "2015-01-02T03:04:05.123456789Z",
      container_config: { Cmd: ["/bin/sh", "-c", "#(nop) ADD file:x in /"] },
      docker_version: "1.9.1",
      architecture: "amd64",
      os: "linux",
      Size: 3,
      author: "A <a@b>",
    };
    const upper = {
      id: two,
      parent: one,
      created: "2015-01-03T03:04:05Z",
      container_config: { Cmd: ["/bin/sh", "-c", '#(nop) CMD ["sh"] && x'] },
      docker_version: "1.9.1",
      config: { Cmd: ["sh"], Env: ["A=<b>"] },
      architecture: "amd64",
      os: "linux",
    };
    const archive = tarOf(
      member(`${two}/VERSION`, "1.0"),
      member(`${two}/json`, JSON.stringify(upper)),
      { name: `${two}/layer.tar`, content: layer("two", "2") },
      member(`${one}/json`, JSON.stringify(lower)),
      { name: `${one}/layer.tar`, content: layer("one", "1") },
      member("repositories", JSON.stringify({ old: { 1: two } })),
    );
    const { ids, streams } = await load(rig, archive);
    assert.deepEqual(streams, ["Loaded image: old:1\n"]);
    assert.deepEqual(ids, [LEGACY_ID]);
    const image = rig.images.resolve("old:1");
    assert.deepEqual(image.config.config?.Cmd, ["sh"]);
    assert.deepEqual(
      rig.images.history("old:1").map(({ created_by }) => created_by),
      ['/bin/sh -c #(nop) CMD ["sh"] && x', "/bin/sh -c #(nop) ADD file:x in /"],
    );
    await rig.layers.prepare("old", image.chainId);
    assert.deepEqual(readdirSync(rig.layers.mount("old")).sort(), [".dockerenv", "one", "two"]);
    await rig.layers.remove("old");
    const broken = (change: Member) =>
      load(rig, tarOf(change, member("repositories", JSON.stringify({ old: { 1: two } }))));
    await assert.rejects(broken(member("x", "")), /no file b{64}\/json/);
    await assert.rejects(broken(member(`${two}/json`, "[]")), /not a valid JSON object/);
    const own = [{ name: `${two}/layer.tar`, content: layer("x", "x") }];
    const loop = tarOf(
      member(`${two}/json`, JSON.stringify({ parent: two })),
      ...own,
      member("repositories", JSON.stringify({ old: { 1: two } })),
    );
    await assert.rejects(load(rig, loop), /in a circle/);
  });
  it("takes a layer without a byte", async () => {
    await using rig = await makeRig();
    const empty = Buffer.alloc(0);
    const rootfs = { type: "layers", diff_ids: [LOWER, empty].map((layer) => `sha256:${sha256(layer)}`) };
    const archive = tarOf(
      { name: "config.json", content: json({ architecture: "amd64", os: "linux", rootfs }) },
      { name: "a.tar", content: LOWER },
      { name: "b.tar", content: empty },
      {
        name: "manifest.json",
        content: json([{ Config: "config.json", RepoTags: ["empty:1"], Layers: ["a.tar", "b.tar"] }]),
      },
    );
    const { ids } = await load(rig, archive);
    await rig.images.remove("empty:1", { force: true, noPrune: false, usedBy: () => undefined });
    assert.equal(ids.length, 1);
  });
  it("says the id of an image without a name, and that a name moved", async () => {
    await using rig = await makeRig();
    assert.deepEqual((await load(rig, dockerArchive(null))).streams, [`Loaded image ID: ${ID}\n`]);
    const other = await rig.images.import({ source: inChunks(LOWER), reference: "app:1" });
    assert.deepEqual((await load(rig, dockerArchive(["app:1"]))).streams, [
      `The image app:1 already exists, renaming the old one with ID ${other} to empty string\n`,
      "Loaded image: app:1\n",
    ]);
  });

  const packed = { gzip: gzipSync, zstd: zstdCompressSync, plain: (bytes: Uint8Array) => Buffer.from(bytes) };
  const types = {
    gzip: MEDIA_TYPES.ociLayerGzip,
    zstd: MEDIA_TYPES.ociLayerZstd,
    plain: MEDIA_TYPES.ociLayer,
  };
  for (const kind of ["gzip", "zstd", "plain"] as const) {
    it(`reads OCI layouts with ${kind} layers in a ${kind} archive, through nested indexes`, async () => {
      await using rig = await makeRig();
      const archive = layout(
        [LOWER, UPPER].map((layer) => packed[kind](layer)),
        types[kind],
        {
          "io.containerd.image.name": "docker.io/library/app:oci",
        },
      );
      assert.deepEqual((await load(rig, packed[kind](archive))).streams, ["Loaded image: app:oci\n"]);
      await assertRuns(rig);
    });
  }

  it("takes a full name from the OCI annotation, but not a bare tag", async () => {
    await using rig = await makeRig();
    const name = (text: string) =>
      layout([LOWER, UPPER], types.plain, { "org.opencontainers.image.ref.name": text });
    assert.deepEqual((await load(rig, name("latest"))).streams, [`Loaded image ID: ${ID}\n`]);
    assert.deepEqual((await load(rig, name("app:7"))).streams, ["Loaded image: app:7\n"]);
    const byDigest = `app:7@sha256:${"0".repeat(64)}`;
    assert.deepEqual((await load(rig, name(byDigest))).streams, [`Loaded image ID: ${ID}\n`]);
  });

  const refused: readonly (readonly [name: string, archive: Buffer, message: RegExp])[] = [
    ["no archive", Buffer.from("hello ".repeat(300)), /invalid tar archive/],
    ["nothing", Buffer.alloc(0), /holds no images/],
    ["a root filesystem", LOWER, /holds no images.*docker import/],
    ["a cut archive", dockerArchive(["a"]).subarray(0, 2000), /cut off/],
    [
      "a layer that is not there",
      dockerArchive(null, { Layers: ["nope/layer.tar", "upper/layer.tar"] }),
      /no file nope\/layer.tar/,
    ],
    [
      "a missing layer",
      dockerArchive(null, { Layers: ["upper/layer.tar"] }),
      /names 1 layers, its configuration 2/,
    ],
    [
      "layers in the wrong order",
      dockerArchive(null, { Layers: ["upper/layer.tar", "twin/layer.tar"] }),
      /does not match its image/,
    ],
    ["a path that leads out", tarOf({ name: "../x", content: "1" }), /leads out of the image archive/],
    ["a configuration that leads out", dockerArchive(null, { Config: "../../etc/passwd" }), /leads out/],
    ["a bad name", dockerArchive(["UPPER"]), /must be lowercase/],
    ["a name by digest, which pins", dockerArchive([`app@sha256:${"0".repeat(64)}`]), /digest reference/],
    ["a name that reads like an id", dockerArchive(["sha256:abc"]), /ambiguous tag/],
    ["a layer list that is none", dockerArchive(null, { Layers: "x" }), /Layers in manifest.json/],
    [
      "content under a wrong digest",
      tarOf({ name: `blobs/sha256/${"0".repeat(64)}`, content: "x" }),
      /does not match its digest/,
    ],
    [
      "a manifest over the limit",
      tarOf({ name: "manifest.json", content: " ".repeat(4 * 1024 * 1024 + 1) }),
      /larger than/,
    ],
    ["a manifest that is no JSON", tarOf({ name: "manifest.json", content: "[" }), /not valid JSON/],
  ];
  for (const [name, archive, message] of refused) {
    it(`refuses ${name} and keeps nothing`, async () => {
      await using rig = await makeRig();
      await assert.rejects(load(rig, archive), { name: "EngineError", kind: "invalidParameter", message });
      assert.deepEqual(rig.images.list(), []);
      await rig.layers.recover(new Set());
      assert.deepEqual(readdirSync(join(rig.root, "content/blobs/sha256")), []);
    });
  }

  it("stops when asked to and keeps nothing", async () => {
    await using rig = await makeRig();
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield dockerArchive(["a"]).subarray(0, 3000);
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield new Uint8Array(512);
    }
    await assert.rejects(rig.images.load(endless(), { signal: stop.signal }), { kind: "cancelled" });
    await rig.layers.recover(new Set());
    assert.deepEqual(readdirSync(join(rig.root, "content/blobs/sha256")), []);
  });

  it("ends every mutation of an archive in images or an error of ours", async () => {
    await using rig = await makeRig();
    const good = layout([LOWER, UPPER], types.plain);
    const change = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(change, fc.nat(good.length), async (changes, length) => {
      const bad = Buffer.from(good.subarray(0, length % 3 === 0 ? length : good.length));
      for (const [at, byte] of changes) if (at < bad.length) bad[at] = byte;
      try {
        await load(rig, bad);
      } catch (error) {
        assert.ok(error instanceof EngineError && error.kind === "invalidParameter", String(error));
      }
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

describe("save", () => {
  it("gives the same bytes each time, and an archive that loads as the same images", async () => {
    await using rig = await makeRig();
    await using other = await makeRig();
    const layers = [gzipSync(LOWER), UPPER];
    await load(rig, layout(layers, types().gzip));
    rig.images.tag(ID, "app:1");
    rig.images.tag(ID, "app:2");
    rig.images.tag(ID, "r.example.com/app:2");
    const archive = await gather(rig.images.save(["app:1", "app:2", "r.example.com/app:2"]));
    assert.ok(archive.equals(await gather(rig.images.save(["app:1", "app:2", "r.example.com/app:2"]))));
    const { ids, streams } = await load(other, archive);
    assert.deepEqual(ids, [ID]);
    assert.deepEqual(
      streams,
      ["app:1", "app:2", "r.example.com/app:2"].map((name) => `Loaded image: ${name}\n`),
    );
    await assertRuns(other);
    for (const layer of layers) assert.ok(archive.includes(layer), "a layer goes out as it came");
  });

  it("saves all tags of a repository, one name, or none by id", async () => {
    await using rig = await makeRig();
    await load(rig, dockerArchive(["app:1", "app:2"]));
    const tags = async (reference: string) => {
      const archive = (await gather(rig.images.save([reference]))).toString("latin1");
      return [...(/"RepoTags":(\[[^\]]*\]|null)/.exec(archive) ?? [])][1];
    };
    assert.equal(await tags("app"), '["app:1","app:2"]');
    assert.equal(await tags("app:2"), '["app:2"]');
    assert.equal(await tags(ID), "null");
    await assert.rejects(tags("nope"), { kind: "notFound" });
  });

  it("gives configurations and layers the time of their image, and names parents that travel along", async () => {
    await using rig = await makeRig();
    const history = [{ created_by: "lower" }];
    const rootfs = { type: "layers", diff_ids: [`sha256:${sha256(LOWER)}`] } as const;
    const common = { architecture: "amd64", os: "linux", created: "2020-01-02T03:04:05.6Z", rootfs };
    const lower = tarOf(
      { name: "config.json", content: json({ ...common, history }) },
      { name: "lower.tar", content: LOWER },
      {
        name: "manifest.json",
        content: json([{ Config: "config.json", RepoTags: ["app:parent"], Layers: ["lower.tar"] }]),
      },
    );
    const [parent] = (await load(rig, lower)).ids;
    const config = { ...common, history: [...history, { created_by: "CMD", empty_layer: true }] };
    const child = await rig.images.create({ config, references: ["app:child"], parent });
    const archive = await gather(rig.images.save(["app:child", "app:parent"]));
    const times = new Map<string, number>();
    const reader = new TarReader({
      entry: ({ name, mtime }) => times.set(name, mtime.seconds),
      data: () => undefined,
      end: () => undefined,
    });
    reader.write(archive);
    const created = Date.parse("2020-01-02T03:04:05Z") / 1000;
    assert.equal(times.get(`blobs/sha256/${sha256(LOWER)}`), created);
    assert.equal(times.get(`blobs/${child.replace(":", "/")}`), created);
    assert.equal(times.get("manifest.json"), 0);
    // The child comes first in the archive.
    await using other = await makeRig();
    await load(other, archive);
    assert.equal(other.images.resolve("app:child").parent, parent);
    assert.equal(other.images.resolve("app:parent").parent, undefined);
    assert.doesNotMatch((await gather(rig.images.save(["app:child"]))).toString("latin1"), /"Parent"/);
  });

  const types = () => ({ gzip: MEDIA_TYPES.ociLayerGzip });
});

describe("import", () => {
  it("makes a runnable image of a compressed root filesystem", async () => {
    await using rig = await makeRig();
    const id = await rig.images.import({
      source: inChunks(gzipSync(LOWER)),
      reference: "fs",
      message: "mine",
      config: { Cmd: ["x"] },
      platform: "linux/arm64",
    });
    const image = rig.images.resolve("fs");
    assert.equal(image.id, id);
    assert.deepEqual(image.config.rootfs.diff_ids, [`sha256:${sha256(LOWER)}`]);
    assert.deepEqual(
      [image.config.architecture, image.config.history?.[0]?.comment, image.config.config],
      ["arm64", "mine", { Cmd: ["x"] }],
    );
  });
  it("refuses platforms that cannot be, in words that say which part is wrong", async () => {
    await using rig = await makeRig();
    const words = {
      "   ": /" {3}" is an invalid OS component of " {3}"/,
      "/": /"" is an invalid OS component of "\/"/,
      "linux/a b": /"a b" is an invalid component of "linux\/a b"/,
      "linux/arm/v7/x": /cannot parse platform specifier/,
      nintendo64: /unknown operating system or architecture/,
      macos: /operating system is not supported/,
      "macos/arm64": /operating system is not supported/,
    };
    for (const [platform, message] of Object.entries(words))
      await assert.rejects(rig.images.import({ source: inChunks(LOWER), platform }), {
        kind: "invalidParameter",
        message,
      });
  });
  it("refuses a name with a digest before it reads anything", async () => {
    await using rig = await makeRig();
    await assert.rejects(rig.images.import({ source: inChunks(LOWER), reference: `a@${ID}` }), {
      kind: "invalidParameter",
    });
  });
});
