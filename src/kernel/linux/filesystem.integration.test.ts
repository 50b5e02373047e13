import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { linuxKernel } from "./index.ts";

const { mounts, files } = linuxKernel();
const descriptors = () => readdirSync("/proc/self/fd").length;
let top: string;
let directory: string;

before(() => {
  top = mkdtempSync(join(tmpdir(), "wharf-kernel-"));
});
beforeEach(() => {
  directory = mkdtempSync(join(top, "t"));
});
after(() => {
  assert.deepEqual(
    mounts.list().filter(({ target }) => target.startsWith(top)),
    [],
  );
  rmSync(top, { recursive: true });
});

const folder = (...path: readonly string[]) => {
  const name = join(directory, ...path);
  mkdirSync(name, { recursive: true });
  return name;
};
const mountAt = (target: string) => mounts.list().find((mount) => mount.target === target);

const EXT4 = 0xef53;

describe("mounts", () => {
  it("mounts, lists and unmounts, also where the name has spaces", () => {
    const target = folder("with space");
    mounts.mount({
      source: "tmpfs",
      target,
      type: "tmpfs",
      flags: ["nosuid", "nodev"],
      data: "size=64k,mode=700",
    });
    const info = mountAt(target)!;
    assert.equal(info.type, "tmpfs");
    assert.ok(["nosuid", "nodev"].every((option) => info.options.includes(option)));
    assert.ok(info.superOptions.includes("size=64k"));
    assert.equal(mounts.unmount(target), true);
    assert.equal(mounts.unmount(target), false);
    assert.equal(mounts.unmount(join(directory, "none")), false);
  });

  it("binds read-only in one request and sets propagation", () => {
    const [source, target] = [folder("source"), folder("target")];
    mounts.mount({ source, target, flags: ["bind", "ro", "private"] });
    assert.throws(() => writeFileSync(join(target, "x"), ""), { code: "EROFS" });
    writeFileSync(join(source, "x"), "");
    mounts.mount({ source: "", target, flags: ["shared"] });
    assert.match(mountAt(target)!.optional.join(), /shared:/);
    assert.equal(mounts.unmount(target), true);
  });

  it("detaches what is busy, and never follows a symlink", () => {
    const target = folder("busy");
    mounts.mount({ source: "tmpfs", target, type: "tmpfs" });
    writeFileSync(join(target, "f"), "");
    const fd = files.openIn(files.openRoot(target), "f", constants.O_RDONLY);
    assert.throws(() => mounts.unmount(target), { code: "EBUSY", syscall: "umount2" });
    const link = join(directory, "link");
    symlinkSync(target, link);
    assert.equal(mounts.unmount(link), false);
    assert.equal(mounts.unmount(target, { detach: true }), true);
    files.close(fd);
    files.close(fd - 1);
  });

  it("mounts an overlay of 120 layers with paths relative to a directory", () => {
    const names = Array.from({ length: 120 }, (_, at) => `l/LAYER${String(at).padStart(20, "0")}`);
    for (const [at, name] of names.entries()) writeFileSync(join(folder(name), `file${at}`), `${at}`);
    const [target] = [folder("merged"), folder("id", "diff"), folder("id", "work")];
    const before = process.cwd();
    const open = descriptors();
    const data = `lowerdir=${names.join(":")},upperdir=id/diff,workdir=id/work`;
    mounts.mountFrom(directory, { source: "overlay", target, type: "overlay", data });
    assert.equal(process.cwd(), before);
    assert.equal(descriptors(), open);
    assert.equal(readdirSync(target).length, 120);
    assert.equal(readFileSync(join(target, "file119"), "utf8"), "119");
    assert.equal(mounts.unmount(target), true);
  });

  it("comes back to the working directory when the mount fails", () => {
    const before = process.cwd();
    const bad = { source: "overlay", target: directory, type: "overlay", data: "lowerdir=none:none" };
    assert.throws(() => mounts.mountFrom(directory, bad), { code: "ENOENT", syscall: "mount" });
    assert.throws(() => mounts.mountFrom(join(directory, "none"), bad), { code: "ENOENT", syscall: "chdir" });
    assert.equal(process.cwd(), before);
  });

  it("refuses options the kernel would cut short, and text C would", () => {
    const target = folder("target");
    const data = `lowerdir=${"a".repeat(5000)}`;
    assert.throws(() => mounts.mount({ source: "overlay", target, type: "overlay", data }), {
      code: "E2BIG",
    });
    assert.throws(() => mounts.mount({ source: "tmpfs", target: `${target}\0x`, type: "tmpfs" }), {
      code: "EINVAL",
    });
  });

  it("mounts from a directory on a worker thread without moving the others", async () => {
    writeFileSync(join(folder("lower"), "file"), "below");
    const target = folder("merged");
    const request = { source: "overlay", target, type: "overlay", data: "lowerdir=lower:lower2" };
    folder("lower2");
    const code = `
      const { linuxKernel } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
      const { parentPort, workerData } = await import("node:worker_threads");
      linuxKernel().mounts.mountFrom(workerData.directory, workerData.request);
      parentPort.postMessage("mounted");`;
    const before = process.cwd();
    const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const worker = new Worker(url, { workerData: { directory, request } });
    await once(worker, "message");
    await worker.terminate();
    assert.equal(process.cwd(), before);
    assert.equal(readFileSync(join(target, "file"), "utf8"), "below");
    mounts.unmount(target);
  });
});

describe("files beneath a root", () => {
  it("never leaves the root, by symlinks, dots or magic links", () => {
    const root = folder("root");
    writeFileSync(join(directory, "secret"), "outside");
    mkdirSync(join(root, "sub"));
    symlinkSync("/../../secret", join(root, "absolute"));
    symlinkSync("../../secret", join(root, "sub", "relative"));
    symlinkSync("/proc/self/root/etc", join(root, "magic"));
    symlinkSync("loop", join(root, "loop"));
    const fd = files.openRoot(root);
    for (const path of [
      "../secret",
      "/../secret",
      "absolute",
      "sub/relative",
      "magic/passwd",
      "sub/../../secret",
    ]) {
      assert.throws(() => files.openIn(fd, path, constants.O_RDONLY), { code: "ENOENT" }, path);
    }
    assert.throws(() => files.openIn(fd, "loop", constants.O_RDONLY), { code: "ELOOP" });
    assert.throws(() => files.openIn(fd, "a\0b", constants.O_CREAT | constants.O_RDWR), { code: "EINVAL" });
    writeFileSync(join(root, "secret"), "inside");
    for (const path of ["absolute", "sub/relative", "../secret", "/secret"]) {
      const file = files.openIn(fd, path, constants.O_RDONLY);
      const bytes = Buffer.alloc(20);
      assert.equal(bytes.toString("utf8", 0, readSync(file, bytes)), "inside", path);
      files.close(file);
    }
    files.close(fd);
  });

  it("refuses magic links inside a proc of the tree", () => {
    const root = files.openRoot("/");
    assert.throws(() => files.openIn(root, "proc/self/root/etc/passwd", constants.O_RDONLY), {
      code: "ELOOP",
    });
    files.close(root);
  });

  it("creates what Node cannot, one entry name at a time", () => {
    const root = files.openRoot(folder("root"));
    const at = (name: string) => lstatSync(join(directory, "root", name));
    files.mkdirAt(root, "dir", 0o755);
    files.mknodAt(root, "null", "char", 0o600, 1, 3);
    files.mknodAt(root, "big", "block", 0o600, 259, 70_000);
    files.mknodAt(root, "pipe", "fifo", 0o600);
    files.mknodAt(root, "plain", "regular", 0o600);
    files.symlinkAt("../../nowhere", root, "link");
    files.linkAt(root, "link", root, "link2");
    assert.ok(at("null").isCharacterDevice() && at("null").rdev === ((1 << 8) | 3));
    assert.ok(at("big").isBlockDevice() && at("pipe").isFIFO() && at("plain").isFile());
    assert.ok(at("link2").isSymbolicLink());
    assert.equal(at("link2").nlink, 2);
    for (const name of ["../x", "a/b", "..", "", "a\0b"]) {
      assert.throws(() => files.mkdirAt(root, name, 0o755), { name: "KernelError", code: "EINVAL" }, name);
    }
    assert.throws(() => files.mknodAt(root, "huge", "char", 0o600, 4096, 0), { code: "EINVAL" });
    assert.throws(() => files.unlinkAt(root, "dir"), { code: "EISDIR" });
    files.unlinkAt(root, "dir", { directory: true });
    files.unlinkAt(root, "link");
    assert.deepEqual(readdirSync(join(directory, "root")).sort(), ["big", "link2", "null", "pipe", "plain"]);
    files.close(root);
  });

  it("changes the entry itself, never a symlink's target", () => {
    const path = folder("root");
    const root = files.openRoot(path);
    writeFileSync(join(path, "file"), "", { mode: 0o644 });
    symlinkSync("file", join(path, "link"));
    files.chownAt(root, "link", 4_000_000_000, 7);
    files.setTimesAt(root, "link", { seconds: 5, nanoseconds: 0 }, { seconds: -2, nanoseconds: 123_456_789 });
    files.chmodAt(root, "file", 0o4711);
    assert.throws(() => files.chmodAt(root, "link", 0o777), { code: "EOPNOTSUPP" });
    const [link, file] = ["link", "file"].map((name) => lstatSync(join(path, name), { bigint: true }));
    assert.deepEqual([link!.uid, link!.gid, file!.uid], [4_000_000_000n, 7n, 0n]);
    assert.deepEqual([link!.atimeNs, link!.mtimeNs], [5_000_000_000n, -1_876_543_211n]);
    assert.equal(Number(file!.mode) & 0o7777, 0o4711);
    assert.ok(file!.mtimeNs > 0n);
    files.chmodAt(root, ".", 0o700);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    files.close(root);
  });

  it("asks for folders that lie far apart, where a filesystem knows that", (test) => {
    const path = folder("top");
    if (statfsSync(path).type !== EXT4) return test.skip("the temporary folder is not on ext4");
    assert.equal(files.scatter(path), true);
    assert.equal(files.scatter(path), true);
    assert.match(execFileSync("lsattr", ["-d", path], { encoding: "utf8" }), /^\S*T\S* /);
    assert.equal(files.scatter("/proc/self"), false);
  });

  it("keeps extended attributes, file capabilities among them", () => {
    const path = join(folder("root"), "file");
    writeFileSync(path, "");
    // struct vfs_cap_data, revision 2: CAP_NET_RAW permitted and effective.
    const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
    const long = new Uint8Array(3000).fill(7);
    files.setXattr(path, "security.capability", capability);
    files.setXattr(path, "trusted.long", long);
    files.setXattr(path, "trusted.empty", new Uint8Array());
    assert.deepEqual(Buffer.from(files.getXattr(path, "security.capability")!), capability);
    assert.deepEqual(files.getXattr(path, "trusted.long"), long);
    assert.deepEqual(files.getXattr(path, "trusted.empty"), new Uint8Array());
    assert.equal(files.getXattr(path, "trusted.none"), undefined);
    const names = files.listXattrs(path).filter((name) => !name.startsWith("security.selinux"));
    assert.deepEqual(names.toSorted(), ["security.capability", "trusted.empty", "trusted.long"]);
    assert.deepEqual(files.listXattrs("/proc/self/stat"), []);
    assert.throws(() => files.getXattr(join(directory, "none"), "trusted.x"), { code: "ENOENT" });
    symlinkSync("root/file", join(directory, "link"));
    assert.equal(files.getXattr(join(directory, "link"), "trusted.long"), undefined);
  });

  it("leaks no descriptor", () => {
    const before = descriptors();
    const root = files.openRoot(directory);
    writeFileSync(join(directory, "file"), "");
    for (let i = 0; i < 50; i++) {
      files.chmodAt(root, "file", 0o600);
      files.close(files.openIn(root, "file", constants.O_RDONLY));
    }
    files.close(root);
    assert.equal(descriptors(), before);
    assert.throws(() => files.close(99_999), { code: "EBADF" });
  });
});
