import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { startEngine } from "../support/wharfd.ts";

const count = "i=0; while :; do echo $i; i=$((i+1)); sleep 0.02; done";

describe("containers outlive the engine", { skip: withoutRoot || withoutDocker }, () => {
  it("kill -9 and a new start: still running, the log without a hole, attach and stop work", async () => {
    await using engine = await startEngine();
    const id = await engine.ok(
      "run",
      "-d",
      "--name",
      "counter",
      "-p",
      "8080:80",
      "busybox",
      "sh",
      "-c",
      count,
    );
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", id);
    await engine.end("SIGKILL");
    // So that it writes while there is no engine.
    await sleep(300);
    await engine.start();
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}} {{.State.Pid}}", id), `running ${pid}`);
    const before = (await engine.ok("logs", id)).split("\n").length;
    await until("the log grows", async () => (await engine.ok("logs", id)).split("\n").length > before + 5);
    const numbers = (await engine.ok("logs", id)).split("\n").map(Number);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index),
      "every number is there once, in order",
    );
    assert.match(await engine.ok("port", id), /80\/tcp -> 0\.0\.0\.0:8080/);
    await engine.ok("stop", "-t", "0", id);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.ExitCode}}", id), "137");
  });

  it("an engine that stops in the middle of restarts leaves them to the next one, without an error", async () => {
    await using engine = await startEngine({ flags: ["--live-restore"] });
    for (let n = 0; n < 6; n++)
      await engine.ok("run", "-d", "--restart", "always", "busybox", "sleep", "0.1");
    for (let round = 0; round < 3; round++) {
      await engine.end("SIGTERM");
      await engine.start();
    }
    assert.doesNotMatch(engine.log, /database|level=error|"level":"error"/);
  });

  it("another engine leaves them alone, under the same parent in the cgroups too", async () => {
    await using engine = await startEngine();
    const id = await engine.ok("run", "-d", "busybox", "sleep", "1000");
    await using other = await startEngine({ flags: [`--cgroup-parent=/${engine.name}`] });
    assert.equal(await other.ok("ps", "-aq"), "");
    await other.end("SIGTERM");
    const status = async () => engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", id);
    assert.equal(await status(), "running 0");
    assert.equal(await engine.ok("exec", id, "echo", "here"), "here");
  });

  it("knows the exit codes of what ended meanwhile, and --rm containers are gone", async () => {
    await using engine = await startEngine();
    const gate = join(engine.folder, "gate");
    mkdirSync(gate);
    const script = "while [ ! -e /gate/open ]; do sleep 0.02; done; echo last words; exit 23";
    const place = ["-v", `${gate}:/gate`, "busybox", "sh", "-c", script];
    const ids = [
      await engine.ok("run", "-d", "--name", "ended", ...place),
      await engine.ok("run", "-d", "--rm", "--name", "removed", ...place),
    ];
    await engine.end("SIGKILL");
    writeFileSync(join(gate, "open"), "");
    await until("they have ended", () => ids.every((id) => existsSync(join(engine.execRoot, "exits", id))));
    await engine.start();
    assert.equal(
      await engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "ended"),
      "exited 23",
    );
    assert.equal(await engine.ok("logs", "ended"), "last words");
    await until(
      "the --rm container is gone",
      async () => (await engine.docker(["inspect", "removed"])).code === 1,
    );
    await engine.ok("start", "ended");
    assert.equal(await engine.ok("wait", "ended"), "23");
  });

  it("an attached client's container goes on when the engine is killed", async () => {
    await using engine = await startEngine();
    const client = engine.docker([
      "run",
      "-i",
      "--name",
      "attached",
      "busybox",
      "sh",
      "-c",
      "while [ ! -e /go ]; do sleep 0.02; done; echo made it > /made",
    ]);
    await until(
      "it runs",
      async () =>
        (await engine.docker(["inspect", "-f", "{{.State.Status}}", "attached"])).stdout === "running\n",
    );
    await engine.end("SIGKILL");
    assert.notEqual((await client).code, 0, "the client is told");
    await engine.start();
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "attached");
    writeFileSync(`/proc/${pid}/root/go`, "");
    assert.equal(await engine.ok("wait", "attached"), "0");
  });

  it("survives being killed again and again while containers come and go", async () => {
    await using engine = await startEngine();
    const keeper = await engine.ok("run", "-d", "busybox", "sleep", "1000");
    for (let round = 0; round < 4; round++) {
      const busy = Array.from({ length: 4 }, () =>
        engine.docker(["run", "--rm", "busybox", "sleep", "0.05"]),
      );
      await sleep(40 * round);
      await engine.end("SIGKILL");
      await Promise.all(busy);
      await engine.start();
      assert.equal(await engine.ok("inspect", "-f", "{{.State.Running}}", keeper), "true");
    }
    await engine.ok("run", "--rm", "busybox", "true");
    await engine.ok("rm", "-f", keeper);
    await until(
      "nothing of the interrupted runs still runs",
      async () => (await engine.ok("ps", "-q")) === "",
    );
  });

  it("SIGTERM stops the containers, each in its own time, and the engine, and their records stay", async () => {
    await using engine = await startEngine({ flags: ["--shutdown-timeout=1"] });
    await engine.ok(
      "run",
      "-d",
      "--name",
      "kept",
      "busybox",
      "sh",
      "-c",
      "trap 'exit 6' TERM; echo ready; while :; do sleep 0.05; done",
    );
    const deaf = ["busybox", "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"];
    await engine.ok("run", "-d", "--name", "deaf", "--stop-timeout", "2", ...deaf);
    for (const name of ["kept", "deaf"])
      await until(`${name} is ready`, async () => (await engine.ok("logs", name)) === "ready");
    assert.equal(await engine.end("SIGTERM"), 0);
    await engine.start();
    const format = "{{.State.Status}} {{.State.ExitCode}}";
    assert.equal(await engine.ok("inspect", "-f", format, "kept"), "exited 6");
    assert.equal(
      await engine.ok("inspect", "-f", format, "deaf"),
      "exited 137",
      "it had its own two seconds",
    );
  });

  it("--live-restore leaves containers running over a stop and a start", async () => {
    await using engine = await startEngine({ flags: ["--live-restore"] });
    const id = await engine.ok("run", "-d", "busybox", "sleep", "1000");
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", id);
    assert.equal(await engine.end("SIGTERM"), 0);
    await engine.start();
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}} {{.State.Pid}}", id), `running ${pid}`);
  });
});

describe("two engines on one machine", { skip: withoutRoot || withoutDocker }, () => {
  it("do not see each other's containers and images", async () => {
    await using one = await startEngine();
    await using two = await startEngine({ image: false });
    await one.ok("run", "-d", "--name", "same", "busybox", "sleep", "1000");
    assert.equal(await two.ok("ps", "-aq"), "");
    assert.equal(await two.ok("images", "-q"), "");
    await two.loadBusybox();
    await two.ok("run", "-d", "--name", "same", "busybox", "sleep", "1000");
    await one.ok("rm", "-f", "same");
    assert.equal(await two.ok("inspect", "-f", "{{.State.Running}}", "same"), "true");
  });

  it("refuse to share a data root", async () => {
    await using one = await startEngine({ image: false });
    await using two = await startEngine({ image: false });
    await two.end("SIGTERM");
    await assert.rejects(two.start([`--data-root=${one.dataRoot}`]), /data root|in use|another engine/i);
  });
});
