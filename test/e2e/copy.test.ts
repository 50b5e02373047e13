import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dockerPath, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("docker cp", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  let folder: string;
  before(async () => {
    engine = await startEngine();
    folder = join(engine.folder, "files");
    mkdirSync(join(folder, "tree/sub"), { recursive: true });
    writeFileSync(join(folder, "tree/a"), "first");
    writeFileSync(join(folder, "tree/sub/b"), "second", { mode: 0o640 });
    symlinkSync("sub/b", join(folder, "tree/link"));
    await engine.ok("run", "-d", "--name", "on", "-v", "data:/data", "busybox", "sleep", "1000");
    await engine.ok("create", "--name", "off", "-v", "data:/data", "busybox", "sleep", "1000");
  });
  after(() => engine[Symbol.asyncDispose]());

  for (const name of ["on", "off"]) {
    it(`carries a tree both ways (${name})`, async () => {
      await engine.ok("cp", join(folder, "tree"), `${name}:/tmp`);
      const back = join(folder, `back-${name}`);
      await engine.ok("cp", `${name}:/tmp/tree`, back);
      assert.equal(readFileSync(join(back, "a"), "utf8"), "first");
      assert.equal(readFileSync(join(back, "sub/b"), "utf8"), "second");
      assert.equal(statSync(join(back, "sub/b")).mode & 0o777, 0o640);
      assert.equal(readlinkSync(join(back, "link")), "sub/b");
    });
    it(`follows a link with -L and renames a file (${name})`, async () => {
      await engine.ok("cp", "-L", `${name}:/tmp/tree/link`, join(folder, `followed-${name}`));
      assert.equal(readFileSync(join(folder, `followed-${name}`), "utf8"), "second");
      await engine.ok("cp", join(folder, "tree/a"), `${name}:/tmp/renamed`);
      assert.match(await engine.ok("cp", `${name}:/tmp/renamed`, "-"), /^renamed\0/);
    });
    it(`says what is not there (${name})`, async () => {
      const { code, stderr } = await engine.docker(["cp", `${name}:/nowhere`, folder]);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`Could not find the file /nowhere in container ${name}`));
    });
  }

  it("finds the working folder of a container that has not started yet", async () => {
    await engine.ok("create", "--name", "fresh", "-w", "/srv/app", "busybox", "cat", "first");
    await engine.ok("cp", join(folder, "tree/a"), "fresh:/srv/app/first");
    assert.equal(await engine.ok("diff", "fresh"), "A /srv\nA /srv/app\nA /srv/app/first");
    assert.equal(await engine.ok("start", "-a", "fresh"), "first");
    const { code, stderr } = await engine.docker(["create", "-w", "/etc/passwd/below", "busybox"]);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot mkdir: \/etc\/passwd\/below is not a directory/);
  });

  it("has the names of the network as the container has them, also when it has ended", async () => {
    await engine.ok("run", "--name", "ended", "--hostname", "of-its-own", "busybox", "true");
    for (const file of ["hosts", "hostname", "resolv.conf"]) {
      const path = join(folder, `ended-${file}`);
      await engine.ok("cp", `ended:/etc/${file}`, path);
      const inspected = { hosts: "HostsPath", hostname: "HostnamePath", "resolv.conf": "ResolvConfPath" }[
        file
      ];
      const kept = await engine.ok("inspect", "-f", `{{.${inspected}}}`, "ended");
      assert.equal(readFileSync(path, "utf8"), readFileSync(kept, "utf8"), file);
    }
    assert.equal(readFileSync(join(folder, "ended-hostname"), "utf8"), "of-its-own\n");
  });

  it("reaches volumes", async () => {
    await engine.ok("cp", join(folder, "tree/a"), "off:/data/from-off");
    assert.equal(await engine.ok("exec", "on", "cat", "/data/from-off"), "first");
    await engine.ok("cp", join(folder, "tree/a"), "on:/data/from-on");
    assert.match(await engine.ok("cp", "off:/data/from-on", "-"), /^from-on\0/);
  });

  it("links lead nowhere but into the container", async () => {
    writeFileSync(join(folder, "host-secret"), "secret");
    await engine.ok("exec", "on", "ln", "-s", join(folder, "host-secret"), "/tmp/out");
    await engine.ok("exec", "on", "ln", "-s", "../../../../../../../../..", "/tmp/up");
    const leak = await engine.docker(["cp", "-L", "on:/tmp/out", join(folder, "leaked")]);
    assert.equal(leak.code, 1);
    await engine.ok("cp", join(folder, "tree/a"), "on:/tmp/up/landed");
    assert.equal(await engine.ok("exec", "on", "cat", "/landed"), "first");
  });

  it("refuses to write into what is read-only", async () => {
    await engine.ok(
      "create",
      "--name",
      "ro",
      "--read-only",
      "-v",
      "data:/data:ro",
      "-v",
      "rw:/rw",
      "busybox",
      "true",
    );
    const root = await engine.docker(["cp", join(folder, "tree/a"), "ro:/tmp/a"]);
    assert.match(root.stderr, /container rootfs is marked read-only/);
    const volume = await engine.docker(["cp", join(folder, "tree/a"), "ro:/data/a"]);
    assert.match(volume.stderr, /marked read-only/);
    await engine.ok("cp", join(folder, "tree/a"), "ro:/rw/a");
  });

  it("refuses a folder in place of a file", async () => {
    await engine.ok("exec", "on", "mkdir", "-p", "/tmp/kind/tree");
    await engine.ok("exec", "on", "touch", "/tmp/kind/file");
    const { code, stderr } = await engine.docker(["cp", join(folder, "tree"), "on:/tmp/kind/file"]);
    assert.equal(code, 1);
    assert.match(stderr, /cannot copy directory|not a directory/);
  });

  it("takes a large file without keeping it in memory", async () => {
    await engine.ok("exec", "on", "dd", "if=/dev/zero", "of=/tmp/large", "bs=1M", "count=200");
    const before = memoryOf(engine.pid);
    await engine.ok("cp", "on:/tmp/large", join(folder, "large"));
    assert.equal(statSync(join(folder, "large")).size, 200 * 2 ** 20);
    await engine.ok("cp", join(folder, "large"), "on:/tmp/large2");
    assert.equal(await engine.ok("exec", "on", "stat", "-c", "%s", "/tmp/large2"), String(200 * 2 ** 20));
    assert.ok(memoryOf(engine.pid) - before < 100 * 2 ** 20, "the engine did not keep the file");
    assert.ok(dockerPath);
  });
});

const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
