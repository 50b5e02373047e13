import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("exit codes of docker run", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  it("is the command's own", async () => {
    for (const code of [0, 1, 42, 255]) {
      const outcome = await engine.docker(["run", "--rm", "busybox", "sh", "-c", `exit ${code}`]);
      assert.equal(outcome.code, code);
    }
  });

  it("is 128 and the signal for a command that a signal ended", async () => {
    const { code } = await engine.docker([
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "sh -c 'kill -9 $$'; exit $?",
    ]);
    assert.equal(code, 137);
    const id = await engine.ok("run", "-d", "busybox", "sleep", "1000");
    await engine.ok("kill", "-s", "KILL", id);
    assert.equal(await engine.ok("wait", id), "137");
    await engine.ok("rm", id);
  });

  it("is 127 for a command that is not there, which the message names, and nothing stays behind", async () => {
    const { code, stderr } = await engine.docker(["run", "--rm", "busybox", "no-such-command"]);
    assert.equal(code, 127);
    assert.match(stderr, /no-such-command.*(executable file not found in \$PATH|no such file)/i);
    assert.equal(await engine.ok("ps", "-aq"), "");
  });

  it("is 126 for a file that cannot be executed", async () => {
    for (const path of ["/etc/passwd", "/etc"]) {
      const { code, stderr } = await engine.docker(["run", "--rm", "busybox", path]);
      assert.equal(code, 126, stderr);
      assert.match(stderr, /permission denied|is a directory/i);
    }
  });

  it("is 125 for a refusal of the engine", async () => {
    const { code, stderr } = await engine.docker(["run", "--rm", "--network", "nowhere", "busybox", "true"]);
    assert.equal(code, 125);
    assert.match(stderr, /network nowhere not found/);
    assert.equal(await engine.ok("ps", "-aq"), "");
  });

  it("a container whose start failed tells why", async () => {
    await engine.docker(["run", "--name", "broken", "busybox", "no-such-command"]);
    const { State } = await engine.inspect<{ State: { Status: string; ExitCode: number; Error: string } }>(
      "broken",
    );
    assert.equal(State.Status, "created");
    assert.equal(State.ExitCode, 127);
    assert.match(State.Error, /no-such-command/);
    await engine.ok("rm", "broken");
  });
});
