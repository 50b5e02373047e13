import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
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
});
