import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

interface MountPoint {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly RW: boolean;
  readonly Propagation: string;
}

describe("volumes and mounts by the docker command", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  let host: string;
  before(async () => {
    engine = await startEngine();
    host = join(engine.folder, "host");
    await mkdir(host);
  });
  after(() => engine?.[Symbol.asyncDispose]());

  const run = (...args: string[]) => engine.ok("run", "--rm", ...args);
  const refused = async (...args: string[]) => {
    const { code, stderr } = await engine.docker(args);
    assert.notEqual(code, 0, `${args.join(" ")} is refused`);
    return stderr;
  };
  const data = async (name: string) =>
    (await engine.inspect<{ Mountpoint: string }>("--type", "volume", name)).Mountpoint;

  it("create, ls, inspect, rm and prune as Docker does", async () => {
    await engine.ok("volume", "create", "--label", "k=v", "named");
    const anonymous = await engine.ok("volume", "create");
    const used = await engine.ok("create", "-v", "named:/v", "busybox");
    assert.equal(await engine.ok("volume", "ls", "-q", "-f", "name=^nam", "-f", "label=k=v"), "named");
    assert.equal(await engine.ok("volume", "ls", "-q", "-f", "dangling=true"), anonymous);
    assert.equal(await engine.ok("volume", "ls", "-q", "-f", "dangling=false"), "named");
    assert.match(await refused("volume", "ls", "-f", "nosuch=1"), /invalid filter 'nosuch'/);
    assert.match(await refused("volume", "rm", "named"), /remove named: volume is in use - \[[0-9a-f]{64}\]/);
    const pruned = await engine.ok("volume", "prune", "-f");
    assert.match(pruned, new RegExp(anonymous));
    assert.doesNotMatch(pruned, /named/);
    await engine.ok("rm", used);
    await engine.ok("volume", "create", "other");
    assert.match(await engine.ok("volume", "prune", "-f", "--all", "--filter", "label!=k"), /other/);
    const old = await call(engine.socket, "POST", "/v1.41/volumes/prune");
    assert.match(old.body, /"VolumesDeleted":\["named"\]/);
    assert.equal(await engine.ok("volume", "ls", "-q"), "");
    assert.match(await refused("volume", "rm", "named"), /get named: no such volume/);
    await engine.ok("volume", "rm", "-f", "named");
  });

  it("answers a volume update as an engine without a swarm", async () => {
    const { status, body } = await call(engine.socket, "PUT", "/v1.50/volumes/x?version=1");
    assert.equal(status, 503);
    assert.match(body, /volume update only valid for cluster volumes, but swarm is unavailable/);
  });

  it("binds: made by -v, refused by --mount, made by bind-create-src", async () => {
    await run("-v", `${host}/made:/x`, "busybox", "touch", "/x/file");
    assert.deepEqual(await readdir(join(host, "made")), ["file"]);
    const bind = (options: string) => ["--mount", `type=bind,src=${host}/absent,dst=/x${options}`];
    assert.match(await refused("create", ...bind(""), "busybox"), /bind source path does not exist/);
    const { status } = await call(
      engine.socket,
      "POST",
      "/v1.50/containers/create?name=made",
      JSON.stringify({
        Image: "busybox",
        Cmd: ["true"],
        HostConfig: {
          Mounts: [
            {
              Type: "bind",
              Source: `${host}/absent`,
              Target: "/x",
              BindOptions: { CreateMountpoint: true },
            },
          ],
        },
      }),
      { "content-type": "application/json" },
    );
    assert.equal(status, 201);
    await engine.ok("start", "-a", "made");
    assert.ok((await stat(join(host, "absent"))).isDirectory());
    await engine.ok("rm", "made");
  });

  it("single files, nested mounts in their order, and destinations over the image's symlinks", async () => {
    await writeFile(join(host, "file"), "from the host");
    const file = await run("-v", `${host}/file:/etc/some/file:ro`, "busybox", "cat", "/etc/some/file");
    assert.equal(file, "from the host");
    const nested = ["-v", "inner:/a/b", "-v", `${host}:/a`, "--tmpfs", "/a/b/c"];
    await run(...nested, "busybox", "sh", "-c", "touch /a/outer /a/b/inner /a/b/c/lost");
    assert.ok((await readdir(host)).includes("outer"));
    assert.deepEqual(await readdir(await data("inner")), ["c", "inner"]);
    await engine.ok("volume", "rm", "inner");
    await run("--name", "linked", "busybox", "true");
    const made = await engine.ok("create", "busybox", "sh", "-c", "ln -s /etc /link; ln -s ../../../.. /up");
    await engine.ok("start", "-a", made);
    await engine.ok("commit", made, "linked");
    await engine.ok("rm", made);
    const seen = await run(
      "-v",
      `${host}/file:/link/over`,
      "-v",
      `${host}:/up/there`,
      "linked",
      "ls",
      "/etc/over",
      "/there/outer",
    );
    assert.equal(seen, "/etc/over\n/there/outer");
    assert.equal(await stat("/etc/over").catch(() => "nothing on the host"), "nothing on the host");
    await engine.ok("rmi", "linked");
  });

  it("read-only reaches the mounts below, unless it is told not to", async () => {
    const below = join(host, "tree/below");
    await mkdir(below, { recursive: true });
    assert.equal((await execute("mount", ["-t", "tmpfs", "tmpfs", below])).code, 0);
    try {
      const touch = async (options: string) => {
        const mount = `type=bind,src=${host}/tree,dst=/x,${options}`;
        const { code } = await engine.docker([
          "run",
          "--rm",
          "--mount",
          mount,
          "busybox",
          "touch",
          "/x/below/f",
        ]);
        return code === 0;
      };
      assert.equal(await touch("readonly"), false);
      assert.equal(await touch("readonly,bind-recursive=readonly,bind-propagation=rprivate"), false);
      assert.equal(await touch("readonly,bind-recursive=writable"), true);
      assert.equal(await touch("bind-recursive=enabled"), true);
      await rm(join(below, "f"));
      assert.equal(await touch("bind-recursive=disabled"), true);
      assert.deepEqual(await readdir(below), [], "the mount below was not there");
    } finally {
      await execute("umount", [below]);
    }
  });

  it("propagation: what is shared is seen, what is not is refused", async () => {
    const shared = join(host, "shared");
    await mkdir(shared);
    const mount = (...args: string[]) => execute("mount", args);
    await mount("-t", "tmpfs", "tmpfs", shared);
    try {
      const start = ["run", "--rm", "-v", `${shared}:/x:rshared`, "busybox", "true"];
      await mount("--make-private", shared);
      assert.match(await refused(...start), /is mounted on .* but it is not a shared mount/);
      await mount("--make-shared", shared);
      await engine.ok(...start);
      const slave = await engine.ok("run", "-d", "-v", `${shared}:/x:rslave`, "busybox", "sleep", "1000");
      await mkdir(join(shared, "late"));
      await mount("-t", "tmpfs", "tmpfs", join(shared, "late"));
      await writeFile(join(shared, "late/file"), "");
      assert.equal(await engine.ok("exec", slave, "ls", "/x/late"), "file");
      await engine.ok("rm", "-f", slave);
    } finally {
      await execute("umount", ["-R", shared]);
    }
    const [root] = (
      await engine.inspect<{ Mounts: MountPoint[] }>(await engine.ok("create", "-v", "/:/h:ro", "busybox"))
    ).Mounts;
    assert.equal(root?.Propagation, "rslave");
    assert.equal(await run("-v", "/:/h:ro", "busybox", "cat", `/h${host}/file`), "from the host");
  });

  it("tmpfs with size, mode and options", async () => {
    const mount = "type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700";
    const script = "stat -c %a /t; df -k /t | tail -1 | awk '{print $2}'; grep ' /t ' /proc/mounts";
    const [mode, size, line = ""] = (await run("--mount", mount, "busybox", "sh", "-c", script)).split("\n");
    assert.deepEqual([mode, size], ["700", "1024"]);
    assert.match(line, /noexec/);
  });

  it("copy-up fills a new volume, also for two containers at once, and never one with content", async () => {
    const containers = await Promise.all(
      [1, 2, 3].map(() => engine.ok("create", "-v", "up:/etc", "busybox", "cat", "/etc/passwd")),
    );
    const passwd = await readFile(join(await data("up"), "passwd"), "utf8");
    assert.match(passwd, /^root:/);
    for (const id of containers) assert.equal(await engine.ok("start", "-a", id), passwd.trimEnd());
    await engine.ok("rm", ...containers);
    await writeFile(join(await data("up"), "passwd"), "mine");
    assert.equal(await run("-v", "up:/etc", "busybox", "cat", "/etc/passwd"), "mine");
    await engine.ok("volume", "rm", "up");
    await run("--mount", "type=volume,src=up,dst=/etc,volume-nocopy", "busybox", "true");
    assert.ok(!(await readdir(await data("up"))).includes("shadow"));
    await engine.ok("volume", "rm", "up");
    assert.match(
      await refused("create", "-v", "/etc/passwd", "busybox"),
      /cannot mount volume over existing file, file exists .*\/etc\/passwd/,
    );
  });

  it("subpaths of volumes stay inside, also when they are symlinks", async () => {
    await run(
      "-v",
      "sub:/v",
      "busybox",
      "sh",
      "-c",
      "mkdir -p /v/a/b /v/bin; echo x >/v/a/b/f; ln -s a /v/good; ln -s / /v/bad",
    );
    const mount = (subpath: string, target = "/x") => [
      "--mount",
      `type=volume,src=sub,dst=${target},volume-subpath=${subpath}`,
    ];
    assert.equal(await run(...mount("good/b"), "busybox", "cat", "/x/f"), "x");
    assert.equal(await run(...mount("a/b/f"), "busybox", "cat", "/x"), "x");
    assert.equal(await run(...mount("bin", "/bin"), "busybox", "ls", "/bin/busybox"), "/bin/busybox");
    assert.match(await refused("create", ...mount("../x"), "busybox"), /subpath must be a relative path/);
    assert.match(await refused("run", "--rm", ...mount("none"), "busybox"), /cannot access path .*none/);
    assert.match(
      await refused("run", "--rm", ...mount("bad"), "busybox"),
      /path concatenation escapes the base directory/,
    );
    const copied = await engine.ok("create", ...mount("a/b"), "busybox");
    await engine.ok("cp", `${copied}:/x/f`, join(host, "copied"));
    assert.equal(await readFile(join(host, "copied"), "utf8"), "x\n");
    await engine.ok("rm", copied);
    await engine.ok("volume", "rm", "sub");
  });

  it("a subpath swapped for a symlink while the container starts leads nowhere else", async () => {
    await run("-v", "swap:/v", "busybox", "sh", "-c", "mkdir /v/good; touch /v/good/inside; ln -s / /v/bad");
    const loop =
      "while :; do mv /v/good /v/kept; mv /v/bad /v/good; mv /v/good /v/bad; mv /v/kept /v/good; done";
    const swapper = await engine.ok("run", "-d", "-v", "swap:/v", "busybox", "sh", "-c", loop);
    const mount = "type=volume,src=swap,dst=/x,volume-subpath=good";
    for (let round = 0; round < 12; round++) {
      const { code, stdout, stderr } = await engine.docker([
        "run",
        "--rm",
        "--mount",
        mount,
        "busybox",
        "ls",
        "/x",
      ]);
      if (code === 0) assert.equal(stdout, "inside\n");
      else assert.match(stderr, /escapes the base directory|cannot access path/);
    }
    await engine.ok("rm", "-f", swapper);
    await engine.ok("volume", "rm", "swap");
  });

  it("a destination swapped for a symlink while the container starts stays in the container", async () => {
    await run("-v", "swap:/v", "busybox", "sh", "-c", "mkdir /v/there; ln -s /tmp /v/link");
    const loop =
      "while :; do mv /v/there /v/kept; mv /v/link /v/there; mv /v/there /v/link; mv /v/kept /v/there; done";
    const swapper = await engine.ok("run", "-d", "-v", "swap:/v", "busybox", "sh", "-c", loop);
    const mountsOn = async (path: string) =>
      (await readFile("/proc/self/mountinfo", "utf8")).split(` ${path} `).length - 1;
    const before = await mountsOn("/tmp");
    const seen = "grep -c ' /tmp \\| /v/there \\| /v/kept ' /proc/mounts";
    for (let round = 0; round < 12; round++) {
      const args = ["run", "--rm", "-v", "swap:/v", "-v", `${host}:/v/there`, "busybox", "sh", "-c", seen];
      const { code, stdout } = await engine.docker(args);
      if (code === 0) assert.equal(stdout, "1\n", "mounted once, and inside");
    }
    assert.equal(await mountsOn("/tmp"), before, "nothing is mounted on the host");
    await engine.ok("rm", "-f", swapper);
    await engine.ok("volume", "rm", "swap");
  });

  it("another image's files are mounted read-only, and outlive its name", async () => {
    const made = await engine.ok("create", "busybox", "sh", "-c", "mkdir /deep; echo bar >/deep/foo");
    await engine.ok("start", "-a", made);
    await engine.ok("commit", made, "content");
    await engine.ok("rm", made);
    const mount = (options = "") => ["--mount", `type=image,src=content,dst=/i${options}`];
    assert.equal(await run(...mount(), "busybox", "cat", "/i/deep/foo"), "bar");
    assert.equal(await run(...mount(",image-subpath=deep"), "busybox", "cat", "/i/foo"), "bar");
    assert.match(
      await refused("run", "--rm", ...mount(), "busybox", "touch", "/i/x"),
      /Read-only file system/,
    );
    assert.match(
      await refused("create", "--mount", "type=image,src=absent,dst=/i", "busybox"),
      /No such image/,
    );
    const id = await engine.ok("create", ...mount(), "busybox", "cat", "/i/deep/foo");
    const [shown] = (await engine.inspect<{ Mounts: MountPoint[] }>(id)).Mounts;
    assert.deepEqual([shown?.Type, shown?.Name, shown?.RW], ["image", "content", false]);
    assert.match(
      await refused("rmi", "content"),
      new RegExp(
        `unable to remove repository reference "content.*" \\(must force\\) - container ${id.slice(0, 12)} is using`,
      ),
    );
    await engine.ok("start", "-a", id);
    await engine.ok("rmi", "-f", "content");
    assert.equal(await engine.ok("start", "-a", id), "bar");
    await engine.ok("cp", `${id}:/i/deep/foo`, join(host, "foo"));
    assert.equal(await readFile(join(host, "foo"), "utf8"), "bar\n");
    await engine.ok("rm", id);
  });

  it("volumes-from: several, read-only, from stopped containers; rm -v takes the anonymous ones only", async () => {
    await engine.ok(
      "run",
      "--name",
      "one",
      "-v",
      "/anon",
      "-v",
      "keep:/keep",
      "busybox",
      "touch",
      "/anon/a",
      "/keep/k",
    );
    await engine.ok("create", "--name", "two", "-v", `${host}:/h`, "--mount", "type=tmpfs,dst=/t", "busybox");
    const from = ["--volumes-from", "one:ro", "--volumes-from", "two"];
    assert.equal(
      await run(...from, "busybox", "ls", "/anon/a", "/keep/k", "/h/file"),
      "/anon/a\n/h/file\n/keep/k",
    );
    assert.match(await refused("run", "--rm", ...from, "busybox", "touch", "/anon/x"), /Read-only/);
    assert.match(await refused("create", "--volumes-from", "one:shared", "busybox"), /invalid mode: shared/);
    assert.match(await refused("create", "--volumes-from", "absent", "busybox"), /No such container: absent/);
    await engine.ok("rm", "-v", "one", "two");
    assert.equal(await engine.ok("volume", "ls", "-q"), "keep");
  });

  it("backup and restore through tar in a helper container", async () => {
    const backup = [
      "--volumes-from",
      "db",
      "-v",
      `${host}:/backup`,
      "busybox",
      "tar",
      "cf",
      "/backup/b.tar",
      "/keep",
    ];
    await engine.ok("create", "--name", "db", "-v", "keep:/keep", "busybox");
    await run(...backup);
    await engine.ok("rm", "-v", "db");
    await engine.ok("volume", "rm", "keep");
    await run(
      "-v",
      "restored:/keep",
      "-v",
      `${host}:/backup`,
      "busybox",
      "tar",
      "xf",
      "/backup/b.tar",
      "-C",
      "/",
    );
    assert.deepEqual(await readdir(await data("restored")), ["k"]);
    await engine.ok("volume", "rm", "restored");
  });

  it("docker cp goes through volumes; diff and export leave them out", async () => {
    const id = await engine.ok("run", "-d", "-v", "cp:/v", "busybox", "sleep", "1000");
    await engine.ok("cp", join(host, "file"), `${id}:/v/copied`);
    assert.equal(await readFile(join(await data("cp"), "copied"), "utf8"), "from the host");
    await engine.ok("exec", id, "sh", "-c", "echo x >/v/in; touch /out");
    assert.equal(await engine.ok("diff", id), "A /out\nA /v");
    await engine.ok("export", "-o", join(host, "export.tar"), id);
    const { stdout } = await execute("tar", ["tf", join(host, "export.tar"), "v"]);
    assert.equal(stdout, "v/\n");
    await engine.ok("rm", "-f", id);
    await engine.ok("volume", "rm", "cp");
  });

  it("a data folder that vanished is an error, and nothing is started", async () => {
    await engine.ok("volume", "create", "gone");
    const folder = await data("gone");
    await rm(folder, { recursive: true });
    assert.match(
      await refused("run", "--rm", "-v", "gone:/v", "busybox"),
      /data folder of volume gone is gone/,
    );
    await assert.rejects(stat(folder));
    await engine.ok("volume", "rm", "gone");
  });

  it("local volumes with type, device and o", async () => {
    await engine.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m", "ram");
    const size = "df -k /v | tail -1 | awk '{print $2}'";
    assert.equal(await run("-v", "ram:/v", "busybox", "sh", "-c", size), "1024");
    const bind = ["-o", "type=none", "-o", `device=${host}`, "-o", "o=bind"];
    await engine.ok("volume", "create", ...bind, "bound");
    assert.equal(await run("-v", "bound:/v", "busybox", "cat", "/v/file"), "from the host");
    await engine.ok(
      "volume",
      "create",
      "-o",
      "type=nfs",
      "-o",
      "device=:/x",
      "-o",
      "o=addr=127.0.0.1",
      "net",
    );
    assert.match(
      await refused("run", "--rm", "-v", "net:/v", "busybox"),
      /failed to mount local volume: mount :\/x/,
    );
    await engine.ok("volume", "rm", "ram", "bound", "net");
    assert.equal(await readFile(join(host, "file"), "utf8"), "from the host");
  });

  it("a symlink in a volume leads nowhere on the host when it is removed", async () => {
    await engine.ok("volume", "create", "trap");
    await symlink(host, join(await data("trap"), "out"));
    await engine.ok("volume", "rm", "trap");
    assert.equal(await readFile(join(host, "file"), "utf8"), "from the host");
  });
});
