import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { EngineError } from "../../base/errors.ts";
import { linuxKernel } from "../../kernel/index.ts";
import { inChunks, type Member, makeRig, type Rig, tarOf } from "../testing/rig.ts";

type Members = readonly Member[];
const { files } = linuxKernel();
const importing = (rig: Rig, archive: Uint8Array) => rig.images.import({ source: inChunks(archive) });

/** Nothing of a refused archive may stay: no image, no blob, no folder but those being deleted. */
function assertUntouched(rig: Rig): void {
  assert.deepEqual(rig.images.list(), []);
  assert.deepEqual(readdirSync(join(rig.root, "content/ingest")), []);
  assert.deepEqual(readdirSync(join(rig.root, "content/blobs/sha256")), []);
  const overlay = join(rig.root, "overlay2");
  if (existsSync(overlay))
    assert.deepEqual([...readdirSync(overlay), ...readdirSync(join(overlay, "l"))], ["l"]);
}

describe("hostile layers are refused and leave nothing", () => {
  const cases: readonly (readonly [name: string, members: Members, message: RegExp])[] = [
    ["a name that leads up", [{ name: "../../evil", content: "x" }], /leads out of the layer/],
    ["a name that leads up later", [{ name: "a/../../evil", content: "x" }], /leads out of the layer/],
    [
      "a hard link that leads up",
      [{ name: "a", type: "link", linkName: "../../../../etc/passwd" }],
      /leads out of the layer/,
    ],
    [
      "a hard link to nothing",
      [{ name: "a", type: "link", linkName: "/etc/passwd" }],
      /there is no directory "etc"/,
    ],
    [
      "a hard link through a symlink out",
      [
        { name: "d", type: "symlink", linkName: "/etc" },
        { name: "a", type: "link", linkName: "d/passwd" },
      ],
      /there is no directory "d"/,
    ],
    [
      "a hard link to itself",
      [
        { name: "a", content: "x" },
        { name: "a", type: "link", linkName: "a" },
      ],
      /leads to itself/,
    ],
    [
      "a file below a file",
      [
        { name: "a", content: "x" },
        { name: "a/b", content: "x" },
      ],
      /not a directory/,
    ],
    ["a file as the root", [{ name: ".", content: "x" }], /root of the layer is a file/],
    ["a device number out of range", [{ name: "a", type: "char", major: 5000 }], /device number 5000:0/],
    ["a name too long for a file", [{ name: "n".repeat(300), content: "x" }], /ENAMETOOLONG/],
    ["a whiteout of nothing", [{ name: "a/.wh." }], /names no entry/],
    ["a tree without end", [{ name: `${"d/".repeat(600)}x` }], /too many components/],
  ];
  for (const [name, members, message] of cases) {
    it(name, async () => {
      await using rig = await makeRig();
      await assert.rejects(importing(rig, tarOf(...members)), {
        name: "EngineError",
        kind: "invalidParameter",
        message,
      });
      assertUntouched(rig);
    });
  }

  it("a cut archive, plain and compressed", async () => {
    await using rig = await makeRig();
    const whole = tarOf({ name: "a", content: "x".repeat(5000) });
    await assert.rejects(importing(rig, whole.subarray(0, 3000)), /ends in the middle/);
    await assert.rejects(importing(rig, gzipSync(whole).subarray(0, 60)), /gzip data is damaged or cut off/);
    await assert.rejects(
      importing(rig, zstdCompressSync(whole).subarray(0, 30)),
      /zstd data is damaged or cut off|ends in the middle/,
    );
    assertUntouched(rig);
  });

  it("damaged xz and bzip2", async () => {
    await using rig = await makeRig();
    await assert.rejects(
      importing(rig, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1])),
      /xz data is damaged or cut off/,
    );
    await assert.rejects(importing(rig, Buffer.from("BZh91AY&SY")), /bzip2 data is damaged or cut off/);
    await assert.rejects(importing(rig, Buffer.from("this is no archive".repeat(100))), /checksum/);
    assertUntouched(rig);
  });

  it("archive bombs: bytes, entries, holes, compression", async () => {
    await using rig = await makeRig({ bytes: 1_000_000, entries: 50 });
    const sparse = tarOf({ name: "a", content: "x", size: 1 });
    const many = tarOf(...Array.from({ length: 60 }, (_, i) => ({ name: `f${i}` })));
    await assert.rejects(importing(rig, many), /more than 50 entries/);
    await assert.rejects(
      importing(rig, gzipSync(tarOf({ name: "a", content: "\0".repeat(1_500_000) }))),
      /more than 1000000 bytes/,
    );
    await assert.rejects(
      importing(rig, gzipSync(Buffer.concat([sparse, Buffer.alloc(5_000_000)]))),
      /unpacks to more than 1000000 bytes/,
    );
    await assert.rejects(importing(rig, tarOf({ name: "giant", size: 2 ** 50 })), /more than 1000000 bytes/);
    assertUntouched(rig);
  });
});

describe("hostile layers stay inside", () => {
  it("a symlink out, then a file through it", async () => {
    await using rig = await makeRig();
    const outside = join(rig.root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "file"), "mine");
    const archive = tarOf(
      { name: "absolute", type: "symlink", linkName: outside },
      { name: "up", type: "symlink", linkName: "../../../../../../../.." },
      { name: `${rig.root.slice(1)}/outside/`, type: "directory" },
      { name: "absolute/file", content: "theirs" },
      { name: "up/top", content: "theirs" },
    );
    const id = await importing(rig, archive);
    await rig.layers.prepare("c", rig.images.get(id)?.chainId);
    const lower = rig.layers.folders("c")?.lower[0] ?? "";
    assert.equal(readFileSync(join(outside, "file"), "utf8"), "mine");
    assert.equal(readFileSync(join(lower, rig.root, "outside/file"), "utf8"), "theirs");
    assert.equal(readFileSync(join(lower, "top"), "utf8"), "theirs");
  });

  it("a folder swapped for a symlink between two members", async () => {
    await using rig = await makeRig();
    const outside = join(rig.root, "outside");
    mkdirSync(outside);
    const archive = tarOf(
      { name: "d/", type: "directory" },
      { name: "d/first", content: "1" },
      { name: "d", type: "symlink", linkName: outside },
      { name: "d/second", content: "2" },
    );
    await assert.rejects(
      importing(rig, archive),
      /cannot make the directory "d"|not a directory|no directory/,
    );
    assert.deepEqual(readdirSync(outside), []);
  });

  it("the last of several members of one name counts", async () => {
    await using rig = await makeRig();
    const archive = tarOf(
      { name: "a", content: "first" },
      { name: "hard", type: "link", linkName: "a" },
      { name: "a", content: "second" },
      { name: "b/", type: "directory" },
      { name: "b/c", content: "x" },
      { name: "b", content: "file now" },
      { name: "s", type: "symlink", linkName: "a" },
      { name: "s", content: "no link any more" },
    );
    const id = await importing(rig, archive);
    const { lower } = await rig.layers.prepare("c", rig.images.get(id)?.chainId);
    const text = (name: string) => readFileSync(join(lower[0] ?? "", name), "utf8");
    assert.deepEqual(["a", "hard", "b", "s"].map(text), ["second", "first", "file now", "no link any more"]);
  });

  it("attributes that steer the union filesystem are dropped, others kept", async () => {
    await using rig = await makeRig();
    const xattrs = {
      "trusted.overlay.redirect": Buffer.from("/etc"),
      "trusted.overlay.opaque": Buffer.from("y"),
      "user.fine": Buffer.from([0xff, 0]),
    };
    const id = await importing(rig, tarOf({ name: "d/", type: "directory", xattrs }));
    const { lower } = await rig.layers.prepare("c", rig.images.get(id)?.chainId);
    assert.deepEqual(files.listXattrs(join(lower[0] ?? "", "d")), ["user.fine"]);
    assert.deepEqual([...(files.getXattr(join(lower[0] ?? "", "d"), "user.fine") ?? [])], [0xff, 0]);
  });

  it("sparse files become sparse", async () => {
    await using rig = await makeRig();
    const id = await importing(rig, oldGnuSparse());
    const { lower } = await rig.layers.prepare("c", rig.images.get(id)?.chainId);
    const path = join(lower[0] ?? "", "holes");
    const content = readFileSync(path);
    assert.equal(content.length, 1_000_000);
    assert.equal(content.toString("latin1", 500_000, 500_512), "d".repeat(512));
    assert.ok(statSync(path).blocks * 512 < 100_000);
  });

  it("random members end in a layer or in an error of ours", async () => {
    await using rig = await makeRig({ bytes: 100_000, entries: 100 });
    const name = fc.stringMatching(
      /^(\.\.\/|\/|\.\/)?(a|b|\.wh\.a|\.wh\.\.wh\.\.opq|\.\.)(\/(a|b|\.wh\.b|\.\.)){0,2}\/?$/,
    );
    const type = fc.constantFrom("file", "link", "symlink", "char", "directory", "fifo");
    const member = fc.record({ name, type, linkName: name, mode: fc.nat(0o7777) });
    const property = fc.asyncProperty(fc.array(member, { maxLength: 8 }), async (members) => {
      try {
        await importing(rig, tarOf(...(members as Members)));
      } catch (error) {
        assert.ok(error instanceof EngineError && error.kind === "invalidParameter", String(error));
      }
    });
    await fc.assert(property, { numRuns: 150 });
  });
});

/** A member in GNU's old sparse format: 512 bytes of data in the middle of a megabyte. */
function oldGnuSparse(): Buffer {
  const archive = Buffer.from(tarOf({ name: "holes", content: "d".repeat(512) }));
  const header = archive.subarray(0, 512);
  header.write("S", 156);
  header.write("ustar  \0", 257);
  header.fill(0, 345, 512);
  const octal = (value: number) => `${value.toString(8).padStart(11, "0")}\0`;
  header.write(octal(500_000) + octal(512) + octal(1_000_000) + octal(0), 386);
  header.write(octal(1_000_000), 483);
  header.fill(0x20, 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return archive;
}
