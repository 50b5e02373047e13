import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { startEngine } from "../support/wharfd.ts";

describe("the kernel's OOM killer", { skip: withoutRoot || withoutDocker }, () => {
  it("is noticed and told: state, exit code and an event before the end", async () => {
    await using engine = await startEngine();
    const limits = ["-m", "16m", "--memory-swap", "16m"];
    const { code } = await engine.docker(["run", "--name", "hog", ...limits, "busybox", "tail", "/dev/zero"]);
    assert.equal(code, 137);
    assert.equal(
      await engine.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}}", "hog"),
      "true 137 exited",
    );
    // Behind the last event: the command cuts times down to seconds.
    const until = String(Math.ceil(Date.now() / 1000) + 1);
    const events = [
      "events",
      "--since",
      "1m",
      "--until",
      until,
      "--filter",
      "container=hog",
      "--format",
      "{{.Action}}",
    ];
    const actions = (await engine.ok(...events)).split("\n");
    assert.deepEqual(actions.slice(actions.indexOf("oom")), ["oom", "die"]);
    await engine.ok("run", "--name", "modest", ...limits, "busybox", "true");
    assert.equal(await engine.ok("inspect", "-f", "{{.State.OOMKilled}}", "modest"), "false");
  });

  it("is told of at once where the container lives on, and not again at its end", async () => {
    await using engine = await startEngine();
    const limits = ["-m", "16m", "--memory-swap", "16m"];
    const script = "tail /dev/zero; read line";
    await engine.ok("run", "-d", "-i", "--name", "survivor", ...limits, "busybox", "sh", "-c", script);
    const state = () => engine.ok("inspect", "-f", "{{.State.OOMKilled}} {{.State.Status}}", "survivor");
    await until("the state tells it", async () => (await state()) === "true running");
    await engine.ok("pause", "survivor");
    await engine.ok("unpause", "survivor");
    await engine.end("SIGKILL");
    await engine.start();
    assert.equal(await state(), "true running");
    await engine.ok("stop", "-t", "0", "survivor");
    assert.equal(await state(), "true exited");
    await engine.ok("start", "survivor");
    await until("it happens again", async () => (await state()) === "true running");
    const now = String(Math.ceil(Date.now() / 1000) + 1);
    const filters = ["--filter", "container=survivor", "--filter", "type=container"];
    const seen = await engine.ok(
      "events",
      "--since",
      "1h",
      "--until",
      now,
      ...filters,
      "--format",
      "{{.Action}}",
    );
    // Events do not outlive the engine: these are of the second life.
    assert.deepEqual(
      seen.split("\n").filter((action) => ["oom", "die", "start"].includes(action)),
      ["die", "start", "oom"],
    );
  });
});
