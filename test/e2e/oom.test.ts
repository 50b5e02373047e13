import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const LIMITS = ["-m", "16m", "--memory-swap", "16m"];
const withoutSwitch = existsSync("/sys/fs/cgroup/cgroup.controllers")
  ? "the OOM killer of cgroup v2 cannot be disabled"
  : false;

/** What happened to a container, in order. */
async function actions(engine: EngineUnderTest, name: string): Promise<readonly string[]> {
  // Behind the last event: the command cuts times down to seconds.
  const end = String(Math.ceil(Date.now() / 1000) + 1);
  const window = ["--since", "5m", "--until", end, "--filter", `container=${name}`];
  return (await engine.ok("events", ...window, "--format", "{{.Action}}")).split("\n");
}

const count = (list: readonly string[], wanted: string) => list.filter((action) => action === wanted).length;
const state = (engine: EngineUnderTest, name: string) =>
  engine.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.Running}}", name);

describe("the kernel's OOM killer", { skip: withoutRoot || withoutDocker }, () => {
  it("is noticed and told: state, exit code and an event before the end", async () => {
    await using engine = await startEngine();
    const { code } = await engine.docker(["run", "--name", "hog", ...LIMITS, "busybox", "tail", "/dev/zero"]);
    assert.equal(code, 137);
    assert.equal(
      await engine.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}}", "hog"),
      "true 137 exited",
    );
    const told = await actions(engine, "hog");
    // The kernel may tell of one lack of memory more than once, as it does to Docker.
    assert.deepEqual([...new Set(told.slice(told.indexOf("oom")))], ["oom", "die"]);
    assert.equal(told.at(-1), "die");
    await engine.ok("run", "--name", "modest", ...LIMITS, "busybox", "true");
    assert.equal(await engine.ok("inspect", "-f", "{{.State.OOMKilled}}", "modest"), "false");
  });

  it("is told of at once and each time when it takes a process the container can go on without", async () => {
    await using engine = await startEngine();
    await engine.ok("run", "-d", "--name", "parent", ...LIMITS, "busybox", "sleep", "1000");
    const told = async () => count(await actions(engine, "parent"), "oom");
    // The kernel may tell of one lack of memory more than once.
    for (let before = 0, round = 1; round <= 2; round++, before = await told()) {
      const { code } = await engine.docker(["exec", "parent", "tail", "/dev/zero"]);
      assert.equal(code, 137);
      await until("the event", async () => (await told()) > before);
      assert.equal(await state(engine, "parent"), "true true");
    }
    await engine.ok("pause", "parent");
    await engine.ok("unpause", "parent");
    assert.equal(await state(engine, "parent"), "true true");
    const before = await told();
    await engine.ok("kill", "parent");
    await engine.ok("wait", "parent");
    assert.equal(await told(), before);
    await engine.ok("start", "parent");
    assert.equal(await state(engine, "parent"), "false true");
  });

  it("is told of when it came while no engine ran", async () => {
    await using engine = await startEngine();
    const hungry = "until [ -e /go ]; do sleep 0.1; done; tail /dev/zero; touch /went; sleep 1000";
    await engine.ok("run", "-d", "--name", "parent", ...LIMITS, "busybox", "sh", "-c", hungry);
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "parent");
    await engine.end("SIGKILL");
    await writeFile(`/proc/${pid}/root/go`, "");
    await until("the end of the child", () => existsSync(`/proc/${pid}/root/went`));
    await engine.start();
    assert.equal(await state(engine, "parent"), "true true");
  });

  it("is told of where it is disabled: what has no memory waits", { skip: withoutSwitch }, async () => {
    await using engine = await startEngine();
    const disabled = [...LIMITS, "--oom-kill-disable"];
    // Memory touched by a system call gives an error in place of the wait: the program's own hands must write.
    const hungry = ["awk", 'BEGIN { text = "x"; while (1) text = text text }'];
    await engine.ok("run", "-d", "--name", "stuck", ...disabled, "busybox", ...hungry);
    await until("the event", async () => (await actions(engine, "stuck")).includes("oom"));
    assert.equal(await state(engine, "stuck"), "true true");
    await engine.ok("rm", "-f", "stuck");
  });
});
