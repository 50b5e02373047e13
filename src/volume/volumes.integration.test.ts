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
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { silentLogger } from "../base/log.ts";
import { linuxKernel } from "../kernel/index.ts";
import { openPlugins } from "../plugin/index.ts";
import { type Database, openDatabase } from "../store/index.ts";
import { openVolumes } from "./open.ts";
import type { ImageContent, Volumes } from "./volume.ts";

const kernel = linuxKernel();
const NO_OPTIONS = { driver: undefined, options: {}, labels: {} };
const content = (rootfs: string, folder: string): ImageContent => ({
  folder,
  isPossible: () => true,
  rootfs: () => rootfs,
});

describe("volumes", () => {
  let root: string;
  let volumes: Volumes;
  let database: Database;
  const opened: Volumes[] = [];
  const open = () => {
    const plugins = openPlugins({
      folders: { sockets: join(root, "plugins"), specs: [] },
      log: silentLogger,
    });
    const room = openVolumes({
      root: join(root, "volumes"),
      runFolder: join(root, "run"),
      database,
      kernel,
      plugins,
      log: silentLogger,
    });
    opened.push(room);
    return room;
  };
  const recover = (ids: readonly string[], running: readonly string[] = []) =>
    open().recover(new Set(ids), new Set(running));

  before(async () => {
    root = await mkdtemp(join(tmpdir(), "wharf-volumes-"));
    database = openDatabase(join(root, "db"));
    volumes = open();
  });
  after(async () => {
    for (const room of opened) await room.close();
    database.close();
    await rm(root, { recursive: true });
  });

  it("are made once per name, anonymous ones with a name of their own", async () => {
    const first = await volumes.create({ name: "data", ...NO_OPTIONS, labels: { a: "b" } });
    const again = await volumes.create({ name: "data", ...NO_OPTIONS });
    assert.deepEqual(again, first);
    assert.equal((await stat(first.mountpoint)).mode & 0o777, 0o755);
    const anonymous = await volumes.create({ name: undefined, ...NO_OPTIONS });
    assert.match(anonymous.name, /^[0-9a-f]{64}$/);
    assert.equal(anonymous.anonymous, true);
    assert.deepEqual(anonymous.labels, { "com.docker.volume.anonymous": "" });
    await volumes.remove(anonymous.name, { force: false });
    assert.throws(() => volumes.get(anonymous.name), {
      kind: "notFound",
      message: `get ${anonymous.name}: no such volume`,
    });
  });

  it("refuse bad names, options and drivers, and make nothing", async () => {
    const create = (name: string, options = {}, driver?: string) =>
      volumes.create({ name, driver, options, labels: {} });
    const refused = (message: RegExp) => ({ kind: "invalidParameter", message });
    await assert.rejects(create("../x"), refused(/^create \.\.\/x: "\.\.\/x" includes invalid characters/));
    await assert.rejects(create("x"), refused(/^create x: volume name is too short/));
    await assert.rejects(create("x1", { nosuch: "1" }), refused(/^create x1: invalid option: "nosuch"$/));
    await assert.rejects(create("x1", { type: "tmpfs" }), refused(/missing required option: "device"/));
    await assert.rejects(create("x1", { o: "ro" }), refused(/missing required option: "device"/));
    await assert.rejects(create("x1", { size: "word" }), refused(/invalid size: 'word'/));
    await assert.rejects(create("x1", { size: "10m" }), refused(/quota size requested but no quota support/));
    await assert.rejects(create("x2", {}, "magic"), {
      kind: "notFound",
      message: 'create x2: error looking up volume plugin magic: plugin "magic" not found',
    });
    assert.deepEqual(
      volumes.list().filter(({ name }) => name.startsWith("x")),
      [],
    );
    assert.deepEqual(
      (await readdir(join(root, "volumes"))).filter((name) => name.startsWith("x")),
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
    await recover(["c1"]);
    assert.deepEqual(volumes.users("held"), ["c1"]);
    await recover([]);
    assert.equal(await volumes.remove("held", { force: false }), true);
    assert.equal(await volumes.remove("held", { force: true }), false);
    await assert.rejects(volumes.remove("held", { force: false }), { kind: "notFound" });
  });

  it("take the image's content with owners, modes, times, links and attributes, once", async () => {
    const rootfs = join(root, "rootfs");
    await mkdir(join(rootfs, "srv/sub"), { recursive: true });
    await writeFile(join(rootfs, "srv/a"), "content");
    await chown(join(rootfs, "srv/a"), 5, 6);
    await chmod(join(rootfs, "srv/a"), 0o4750);
    await chown(join(rootfs, "srv"), 12, 34);
    await link(join(rootfs, "srv/a"), join(rootfs, "srv/sub/b"));
    await symlink("/etc/passwd", join(rootfs, "srv/link"));
    kernel.files.setXattr(join(rootfs, "srv/a"), "user.mark", Buffer.from("x"));
    const { mountpoint } = await volumes.create({ name: "filled", ...NO_OPTIONS });

    await Promise.all([
      volumes.populate("filled", "c1", "", content(rootfs, "/srv")),
      volumes.populate("filled", "c2", "", content(rootfs, "/srv")),
    ]);

    const file = await lstat(join(mountpoint, "a"));
    assert.deepEqual([file.mode & 0o7777, file.uid, file.gid], [0o4750, 5, 6]);
    assert.equal(file.mtimeMs, (await lstat(join(rootfs, "srv/a"))).mtimeMs);
    assert.equal(file.ino, (await lstat(join(mountpoint, "sub/b"))).ino);
    assert.ok((await lstat(join(mountpoint, "link"))).isSymbolicLink());
    assert.equal((await stat(mountpoint)).uid, 12);
    assert.equal(
      Buffer.from(kernel.files.getXattr(join(mountpoint, "a"), "user.mark") ?? []).toString(),
      "x",
    );

    await writeFile(join(rootfs, "srv/late"), "never copied");
    await volumes.populate("filled", "c3", "", content(rootfs, "/srv"));
    assert.deepEqual((await readdir(mountpoint)).sort(), ["a", "link", "sub"]);
    assert.deepEqual(await readdir(join(root, "volumes/.copying")), []);
  });

  it("are filled in place while somebody else refers to them, so that he sees it", async () => {
    const rootfs = join(root, "shared-rootfs");
    await mkdir(join(rootfs, "srv"), { recursive: true });
    await writeFile(join(rootfs, "srv/file"), "");
    const { mountpoint } = await volumes.create({ name: "shared", ...NO_OPTIONS });
    volumes.reserve("shared", "other");
    const before = await stat(mountpoint);
    await volumes.populate("shared", "c", "", content(rootfs, "/srv"));
    assert.equal((await stat(mountpoint)).ino, before.ino);
    assert.deepEqual(await readdir(mountpoint), ["file"]);
  });

  it("take thousands of files on a thread", async () => {
    const rootfs = join(root, "large-rootfs");
    for (let folder = 0; folder < 20; folder++) {
      await mkdir(join(rootfs, `srv/${folder}`), { recursive: true });
      for (let file = 0; file < 50; file++) await writeFile(join(rootfs, `srv/${folder}/${file}`), `${file}`);
    }
    const { mountpoint } = await volumes.create({ name: "large", ...NO_OPTIONS });
    await volumes.populate("large", "c", "", content(rootfs, "/srv"));
    assert.equal((await readdir(mountpoint, { recursive: true })).length, 20 * 51);
    assert.equal(await readFile(join(mountpoint, "19/49"), "utf8"), "49");
    const bytes = Array.from({ length: 50 }, (_, file) => `${file}`.length).reduce((sum, size) => sum + size);
    assert.equal(await volumes.usage("large"), 20 * bytes);
  });

  it("never copy from outside the root filesystem, nor over a file", async () => {
    const rootfs = join(root, "hostile");
    await mkdir(rootfs);
    await symlink("/etc", join(rootfs, "escape"));
    await writeFile(join(rootfs, "file"), "");
    const { mountpoint } = await volumes.create({ name: "hostile", ...NO_OPTIONS });
    await volumes.populate("hostile", "c", "", content(rootfs, "/escape"));
    assert.deepEqual(await readdir(mountpoint), []);
    await assert.rejects(volumes.populate("hostile", "c", "", content(rootfs, "/file")), {
      kind: "invalidParameter",
      message: /^cannot mount volume over existing file, file exists .*\/hostile\/file$/,
    });
  });

  it("give a subpath that lies inside the volume, and keep it there", async () => {
    const { mountpoint } = await volumes.create({ name: "sub", ...NO_OPTIONS });
    await mkdir(join(mountpoint, "inner"));
    await writeFile(join(mountpoint, "inner/file"), "inside");
    await symlink("/etc", join(mountpoint, "out"));
    await symlink("inner", join(mountpoint, "good"));
    const held = volumes.holdSubpath(mountpoint, "good", "key");
    await rm(join(mountpoint, "good"));
    await symlink("/etc", join(mountpoint, "good"));
    assert.equal(await readFile(join(held.path, "file"), "utf8"), "inside");
    held.release();
    assert.throws(() => volumes.holdSubpath(mountpoint, "out", "key"), {
      kind: "invalidParameter",
      message: /^path concatenation escapes the base directory/,
    });
    assert.throws(() => volumes.holdSubpath(mountpoint, "nothing", "key"), {
      kind: "notFound",
      message: `cannot access path ${mountpoint}/nothing: no such file or directory`,
    });
    assert.deepEqual(await readdir(join(root, "run")), []);
    volumes.holdSubpath(mountpoint, "inner", "left");
    await recover([]);
    assert.deepEqual(await readdir(join(root, "run")), []);
  });

  it("with mount options are mounted while somebody uses them, also over a restart", async () => {
    const options = { type: "tmpfs", device: "tmpfs", o: "size=1m,nosuid" };
    const { mountpoint } = await volumes.create({ name: "ram", driver: "local", options, labels: {} });
    const isMounted = () => kernel.mounts.list().some(({ target }) => target === mountpoint);
    for (const id of ["c1", "c2", "c3"]) volumes.reserve("ram", id);
    await volumes.mount("ram", "c1");
    await volumes.mount("ram", "c2");
    await volumes.unmount("ram", "c1");
    await volumes.unmount("ram", "c1");
    assert.equal(isMounted(), true);
    // c2 runs on while the engine is away
    const next = open();
    await next.recover(new Set(["c2"]), new Set(["c2"]));
    assert.equal(isMounted(), true);
    await next.unmount("ram", "c2");
    assert.equal(isMounted(), false);
    // and here it ends meanwhile
    await next.mount("ram", "c2");
    await recover(["c2"]);
    assert.equal(isMounted(), false);
    await recover([]);
    await volumes.remove("ram", { force: false });
  });

  it("say why a mount option's mount fails", async () => {
    const options = { type: "nosuchfs", device: "host:/path", o: "addr=127.0.0.1,password=secret" };
    const { mountpoint } = await volumes.create({ name: "net", driver: undefined, options, labels: {} });
    await assert.rejects(volumes.mount("net", "c"), {
      kind: "system",
      message: `error while mounting volume '${mountpoint}': failed to mount local volume: mount host:/path:${mountpoint}, data: addr=127.0.0.1,password=********: no such device: this kernel has no filesystem "nosuchfs"`,
    });
    await volumes.remove("net", { force: false });
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
    await assert.rejects(volumes.mount("lost", "c"), { message: /data folder of volume lost is gone/ });
  });

  it("finish removals and sweep copies that a crash interrupted", async () => {
    for (const left of [".removing/old-123", ".copying/half"]) {
      await mkdir(join(root, "volumes", left), { recursive: true });
      await writeFile(join(root, "volumes", left, "file"), "");
    }
    const { name } = await volumes.create({ name: "cut-short", ...NO_OPTIONS });
    await rename(join(root, "volumes", name), join(root, "volumes/.removing", `${name}-0123456789ab`));
    await recover([]);
    assert.throws(() => volumes.get(name), { kind: "notFound" });
    assert.deepEqual(await readdir(join(root, "volumes/.removing")), []);
    assert.deepEqual(await readdir(join(root, "volumes/.copying")), []);
  });
});
