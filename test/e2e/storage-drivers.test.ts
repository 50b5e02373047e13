import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { startEngine } from "../support/wharfd.ts";

const FILE = "FROM made:1\nRUN echo 2 >/y\nRUN rm /y /x && mkdir /d\n";

describe("storage driver vfs", { skip: withoutRoot || withoutDocker }, () => {
  it("runs, shows, commits, builds and removes as overlay2 does", async () => {
    await using engine = await startEngine({ flags: ["--storage-driver=vfs"] });
    assert.equal(await engine.ok("info", "-f", "{{.Driver}} {{json .DriverStatus}}"), "vfs []");
    await engine.ok("run", "--name", "first", "busybox", "sh", "-c", "echo hi >/x; rm /bin/vi");
    assert.equal(await engine.ok("diff", "first"), "C /bin\nD /bin/vi\nA /x");
    assert.equal(
      await engine.ok("inspect", "-f", "{{json .GraphDriver}}", "first"),
      '{"Data":null,"Name":"vfs"}',
    );
    assert.match(await engine.ok("ps", "-as", "--format", "{{.Size}}"), /^3B \(virtual/);
    await engine.ok("commit", "first", "made:1");
    assert.equal(await engine.ok("run", "--rm", "made:1", "sh", "-c", "cat /x; ls /bin/vi || true"), "hi");
    const build = await engine.docker(["build", "-q", "-t", "built:1", "-"], { input: FILE });
    assert.equal(build.code, 0, build.stderr);
    assert.equal(
      await engine.ok("run", "--rm", "built:1", "sh", "-c", "ls -d /y /x /d 2>/dev/null || true"),
      "/d",
    );
    const refused = await engine.docker(["create", "--storage-opt", "size=5m", "busybox"]);
    assert.match(refused.stderr, /--storage-opt size is not supported by the vfs driver/);
    await engine.ok("rm", "first");
    assert.deepEqual(readdirSync(join(engine.dataRoot, "vfs")), []);
  });

  it("is not taken for another: a container stays with the driver that made it", async () => {
    await using engine = await startEngine({ flags: ["--storage-driver=vfs"] });
    await engine.ok("create", "--name", "early", "busybox", "true");
    await engine.end("SIGTERM");
    await engine.start(["--storage-driver=overlay2"]);
    assert.equal(await engine.ok("info", "-f", "{{.Driver}}"), "overlay2");
    await engine.ok("start", "-a", "early");
    assert.match(await engine.ok("run", "--rm", "busybox", "head", "-1", "/proc/mounts"), /^overlay \/ /);
  });
});
