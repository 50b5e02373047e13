import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { makeFilesystem, makeOverlay, noBtrfs } from "../../../../test/support/filesystem.ts";
import { silentLogger } from "../../../base/log.ts";
import { linuxKernel } from "../../../kernel/index.ts";
import type { Digest } from "../../../oci/index.ts";
import { isDiskFull } from "../../disk-full.ts";
import { gather, inChunks, makeRig, type Rig, tarOf } from "../../testing/rig.ts";
import { chooseDriver } from "./choose.ts";
import type { DriverName } from "./driver.ts";

const { files, mounts } = linuxKernel();
const withoutRoot = process.getuid?.() === 0 ? false : "needs root";
const MTIME = { seconds: 1_600_000_000, nanoseconds: 123_456_789 };

const BASE = tarOf(
  { name: "./", type: "directory", mode: 0o751, uid: 3, gid: 4 },
  { name: "etc/", type: "directory", mtime: MTIME },
  { name: "etc/passwd", content: "root", xattrs: { "user.note": Buffer.from("n") } },
  { name: "data/", type: "directory", mode: 0o2775, gid: 50 },
  { name: "data/a", content: "aaa", mtime: MTIME },
  { name: "data/su", content: "bbb", uid: 70_000, mode: 0o4755 },
  { name: "data/second", type: "link", linkName: "data/su" },
  { name: "link", type: "symlink", linkName: "data/a", mtime: { seconds: 12, nanoseconds: 0 } },
  { name: "old/", type: "directory" },
  { name: "old/x", content: "x" },
  { name: "null", type: "char", major: 1, minor: 3 },
);
const ABOVE = tarOf(
  { name: "data/.wh.a" },
  { name: "old/", type: "directory" },
  { name: "old/.wh..wh..opq" },
  { name: "old/y", content: "y" },
);

/** Two layers, the upper one with a whiteout and an opaque folder. */
async function image(rig: Rig): Promise<Digest> {
  const base = await rig.images.import({ source: inChunks(BASE) });
  const above = await rig.images.import({ source: inChunks(ABOVE) });
  const lower = rig.images.get(base)?.config.rootfs.diff_ids ?? [];
  const upper = rig.images.get(above)?.config.rootfs.diff_ids ?? [];
  // Saved and loaded together the two are one image.
  const { layoutOf } = await import("../../testing/layout.ts");
  const archive = layoutOf([BASE, ABOVE], [...lower, ...upper]);
  const [id] = await rig.images.load(inChunks(archive), {});
  return rig.images.get(id as Digest)?.chainId ?? assert.fail("the image has no layers");
}

const kinds: readonly {
  readonly driver: DriverName;
  readonly skip: string | false;
  readonly place: () => { readonly path: string | undefined } & Disposable;
}[] = [
  { driver: "overlay2", skip: false, place: () => ({ path: undefined, [Symbol.dispose]: () => undefined }) },
  { driver: "vfs", skip: false, place: () => ({ path: undefined, [Symbol.dispose]: () => undefined }) },
  { driver: "btrfs", skip: noBtrfs ?? false, place: () => makeFilesystem("btrfs", 256) },
];

for (const { driver, skip, place } of kinds) {
  describe(`storage driver ${driver}`, { skip: withoutRoot || skip }, () => {
    it("shows the merged layers, tells what changed, commits it, and leaves nothing", async () => {
      using disk = place();
      await using rig = await makeRig(undefined, { driver, parent: disk.path });
      assert.equal(rig.layers.driver, driver);
      const top = await image(rig);
      await rig.layers.prepare("c", top);
      const root = rig.layers.mount("c");
      assert.deepEqual(readdirSync(root).sort(), [".dockerenv", "data", "etc", "link", "null", "old"]);
      assert.deepEqual(readdirSync(join(root, "data")).sort(), ["second", "su"]);
      assert.deepEqual(readdirSync(join(root, "old")), ["y"]);
      const su = statSync(join(root, "data/su"));
      assert.deepEqual([su.mode & 0o7777, su.uid, su.nlink], [0o4755, 70_000, 2]);
      assert.equal(statSync(join(root, "data")).mode & 0o7777, 0o2775);
      assert.deepEqual([statSync(root).mode & 0o7777, statSync(root).uid], [0o751, 3]);
      assert.equal(lstatSync(join(root, "etc"), { bigint: true }).mtimeNs, 1_600_000_000_123_456_789n);
      assert.equal(readlinkSync(join(root, "link")), "data/a");
      assert.equal(lstatSync(join(root, "null")).rdev, 0x103);
      assert.equal(String(Buffer.from(files.getXattr(join(root, "etc/passwd"), "user.note") ?? [])), "n");
      assert.deepEqual(await rig.layers.changes("c"), []);
      assert.equal(await rig.layers.usage("c"), 0);

      appendFileSync(join(root, "etc/passwd"), "+");
      rmSync(join(root, "data/second"));
      mkdirSync(join(root, "new/deep"), { recursive: true });
      writeFileSync(join(root, "new/deep/file"), "12345");
      rmSync(join(root, "link"));
      symlinkSync("elsewhere", join(root, "link"));
      rmSync(join(root, "old"), { recursive: true });
      const changes = await rig.layers.changes("c");
      assert.deepEqual(
        changes.filter(({ path }) => path !== "/data/su").map(({ path, kind }) => `${kind[0]} ${path}`),
        [
          "m /data",
          "d /data/second",
          "m /etc",
          "m /etc/passwd",
          "m /link",
          "a /new",
          "a /new/deep",
          "a /new/deep/file",
          "d /old",
        ],
      );
      assert.ok((await rig.layers.usage("c")) >= 10);
      const { chainId } = await rig.layers.commit("c");
      await rig.layers.prepare("d", chainId);
      const again = rig.layers.mount("d");
      assert.equal(readFileSync(join(again, "new/deep/file"), "utf8"), "12345");
      assert.equal(readFileSync(join(again, "etc/passwd"), "utf8"), "root+");
      assert.equal(existsSync(join(again, "old")), false);
      assert.ok((await gather(rig.layers.export("d"))).includes("new/deep/file"));
      rig.layers.unmount("c");
      rig.layers.unmount("d");
      await rig.layers.remove("c");
      await rig.layers.remove("d");
      await rig.close();
      assert.equal(existsSync(root), false);
    });

    it("keeps what a restart finds in use and removes the rest", async () => {
      using disk = place();
      await using rig = await makeRig(undefined, { driver, parent: disk.path });
      const top = await image(rig);
      await rig.layers.prepare("kept", top);
      writeFileSync(join(rig.layers.mount("kept"), "mine"), "here");
      const home = join(rig.root, driver);
      mkdirSync(join(home, "0".repeat(64)));
      await using again = await rig.reopen();
      await again.layers.recover(new Set());
      assert.equal(readFileSync(join(again.layers.mount("kept"), "mine"), "utf8"), "here");
      assert.equal(existsSync(join(home, "0".repeat(64))), false);
      again.layers.unmount("kept");
      await again.layers.remove("kept");
    });
  });
}

describe("storage drivers", { skip: withoutRoot }, () => {
  it("a writable layer stays with its driver, images serve every one", async () => {
    await using rig = await makeRig(undefined, { driver: "vfs" });
    const top = await image(rig);
    await rig.layers.prepare("old", top);
    writeFileSync(join(rig.layers.mount("old"), "mine"), "here");
    await using again = await rig.reopen({ driver: "overlay2" });
    await again.layers.recover(new Set());
    assert.equal(readFileSync(join(again.layers.mount("old"), "mine"), "utf8"), "here");
    await again.layers.prepare("new", top);
    assert.deepEqual(readdirSync(join(again.layers.mount("new"), "old")), ["y"]);
    assert.equal(mounts.list().filter(({ target }) => target.startsWith(again.root)).length, 1);
    again.layers.unmount("new");
  });

  it("vfs is taken where overlayfs cannot be mounted; asking for what does not work is refused", () => {
    using disk = makeOverlay();
    assert.equal(chooseDriver(undefined, disk.path, mounts, silentLogger), "vfs");
    assert.throws(
      () => chooseDriver("overlay2", disk.path, mounts, silentLogger),
      /the storage driver overlay2 cannot be used/,
    );
    assert.throws(
      () => chooseDriver("btrfs", disk.path, mounts, silentLogger),
      /btrfs cannot be used: .* is not on a btrfs filesystem/,
    );
    assert.deepEqual(readdirSync(disk.path), []);
  });

  it("a trial that was cut off is cleaned up by the next", async () => {
    await using rig = await makeRig();
    const probe = join(rig.root, ".overlay-probe");
    for (const name of ["lower", "upper", "work", "merged"])
      mkdirSync(join(probe, name), { recursive: true });
    const data = "lowerdir=lower,upperdir=upper,workdir=work";
    mounts.mountFrom(probe, { source: "overlay", target: join(probe, "merged"), type: "overlay", data });
    assert.equal(chooseDriver(undefined, rig.root, mounts, silentLogger), "overlay2");
    assert.equal(existsSync(probe), false);
  });

  it("a size is refused where there are no quotas", async () => {
    for (const driver of ["overlay2", "vfs"] as const) {
      await using rig = await makeRig(undefined, { driver });
      await assert.rejects(
        rig.layers.prepare("c", undefined, { size: 1e6 }),
        /--storage-opt size is not supported/,
      );
      assert.equal(rig.layers.folders("c"), undefined);
    }
  });

  it("btrfs keeps a writable layer below its size", { skip: noBtrfs ?? false }, async () => {
    using disk = makeFilesystem("btrfs", 256);
    await using rig = await makeRig(undefined, { driver: "btrfs", parent: disk.path });
    const top = await image(rig);
    await rig.layers.prepare("c", top, { size: 2 ** 20 });
    const root = rig.layers.mount("c");
    writeFileSync(join(root, "small"), Buffer.alloc(2 ** 18, 1));
    assert.throws(() => {
      for (let i = 0; i < 8; i++)
        writeFileSync(join(root, `big${i}`), Buffer.alloc(2 ** 19, i), { flush: true });
    }, isDiskFull);
    await rig.layers.prepare("free", top);
    writeFileSync(join(rig.layers.mount("free"), "big"), Buffer.alloc(2 ** 22, 1), { flush: true });
  });

  it("a whole tree does not forget a change of mode or time alone", async () => {
    await using rig = await makeRig(undefined, { driver: "vfs" });
    await rig.layers.prepare("c", await image(rig));
    const root = rig.layers.mount("c");
    chmodSync(join(root, "data/su"), 0o700);
    utimesSync(join(root, "old/y"), 1, 1);
    const paths = (await rig.layers.changes("c")).map(({ path }) => path);
    assert.deepEqual(paths, ["/data", "/data/second", "/data/su", "/old", "/old/y"]);
  });
});
