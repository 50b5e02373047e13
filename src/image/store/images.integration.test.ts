import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Digest, ImageConfig } from "../../oci/index.ts";
import type { Image } from "../image.ts";
import { inChunks, makeRig, type Rig, tarOf } from "../testing/rig.ts";

const nobody = { force: false, noPrune: false, usedBy: () => undefined };
const by = (id: Digest, running: boolean, force = false) => ({
  force,
  noPrune: false,
  usedBy: (image: Digest) => (image === id ? { id: "c".repeat(64), running } : undefined),
});

const base = (rig: Rig, reference?: string) =>
  rig.images.import({
    source: inChunks(tarOf({ name: "base", content: "12345" })),
    reference,
    config: { Cmd: ["sh"] },
  });

/** An image on top of another one, as a build step makes it. */
async function child(
  rig: Rig,
  parent: Digest,
  name: string,
  references: readonly string[] = [],
): Promise<Image> {
  const below = rig.images.get(parent) ?? assert.fail("no parent");
  const { upper } = await rig.layers.prepare(name, below.chainId);
  writeFileSync(join(upper, name), name);
  const { diffId } = await rig.layers.commit(name);
  await rig.layers.remove(name);
  const { config } = below;
  const made: ImageConfig = {
    ...config,
    rootfs: { type: "layers", diff_ids: [...config.rootfs.diff_ids, diffId] },
    history: [
      ...(config.history ?? []),
      { created_by: `RUN ${name}` },
      { created_by: "ENV a=b", empty_layer: true },
    ],
  };
  return (
    rig.images.get(await rig.images.create({ config: made, references, parent })) ?? assert.fail("no child")
  );
}

describe("names", () => {
  it("find an image by every form of its name and id", async () => {
    await using rig = await makeRig();
    const id = await base(rig, "app:v1");
    rig.images.tag(id, "localhost:5000/team/app");
    const hex = id.slice("sha256:".length);
    for (const text of [
      "app:v1",
      "docker.io/library/app:v1",
      "localhost:5000/team/app",
      "localhost:5000/team/app:latest",
      id,
      hex,
      hex.slice(0, 12),
      id.slice(0, 15),
    ]) {
      assert.equal(rig.images.resolve(text).id, id, text);
    }
    assert.deepEqual(rig.images.resolve(id).repoTags, ["app:v1", "localhost:5000/team/app:latest"]);
    assert.ok(rig.images.resolve(id).lastTagged);
  });

  it("say what is missing or wrong", async () => {
    await using rig = await makeRig();
    const id = await base(rig);
    assert.throws(() => rig.images.resolve("app"), {
      kind: "notFound",
      message: "No such image: app:latest",
    });
    assert.throws(() => rig.images.resolve(`sha256:${"0".repeat(64)}`), { kind: "notFound" });
    assert.throws(() => rig.images.resolve("App"), {
      kind: "invalidParameter",
      message: /must be lowercase/,
    });
    assert.throws(() => rig.images.tag(id, `a@${id}`), {
      kind: "invalidParameter",
      message: /digest reference/,
    });
    assert.throws(() => rig.images.tag("nothing", "a"), { kind: "notFound" });
  });

  it("move from one image to another", async () => {
    await using rig = await makeRig();
    const first = await base(rig, "app");
    const second = await child(rig, first, "x", ["app"]);
    assert.equal(rig.images.resolve("app").id, second.id);
    assert.deepEqual(rig.images.get(first)?.repoTags, []);
  });
});

describe("create and history", () => {
  it("count sizes, know parents, keep the configuration", async () => {
    await using rig = await makeRig();
    const id = await base(rig, "base");
    const image = await child(rig, id, "layer", ["top:1"]);
    assert.deepEqual([image.size, image.parent, image.config.config], [10, id, { Cmd: ["sh"] }]);
    const rows = rig.images
      .history("top:1")
      .map(({ id, created_by, comment, size, tags }) => [id, created_by ?? comment, size, tags.join()]);
    assert.deepEqual(rows, [
      [image.id, "ENV a=b", 0, "top:1"],
      [id, "RUN layer", 5, "base:latest"],
      ["<missing>", "Imported from -", 5, ""],
    ]);
  });

  it("refuse layers that are not there", async () => {
    await using rig = await makeRig();
    const rootfs = { type: "layers", diff_ids: [`sha256:${"1".repeat(64)}`] } as const;
    await assert.rejects(rig.images.create({ config: { architecture: "amd64", os: "linux", rootfs } }), {
      kind: "notFound",
    });
  });

  it("take an image without layers", async () => {
    await using rig = await makeRig();
    const id = await rig.images.create({
      config: { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } },
    });
    assert.deepEqual([rig.images.get(id)?.size, rig.images.get(id)?.chainId], [0, undefined]);
  });
});

describe("remove", () => {
  it("untags, and deletes with the last name: image, layers, parents, content", async () => {
    await using rig = await makeRig();
    const id = await base(rig);
    const image = await child(rig, id, "x", ["a", "b"]);
    assert.deepEqual(await rig.images.remove("a", nobody), [{ Untagged: "a:latest" }]);
    const chain = image.chainId ?? assert.fail();
    const below = rig.images.get(id)?.chainId ?? assert.fail();
    assert.deepEqual(await rig.images.remove("b", nobody), [
      { Untagged: "b:latest" },
      { Deleted: image.id },
      { Deleted: chain },
      { Deleted: id },
      { Deleted: below },
    ]);
    assert.deepEqual(rig.images.list(), []);
    assert.deepEqual(readdirSync(join(rig.root, "content/blobs/sha256")), []);
    assert.deepEqual(readdirSync(join(rig.root, "overlay2/l")), []);
  });

  it("takes a tag for a tag, also where the image's id begins with it", async () => {
    await using rig = await makeRig();
    const id = await base(rig);
    const prefix = id.slice("sha256:".length, "sha256:".length + 3);
    rig.images.tag(id, prefix);
    rig.images.tag(id, "other");
    assert.deepEqual(await rig.images.remove(prefix, nobody), [{ Untagged: `${prefix}:latest` }]);
  });

  it("keeps untagged parents with noPrune, and parents that others need", async () => {
    await using rig = await makeRig();
    const id = await base(rig);
    const one = await child(rig, id, "x", ["x"]);
    const two = await child(rig, id, "y", ["y"]);
    assert.deepEqual(await rig.images.remove("x", nobody), [
      { Untagged: "x:latest" },
      { Deleted: one.id },
      { Deleted: one.chainId },
    ]);
    assert.equal((await rig.images.remove("y", { ...nobody, noPrune: true })).length, 3);
    assert.deepEqual(
      rig.images.list().map((image) => image.id),
      [id],
    );
    assert.equal(rig.images.get(two.id), undefined);
  });

  it("refuses as Docker does", async () => {
    await using rig = await makeRig();
    const id = await base(rig, "app");
    const short = id.slice(7, 19);
    const user = "c".repeat(12);
    const refused = (reference: string, options: Parameters<Rig["images"]["remove"]>[1], message: string) =>
      assert.rejects(rig.images.remove(reference, options), { kind: "conflict", message });
    await refused(
      "app",
      by(id, false),
      `conflict: unable to remove repository reference "app" (must force) - container ${user} is using its referenced image ${short}`,
    );
    await refused(
      id,
      by(id, false),
      `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${user}`,
    );
    await refused(
      short,
      by(id, true, true),
      `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container ${user}`,
    );
    rig.images.tag(id, "other");
    await refused(
      id,
      nobody,
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    );
    const above = await child(rig, id, "x");
    await refused(
      id,
      { ...nobody, force: true },
      `conflict: unable to delete ${short} (cannot be forced) - image has dependent child images`,
    );
    assert.equal(rig.images.resolve("app").id, id);
    await rig.images.remove(above.id, { ...nobody, noPrune: true });
    assert.equal((await rig.images.remove(id, { ...nobody, force: true })).length, 4);
  });

  it("by force keeps the layers a container stands on", async () => {
    await using rig = await makeRig();
    const id = await base(rig, "app");
    await rig.layers.prepare("c", rig.images.get(id)?.chainId);
    assert.deepEqual(await rig.images.remove("app", by(id, false, true)), [
      { Untagged: "app:latest" },
      { Deleted: id },
    ]);
    assert.ok(existsSync(join(rig.layers.mount("c"), "base")));
    rig.layers.unmount("c");
  });

  it("by name only untags while a container runs and force is given", async () => {
    await using rig = await makeRig();
    const id = await base(rig, "app");
    assert.deepEqual(
      await rig.images.remove("app", by(id, true, true)).catch((error: Error) => error.message),
      [{ Untagged: "app:latest" }],
    );
    assert.ok(rig.images.get(id));
  });
});

describe("damage on disk", () => {
  it("is found when content is used again", async () => {
    await using rig = await makeRig();
    const id = await base(rig, "app");
    const blobs = join(rig.root, "content/blobs/sha256");
    const [hex = ""] = readdirSync(blobs);
    const saved = await Array.fromAsync(rig.images.save(["app"]));
    writeFileSync(join(blobs, hex), "damaged");
    await assert.rejects(Array.fromAsync(rig.images.save(["app"])), /damaged on disk|cut off/);
    await rig.images.remove(id, nobody);
    assert.deepEqual(await rig.images.load(inChunks(Buffer.concat(saved)), {}), [id]);
  });
});
