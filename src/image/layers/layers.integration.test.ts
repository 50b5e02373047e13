import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { linuxKernel } from "../../kernel/index.ts";
import { chainIdAbove, type Digest } from "../../oci/index.ts";
import { gather, inChunks, makeRig, type Rig, tarOf } from "../testing/rig.ts";

const { files, mounts } = linuxKernel();

const ROOT = tarOf(
  { name: "./", type: "directory", mode: 0o751, uid: 3, gid: 4 },
  { name: "etc/", type: "directory" },
  { name: "etc/passwd", content: "root:x:0:0::/:/bin/sh\n" },
  {
    name: "data/",
    type: "directory",
    mode: 0o2775,
    gid: 50,
    mtime: { seconds: 1_600_000_000, nanoseconds: 123_456_789 },
  },
  { name: "data/a", content: "aaa" },
  {
    name: "data/b",
    content: "bbb",
    uid: 70_000,
    mode: 0o4755,
    mtime: { seconds: 1_700_000_000, nanoseconds: 5 },
  },
  { name: "data/b2", type: "link", linkName: "data/b" },
  { name: "link", type: "symlink", linkName: "data/a", mtime: { seconds: 12, nanoseconds: 0 } },
);

/** The chainID of an image made of one archive. */
async function importLayer(rig: Rig, tar: Uint8Array): Promise<Digest> {
  const id = await rig.images.import({ source: inChunks(tar) });
  return rig.images.get(id)?.chainId ?? assert.fail("the image has no layer");
}

async function withSnapshot<T>(
  rig: Rig,
  parent: Digest | undefined,
  body: (merged: string) => T | Promise<T>,
  id = "c1",
) {
  await rig.layers.prepare(id, parent);
  return body(rig.layers.mount(id));
}

describe("writable layers", () => {
  it("show what the archive held: owners, modes, times, links", async () => {
    await using rig = await makeRig();
    await withSnapshot(rig, await importLayer(rig, ROOT), (merged) => {
      const root = statSync(merged);
      assert.deepEqual([root.mode & 0o7777, root.uid, root.gid], [0o751, 3, 4]);
      const data = statSync(join(merged, "data"), { bigint: true });
      assert.equal(data.mode & 0o7777n, 0o2775n);
      assert.equal(data.mtimeNs, 1_600_000_000_123_456_789n);
      const b = statSync(join(merged, "data/b"), { bigint: true });
      assert.deepEqual(
        [b.mode & 0o7777n, b.uid, b.mtimeNs, b.nlink],
        [0o4755n, 70_000n, 1_700_000_000_000_000_005n, 2n],
      );
      assert.equal(statSync(join(merged, "data/b2")).ino, Number(b.ino));
      assert.equal(readlinkSync(join(merged, "link")), "data/a");
      assert.equal(lstatSync(join(merged, "link"), { bigint: true }).mtimeNs, 12_000_000_000n);
    });
  });

  it("are mounted once, unmounted once, and found again", async () => {
    await using rig = await makeRig();
    const made = await rig.layers.prepare("c1", await importLayer(rig, ROOT));
    assert.deepEqual(rig.layers.folders("c1"), made);
    assert.deepEqual(
      await rig.layers.prepare("c1", undefined).catch((error: Error) => error.message),
      "there is already a writable layer c1 above another image",
    );
    assert.equal(made.lower.length, 1);
    for (const folder of [made.upper, made.work, made.merged, ...made.lower]) assert.ok(existsSync(folder));
    assert.equal(rig.layers.unmount("c1"), false);
    assert.equal(rig.layers.mount("c1"), made.merged);
    assert.equal(rig.layers.mount("c1"), made.merged);
    assert.equal(mounts.list().filter(({ target }) => target === made.merged).length, 1);
    assert.equal(rig.layers.unmount("c1"), true);
    assert.equal(rig.layers.unmount("c1"), false);
    assert.throws(() => rig.layers.mount("c2"), { kind: "notFound" });
    assert.equal(rig.layers.folders("c2"), undefined);
  });

  it("can stand on nothing", async () => {
    await using rig = await makeRig();
    await withSnapshot(rig, undefined, (merged) => {
      assert.deepEqual(readdirSync(merged), [".dockerenv"]);
      writeFileSync(join(merged, "x"), "1");
    });
    assert.deepEqual(await rig.layers.changes("c1"), [{ path: "/x", kind: "added" }]);
  });

  it("are removed with what is mounted inside, but nothing behind a mount is deleted", async () => {
    await using rig = await makeRig();
    const outside = join(rig.root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "precious"), "1");
    const { upper } = await rig.layers.prepare("c1", await importLayer(rig, ROOT));
    rig.layers.mount("c1");
    mkdirSync(join(upper, "mnt"));
    mounts.mount({ source: outside, target: join(upper, "mnt"), flags: ["bind"] });
    await rig.layers.remove("c1");
    await rig.layers.remove("c1");
    assert.equal(rig.layers.folders("c1"), undefined);
    await settled(rig);
    assert.deepEqual(readdirSync(outside), ["precious"]);
    assert.equal(existsSync(upper), false);
  });

  it("mount 127 layers deep and refuse one more", async () => {
    await using rig = await makeRig();
    let parent: Digest | undefined;
    for (let level = 0; level < 127; level++) {
      const id = `s${level}`;
      const { upper } = await rig.layers.prepare(id, parent);
      writeFileSync(join(upper, `f${level}`), String(level));
      parent = (await rig.layers.commit(id)).chainId;
      // Kept until the next one stands on it, as a build does.
      if (level > 0) await rig.layers.remove(`s${level - 1}`);
    }
    await withSnapshot(rig, parent, (merged) => assert.equal(readdirSync(merged).length, 127 + 1), "top");
    await assert.rejects(rig.layers.commit("top"), /max depth exceeded/);
  });
});

describe("changes and diff", () => {
  it("list what a container did", async () => {
    await using rig = await makeRig();
    await withSnapshot(rig, await importLayer(rig, ROOT), (merged) => {
      appendFileSync(join(merged, "data/a"), "more");
      rmSync(join(merged, "data/b2"));
      mkdirSync(join(merged, "new/deep"), { recursive: true });
      writeFileSync(join(merged, "new/deep/file"), "x");
      chmodSync(join(merged, "etc"), 0o700);
      rmSync(join(merged, "link"));
    });
    assert.deepEqual(await rig.layers.changes("c1"), [
      { path: "/data", kind: "modified" },
      { path: "/data/a", kind: "modified" },
      { path: "/data/b2", kind: "deleted" },
      { path: "/etc", kind: "modified" },
      { path: "/link", kind: "deleted" },
      { path: "/new", kind: "added" },
      { path: "/new/deep", kind: "added" },
      { path: "/new/deep/file", kind: "added" },
    ]);
    assert.equal(await rig.layers.usage("c1"), "aaamore".length + "x".length);
  });

  it("list the content of a folder that was removed and made again", async () => {
    await using rig = await makeRig();
    await withSnapshot(rig, await importLayer(rig, ROOT), (merged) => {
      rmSync(join(merged, "data"), { recursive: true });
      mkdirSync(join(merged, "data"));
      writeFileSync(join(merged, "data/b"), "new");
    });
    assert.deepEqual(await rig.layers.changes("c1"), [
      { path: "/data", kind: "modified" },
      { path: "/data/a", kind: "deleted" },
      { path: "/data/b", kind: "modified" },
      { path: "/data/b2", kind: "deleted" },
    ]);
  });

  it("leave out what the runtime made only to mount over it", async () => {
    await using rig = await makeRig();
    const { upper } = await rig.layers.prepare("c1", await importLayer(rig, ROOT));
    for (const folder of ["dev", "dev/pts", "proc", "sys", "etc"]) mkdirSync(join(upper, folder));
    for (const file of ["etc/hosts", "etc/hostname", "etc/resolv.conf", ".dockerenv"])
      writeFileSync(join(upper, file), "");
    assert.deepEqual(await rig.layers.changes("c1"), []);
    writeFileSync(join(upper, "dev/own"), "x");
    assert.deepEqual(await rig.layers.changes("c1"), [
      { path: "/dev", kind: "added" },
      { path: "/dev/own", kind: "added" },
    ]);
  });

  it("give the same bytes for the same content", async () => {
    await using rig = await makeRig();
    const parent = await importLayer(rig, ROOT);
    const tars: Buffer[] = [];
    for (const id of ["c1", "c2"]) {
      await withSnapshot(
        rig,
        parent,
        (merged) => {
          const names = id === "c1" ? ["x", "y", "z"] : ["z", "y", "x"];
          for (const name of names) {
            writeFileSync(join(merged, name), name);
            setTime(merged, name);
          }
          rmSync(join(merged, "data/a"));
          const upper = rig.layers.folders(id)?.upper ?? "";
          setTime(upper, "data");
        },
        id,
      );
      tars.push(await gather(rig.layers.diff(id)));
    }
    assert.ok(tars[0] && tars[1] && tars[0].equals(tars[1]));
  });

  it("stop the reading thread when the receiver leaves", async () => {
    await using rig = await makeRig();
    const { upper } = await rig.layers.prepare("c1", undefined);
    writeFileSync(join(upper, "big"), Buffer.alloc(40 * 1024 * 1024));
    for await (const chunk of rig.layers.diff("c1")) {
      assert.ok(chunk.length > 0);
      break;
    }
    const stop = new AbortController();
    const reading = gather(rig.layers.diff("c1", stop.signal));
    stop.abort();
    await assert.rejects(reading, { kind: "cancelled" });
    assert.equal((await gather(rig.layers.diff("c1"))).length, 40 * 1024 * 1024 + 3 * 512 + 1024);
  });

  it("reads nothing outside the layer when a folder is a symlink out", async () => {
    await using rig = await makeRig();
    const { upper } = await rig.layers.prepare("c1", undefined);
    symlinkSync("/etc", join(upper, "etc"));
    assert.deepEqual(await rig.layers.changes("c1"), [{ path: "/etc", kind: "added" }]);
  });
});

describe("commit", () => {
  it("keeps everything: deletions, opaque folders, links, attributes, times", async () => {
    await using rig = await makeRig();
    const parent = await importLayer(rig, ROOT);
    const capability = Uint8Array.from([1, 0, 0, 2, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    await withSnapshot(rig, parent, (merged) => {
      rmSync(join(merged, "data"), { recursive: true });
      mkdirSync(join(merged, "data"));
      writeFileSync(join(merged, "data/own"), "own");
      linkSync(join(merged, "data/own"), join(merged, "data/twin"));
      rmSync(join(merged, "etc/passwd"));
      writeFileSync(join(merged, "tool"), "binary");
      chownSync(join(merged, "tool"), 5, 6);
      chmodSync(join(merged, "tool"), 0o6711);
      files.setXattr(join(merged, "tool"), "security.capability", capability);
      files.setXattr(join(merged, "tool"), "user.note", Buffer.from("höhe"));
      execFileSync("mkfifo", [join(merged, "pipe")]);
    });
    const before = await rig.layers.changes("c1");
    const layer = await rig.layers.commit("c1");
    assert.equal(layer.chainId, chainIdAbove(parent, layer.diffId));
    await withSnapshot(
      rig,
      layer.chainId,
      (merged) => {
        assert.deepEqual(readdirSync(join(merged, "data")).sort(), ["own", "twin"]);
        assert.equal(statSync(join(merged, "data/own")).ino, statSync(join(merged, "data/twin")).ino);
        assert.deepEqual(readdirSync(join(merged, "etc")), []);
        const tool = statSync(join(merged, "tool"));
        assert.deepEqual([tool.mode & 0o7777, tool.uid, tool.gid], [0o6711, 5, 6]);
        assert.deepEqual(
          Buffer.from(files.getXattr(join(merged, "tool"), "security.capability") ?? []),
          Buffer.from(capability),
        );
        assert.equal(Buffer.from(files.getXattr(join(merged, "tool"), "user.note") ?? []).toString(), "höhe");
        assert.ok(statSync(join(merged, "pipe")).isFIFO());
        assert.equal(statSync(merged).mode & 0o7777, 0o751);
      },
      "c2",
    );
    assert.deepEqual(await rig.layers.changes("c2"), []);
    assert.deepEqual(await rig.layers.changes("c1"), before);
  });

  it("makes one layer of the same content", async () => {
    await using rig = await makeRig();
    const { upper } = await rig.layers.prepare("c1", undefined);
    writeFileSync(join(upper, "x"), "1");
    const [a, b] = await Promise.all([rig.layers.commit("c1"), rig.layers.commit("c1")]);
    assert.deepEqual(a, b);
    assert.equal(readdirSync(join(rig.root, "overlay2/l")).length, 1);
  });
});

describe("recovery", () => {
  it("deletes what no row knows and unmounts what is not in use", async () => {
    await using first = await makeRig();
    const parent = await importLayer(first, ROOT);
    await first.layers.prepare("kept", parent);
    await first.layers.prepare("idle", parent);
    const kept = first.layers.mount("kept");
    const idle = first.layers.mount("idle");
    await using rig = await first.reopen();
    const overlay = join(rig.root, "overlay2");
    mkdirSync(join(overlay, "f".repeat(64), "diff"), { recursive: true });
    symlinkSync(`../${"f".repeat(64)}/diff`, join(overlay, "l/ORPHAN"));
    mkdirSync(join(rig.root, "removing/half/way"), { recursive: true });
    writeFileSync(join(rig.root, "content/ingest/cut"), "x");
    writeFileSync(join(rig.root, "content/blobs/sha256", "e".repeat(64)), "x");
    // Committed, but the engine ended before its image was made.
    writeFileSync(join(rig.layers.folders("idle")?.upper ?? "", "x"), "1");
    await rig.layers.commit("idle");
    await rig.layers.recover(new Set(["kept"]));
    await settled(rig);
    assert.deepEqual(
      mounts
        .list()
        .map(({ target }) => target)
        .filter((target) => target === kept || target === idle),
      [kept],
    );
    assert.equal(readdirSync(overlay).length, 1 + 1 + 2);
    assert.equal(readdirSync(join(overlay, "l")).length, 1);
    assert.equal(readdirSync(join(rig.root, "content/blobs/sha256")).length, 1);
    assert.equal(existsSync(join(rig.root, "content/ingest/cut")), false);
    assert.equal(readFileSync(join(kept, "data/a"), "utf8"), "aaa");
  });

  it("finds layers again after a restart", async () => {
    await using first = await makeRig();
    const parent = await importLayer(first, ROOT);
    await using rig = await first.reopen();
    await withSnapshot(rig, parent, (merged) =>
      assert.equal(readFileSync(join(merged, "data/a"), "utf8"), "aaa"),
    );
    renameSync(
      join(rig.layers.folders("c1")?.merged ?? "", "data/a"),
      join(rig.layers.folders("c1")?.merged ?? "", "data/moved"),
    );
  });
});

function setTime(folder: string, name: string): void {
  const fd = files.openRoot(folder);
  const time = { seconds: 7, nanoseconds: 7 };
  files.setTimesAt(fd, name, time, time);
  files.close(fd);
}

/** Waits for deletions in the background. */
async function settled(rig: Rig): Promise<void> {
  const folder = join(rig.root, "removing");
  for (let i = 0; i < 4000 && existsSync(folder) && readdirSync(folder).length > 0; i++) await delay(10);
  assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
}
