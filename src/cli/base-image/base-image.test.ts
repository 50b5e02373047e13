import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { extract } from "tar-stream";
import { type BaseImage, configOf, dockerArchive, imageIdOf, sha256 } from "./archive.ts";
import { busyboxEntries, tarOf } from "./busybox.ts";
import { mmdebstrapArguments, parseTag } from "./debian.ts";

const content = Buffer.from("a layer");
const image: BaseImage = {
  reference: "busybox:latest",
  created: "2024-05-07T00:00:00.000Z",
  architecture: "amd64",
  command: ["sh"],
  createdBy: "test",
  layer: { diffId: sha256(content), size: content.length, open: () => Readable.from([content]) },
};

async function contentsOf(stream: Readable): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const entry of stream.pipe(extract())) found.set(entry.header.name, await text(entry));
  return found;
}

describe("busyboxEntries", () => {
  const entries = busyboxEntries(Buffer.from("ELF"), [
    "bin/sh",
    "usr/bin/awk",
    "bin/busybox",
    "linuxrc",
    "bin/sh",
  ]);
  const find = (path: string) => entries.filter((entry) => entry.path === path);

  it("links each applet once to the one program and leaves out what has no folder", () => {
    assert.deepEqual(find("bin/sh"), [
      { kind: "symlink", path: "bin/sh", mode: 0o777, target: "/bin/busybox" },
    ]);
    assert.equal(find("bin/busybox")[0]?.kind, "file");
    assert.deepEqual(find("linuxrc"), []);
  });

  it("lists folders before what is in them, with the modes programs rely on", () => {
    const seen = new Set([""]);
    for (const { path, kind } of entries) {
      assert.ok(seen.has(path.slice(0, Math.max(0, path.lastIndexOf("/")))), path);
      if (kind === "directory") seen.add(path);
    }
    assert.equal(find("tmp")[0]?.mode, 0o1777);
    assert.equal(find("root")[0]?.mode, 0o700);
  });

  it("makes the same tar each time", async () => {
    const time = new Date("2024-05-07T00:00:00Z");
    assert.deepEqual(await tarOf(entries, time), await tarOf(entries, time));
  });
});

describe("dockerArchive", () => {
  it("holds the configuration under its digest, the layer, and a manifest that names both", async () => {
    const files = await contentsOf(dockerArchive(image));
    const [manifest] = JSON.parse(files.get("manifest.json") ?? "") as [
      { Config: string; RepoTags: string[]; Layers: string[] },
    ];
    assert.deepEqual(manifest.RepoTags, ["busybox:latest"]);
    assert.equal(files.get(manifest.Config), configOf(image));
    assert.equal(`sha256:${manifest.Config.replace(".json", "")}`, imageIdOf(image));
    assert.equal(files.get(manifest.Layers[0] ?? ""), "a layer");
  });

  it("fails when the layer is shorter than announced, rather than making a broken archive", async () => {
    const short = { ...image, layer: { ...image.layer, size: content.length + 1 } };
    await assert.rejects(text(dockerArchive(short)));
  });
});

describe("debian", () => {
  it("reads suite and form from the tag", () => {
    assert.deepEqual(parseTag("bookworm-slim"), { suite: "bookworm", slim: true });
    assert.deepEqual(parseTag("trixie"), { suite: "trixie", slim: false });
    for (const bad of ["", "--help", "book/worm", "bookworm-fat"])
      assert.throws(() => parseTag(bad), { kind: "invalidParameter" });
  });

  it("leaves documentation out of the slim form only", () => {
    assert.ok(mmdebstrapArguments("bookworm", true).includes("--dpkgopt=path-exclude=/usr/share/man/*"));
    assert.ok(!mmdebstrapArguments("bookworm", false).some((option) => option.startsWith("--dpkgopt")));
  });
});
