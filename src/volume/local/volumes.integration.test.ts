import assert from "node:assert/strict";
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLogger } from "../../base/log.ts";
import { linuxKernel } from "../../kernel/index.ts";
import { openDatabase } from "../../store/index.ts";
import type { Volumes } from "../volume.ts";
import { openVolumes } from "./open.ts";

const kernel = linuxKernel();
const NO_OPTIONS = { driver: undefined, options: {}, labels: {} };

describe("volumes", () => {
  let root: string;
  let volumes: Volumes;
  const open = () =>
    openVolumes({
      root: join(root, "volumes"),
      database: openDatabase(join(root, "db")),
      kernel,
      log: silentLogger,
    });

  before(async () => {
    root = await mkdtemp(join(tmpdir(), "wharf-volumes-"));
    volumes = open();
  });
  after(() => rm(root, { recursive: true }));

  it("are made once per name, anonymous ones with a name of their own", async () => {
    const first = await volumes.create({ name: "data", ...NO_OPTIONS, labels: { a: "b" } });
    const again = await volumes.create({ name: "data", ...NO_OPTIONS });
    assert.deepEqual(again, first);
    assert.equal((await stat(first.mountpoint)).mode & 0o777, 0o755);
    const anonymous = await volumes.create({ name: undefined, ...NO_OPTIONS });
    assert.match(anonymous.name, /^[0-9a-f]{64}$/);
    assert.equal(anonymous.anonymous, true);
    await volumes.remove(anonymous.name, { force: false });
    assert.throws(() => volumes.get(anonymous.name), {
      kind: "notFound",
      message: `get ${anonymous.name}: no such volume`,
    });
  });

  it("refuse bad names, options and drivers", async () => {
    const create = (name: string, options = {}, driver?: string) =>
      volumes.create({ name, driver, options, labels: {} });
    await assert.rejects(create("../x"), { kind: "invalidParameter" });
    await assert.rejects(create("x1", { size: "1" }), {
      kind: "invalidParameter",
      message: /invalid option: "size"/,
    });
    await assert.rejects(create("x2", {}, "magic"), { message: /plugin "magic" not found/ });
    assert.deepEqual(
      volumes.list().filter(({ name }) => name.startsWith("x")),
      [],
    );
  });

  it("stay while a container refers to them, also over a restart", async () => {
    await volumes.create({ name: "held", ...NO_OPTIONS });
    volumes.reserve("held", "c1");
    await assert.rejects(open().remove("held", { force: true }), {
      kind: "conflict",
      message: "remove held: volume is in use - [c1]",
    });
    await volumes.recover(new Set(["c1"]));
    assert.deepEqual(volumes.users("held"), ["c1"]);
    await volumes.recover(new Set());
    await volumes.remove("held", { force: false });
  });

  it("take the image's content with owners, modes, links and capabilities, once", async () => {
    const rootfs = join(root, "rootfs");
    await mkdir(join(rootfs, "srv/sub"), { recursive: true });
    await writeFile(join(rootfs, "srv/a"), "content");
    await chmod(join(rootfs, "srv/a"), 0o4750);
    await chown(join(rootfs, "srv"), 12, 34);
    await link(join(rootfs, "srv/a"), join(rootfs, "srv/sub/b"));
    await symlink("/etc/passwd", join(rootfs, "srv/link"));
    kernel.files.setXattr(join(rootfs, "srv/a"), "user.mark", Buffer.from("x"));
    const { mountpoint } = await volumes.create({ name: "filled", ...NO_OPTIONS });

    await Promise.all([
      volumes.populate("filled", rootfs, "/srv"),
      volumes.populate("filled", rootfs, "/srv"),
    ]);

    const file = await lstat(join(mountpoint, "a"));
    assert.equal(file.mode & 0o7777, 0o4750);
    assert.equal(file.ino, (await lstat(join(mountpoint, "sub/b"))).ino);
    assert.ok((await lstat(join(mountpoint, "link"))).isSymbolicLink());
    assert.equal((await stat(mountpoint)).uid, 12);
    assert.equal(
      Buffer.from(kernel.files.getXattr(join(mountpoint, "a"), "user.mark") ?? []).toString(),
      "x",
    );

    await writeFile(join(rootfs, "srv/late"), "never copied");
    await volumes.populate("filled", rootfs, "/srv");
    assert.deepEqual((await readdir(mountpoint)).sort(), ["a", "link", "sub"]);
  });

  it("never copy from outside the root filesystem", async () => {
    const rootfs = join(root, "hostile");
    await mkdir(rootfs);
    await symlink("/etc", join(rootfs, "escape"));
    const { mountpoint } = await volumes.create({ name: "hostile", ...NO_OPTIONS });
    await volumes.populate("hostile", rootfs, "/escape");
    assert.deepEqual(await readdir(mountpoint), []);
  });

  it("resolve a subpath inside the volume only", async () => {
    const { mountpoint } = await volumes.create({ name: "sub", ...NO_OPTIONS });
    await mkdir(join(mountpoint, "inner"));
    await symlink("/etc", join(mountpoint, "out"));
    assert.equal(await volumes.mount("sub", "c", "inner"), join(mountpoint, "inner"));
    await assert.rejects(volumes.mount("sub", "c", "out"), { kind: "invalidParameter" });
    await assert.rejects(volumes.mount("sub", "c", "nothing"), { kind: "invalidParameter" });
  });

  it("with mount options are mounted while somebody uses them, and not deleted while mounted", async () => {
    const options = { type: "tmpfs", device: "tmpfs", o: "size=1m,nosuid" };
    const { mountpoint } = await volumes.create({ name: "ram", driver: "local", options, labels: {} });
    const isMounted = () => kernel.mounts.list().some(({ target }) => target === mountpoint);
    await volumes.mount("ram", "c1", "");
    await volumes.mount("ram", "c2", "");
    await volumes.unmount("ram", "c1");
    assert.equal(isMounted(), true);
    await assert.rejects(volumes.remove("ram", { force: true }), {
      kind: "conflict",
      message: /still mounted/,
    });
    await volumes.unmount("ram", "c2");
    assert.equal(isMounted(), false);
    await volumes.remove("ram", { force: false });
  });

  it("never lose what is mounted below a removed one", async () => {
    const outside = join(root, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "precious"), "kept");
    const { mountpoint } = await volumes.create({ name: "bound", ...NO_OPTIONS });
    await mkdir(join(mountpoint, "here"));
    kernel.mounts.mount({ source: outside, target: join(mountpoint, "here"), flags: ["bind"] });
    try {
      await assert.rejects(volumes.remove("bound", { force: true }), {
        kind: "conflict",
        message: /still mounted/,
      });
    } finally {
      kernel.mounts.unmount(join(mountpoint, "here"));
    }
    await volumes.remove("bound", { force: false });
    assert.equal(await readFile(join(outside, "precious"), "utf8"), "kept");
  });

  it("tell clearly when their data folder is gone", async () => {
    const { mountpoint } = await volumes.create({ name: "lost", ...NO_OPTIONS });
    await rm(mountpoint, { recursive: true });
    await assert.rejects(volumes.mount("lost", "c", ""), { message: /data folder of volume lost is gone/ });
  });

  it("finish removals that a crash interrupted", async () => {
    await mkdir(join(root, "volumes.removing/old-123"), { recursive: true });
    await writeFile(join(root, "volumes.removing/old-123/file"), "");
    await volumes.recover(new Set());
    await sleep(0);
    assert.deepEqual(await readdir(join(root, "volumes.removing")), []);
  });
});
