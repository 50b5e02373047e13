import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { treeSize } from "../../base/tree-size.ts";
import { linuxKernel } from "../../kernel/index.ts";
import { copyTree, deleteTree, isSmall } from "./index.ts";

const MEGABYTE = 1024 * 1024;
const withoutRoot = process.getuid?.() === 0 ? false : "needs root";

describe("a copy of a tree", { skip: withoutRoot }, () => {
  const { files, mounts } = linuxKernel();
  let top: string;
  let source: string;
  before(() => {
    top = mkdtempSync(join(tmpdir(), "wharf-copy-"));
    source = join(top, "source");
    fillTree(source);
  });
  after(() => rmSync(top, { recursive: true }));

  const copyTo = (target: string): string => {
    mkdirSync(target);
    const [from, to] = [source, target].map((path) => openSync(path, constants.O_RDONLY));
    copyTree(files, from ?? -1, to ?? -1);
    closeSync(from ?? -1);
    closeSync(to ?? -1);
    return target;
  };

  function fillTree(folder: string): void {
    mkdirSync(join(folder, "folder"), { recursive: true });
    writeFileSync(join(folder, "plain"), "plain");
    writeFileSync(join(folder, "folder/owned"), "owned");
    chownSync(join(folder, "folder/owned"), 1000, 2000);
    chmodSync(join(folder, "folder/owned"), 0o6755);
    writeFileSync(join(folder, "open"), "open");
    chmodSync(join(folder, "open"), 0o666);
    linkSync(join(folder, "folder/owned"), join(folder, "another-name"));
    symlinkSync("/nowhere", join(folder, "symlink"));
    files.setXattr(join(folder, "plain"), "user.note", Buffer.from("kept"));
    files.setXattr(join(folder, "plain"), "trusted.overlay.opaque", Buffer.from("y"));
    files.setXattr(join(folder, "folder"), "user.folder", Buffer.from("f"));
    files.setXattr(join(folder, "symlink"), "trusted.note", Buffer.from("s"));
    const dir = openSync(folder, constants.O_RDONLY);
    files.mknodAt(dir, "null", "char", 0o666, 1, 3);
    files.mknodAt(dir, "fifo", "fifo", 0o640);
    const beforeTheEpoch = { seconds: -2, nanoseconds: 123_456_789 };
    files.setTimesAt(dir, "plain", beforeTheEpoch, beforeTheEpoch);
    files.setTimesAt(dir, "symlink", beforeTheEpoch, beforeTheEpoch);
    const sparse = openSync(join(folder, "sparse"), constants.O_WRONLY | constants.O_CREAT, 0o600);
    writeSync(sparse, "begin", 0);
    writeSync(sparse, "middle", 8 * MEGABYTE);
    ftruncateSync(sparse, 16 * MEGABYTE);
    closeSync(sparse);
    utimesSync(join(folder, "folder"), 1000, 2000);
    chmodSync(folder, 0o1777);
    closeSync(dir);
  }

  function assertSame(target: string): void {
    for (const name of ["", "plain", "folder", "folder/owned", "open", "symlink", "null", "fifo", "sparse"]) {
      const [was, is] = [source, target].map((folder) => lstatSync(join(folder, name), { bigint: true }));
      assert.ok(was && is);
      const told = ({ mode, uid, gid, size, rdev, mtimeNs, nlink }: typeof was) => ({
        mode,
        uid,
        gid,
        size: was.isDirectory() ? 0n : size,
        rdev,
        mtimeNs,
        nlink,
      });
      assert.deepEqual(told(is), told(was), name);
    }
    assert.equal(readFileSync(join(target, "plain"), "utf8"), "plain");
    assert.equal(lstatSync(join(target, "plain"), { bigint: true }).mtimeNs, -1_876_543_211n);
    assert.equal(readlinkSync(join(target, "symlink")), "/nowhere");
    assert.equal(lstatSync(join(target, "another-name")).ino, lstatSync(join(target, "folder/owned")).ino);
    assert.deepEqual(files.listXattrs(join(target, "plain")), ["user.note"]);
    assert.deepEqual(files.listXattrs(join(target, "folder")), ["user.folder"]);
    assert.deepEqual(files.listXattrs(join(target, "symlink")), ["trusted.note"]);
    execFileSync("cmp", [join(source, "sparse"), join(target, "sparse")]);
    assert.ok(lstatSync(join(target, "sparse")).blocks * 512 < MEGABYTE, "holes stay holes");
  }

  it("keeps owners, modes, times, links, holes, nodes and extended attributes", () => {
    assertSame(copyTo(join(top, "copy")));
  });

  it("does so from one filesystem to another", () => {
    const other = join(top, "other");
    mkdirSync(other);
    mounts.mount({ source: "tmpfs", target: other, type: "tmpfs" });
    try {
      assertSame(copyTo(join(other, "copy")));
    } finally {
      mounts.unmount(other);
    }
  });

  it("gives the modes of the files, not those that the engine's umask leaves", () => {
    const umask = process.umask(0o077);
    try {
      assertSame(copyTo(join(top, "strict")));
    } finally {
      process.umask(umask);
    }
  });

  it("takes names that are no text, and a deletion takes them away", () => {
    const odd = join(top, "odd");
    const latin = Buffer.concat([Buffer.from(`${odd}/`), Buffer.of(0xe4, 0xff)]);
    mkdirSync(odd);
    mkdirSync(latin);
    const file = Buffer.concat([latin, Buffer.from("/"), Buffer.of(0xfe)]);
    writeFileSync(file, "odd");
    linkSync(file, Buffer.concat([latin, Buffer.from("/linked")]));
    symlinkSync(Buffer.of(0xfc), Buffer.concat([latin, Buffer.from("/"), Buffer.of(0xfd)]));
    const target = join(top, "odd-copy");
    mkdirSync(target);
    const [from, to] = [odd, target].map((path) => openSync(path, constants.O_RDONLY));
    copyTree(files, from ?? -1, to ?? -1);
    closeSync(from ?? -1);
    closeSync(to ?? -1);
    execFileSync("diff", ["-r", "--no-dereference", odd, target]);
    assert.equal(treeSize(target), 4);
    assert.equal(isSmall(target, 4, 100), true);
    deleteTree(files, top, "odd-copy");
    assert.equal(existsSync(target), false);
  });

  it("leaves alone what is in the target already", () => {
    const target = join(top, "taken");
    mkdirSync(target);
    symlinkSync("/nowhere", join(target, "plain"));
    const [from, to] = [source, target].map((path) => openSync(path, constants.O_RDONLY));
    assert.throws(() => copyTree(files, from ?? -1, to ?? -1), { code: "EEXIST" });
    closeSync(from ?? -1);
    closeSync(to ?? -1);
    assert.equal(readlinkSync(join(target, "plain")), "/nowhere");
  });
});
