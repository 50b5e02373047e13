import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { dockerPath, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("a container's life", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const status = (name: string) => engine.ok("inspect", "-f", "{{.State.Status}}", name);

  const said = (name: string, word: string) =>
    until(`${name} says ${word}`, async () => (await engine.ok("logs", name)).includes(word));

  it("goes from created to running to exited and back, and is gone after rm", async () => {
    await engine.ok("create", "--name", "life", "busybox", "sleep", "1000");
    assert.equal(await status("life"), "created");
    await engine.ok("start", "life");
    assert.equal(await status("life"), "running");
    await engine.ok("kill", "life");
    await engine.ok("wait", "life");
    assert.equal(await status("life"), "exited");
    await engine.ok("start", "life");
    assert.equal(await status("life"), "running");
    const refused = await engine.docker(["rm", "life"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /container is running: stop the container before removing or force remove/);
    await engine.ok("rm", "-f", "life");
    assert.equal(await engine.ok("ps", "-aq"), "");
  });

  it("start of a running container and stop of a stopped one are no errors", async () => {
    await engine.ok("run", "-d", "--name", "twice", "busybox", "sleep", "1000");
    await engine.ok("start", "twice");
    await engine.ok("stop", "-t", "0", "twice");
    await engine.ok("stop", "twice");
    await engine.ok("rm", "twice");
  });

  it("stop sends SIGTERM first and waits, then SIGKILL", async () => {
    const trap = "trap 'echo got term; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    await engine.ok("run", "-d", "--name", "polite", "busybox", "sh", "-c", trap);
    await said("polite", "ready");
    await engine.ok("stop", "polite");
    assert.equal(await engine.ok("inspect", "-f", "{{.State.ExitCode}}", "polite"), "3");
    assert.equal(await engine.ok("logs", "polite"), "ready\ngot term");
    await engine.ok(
      "run",
      "-d",
      "--name",
      "stubborn",
      "busybox",
      "sh",
      "-c",
      "trap '' TERM; while :; do sleep 0.05; done",
    );
    await engine.ok("stop", "-t", "1", "stubborn");
    assert.equal(await engine.ok("inspect", "-f", "{{.State.ExitCode}}", "stubborn"), "137");
    await engine.ok("rm", "polite", "stubborn");
  });

  it("kill sends the signal that is named, and refuses what is none", async () => {
    await engine.ok(
      "run",
      "-d",
      "--name",
      "signalled",
      "busybox",
      "sh",
      "-c",
      "trap 'exit 9' USR1; echo ready; while :; do sleep 0.05; done",
    );
    await said("signalled", "ready");
    const refused = await engine.docker(["kill", "-s", "NONSENSE", "signalled"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /invalid signal: NONSENSE/i);
    await engine.ok("kill", "-s", "USR1", "signalled");
    assert.equal(await engine.ok("wait", "signalled"), "9");
    const late = await engine.docker(["kill", "signalled"]);
    assert.match(late.stderr, /is not running/);
    await engine.ok("rm", "signalled");
  });

  it("wait tells the exit code, also of a container that has ended already", async () => {
    const id = await engine.ok("run", "-d", "busybox", "sh", "-c", "sleep 0.2; exit 5");
    assert.equal(await engine.ok("wait", id), "5");
    assert.equal(await engine.ok("wait", id), "5");
    await engine.ok("rm", id);
  });

  it("logs shows both streams, the last lines, since when, time stamps, and follows to the end", async () => {
    await engine.ok(
      "run",
      "-d",
      "--name",
      "talker",
      "busybox",
      "sh",
      "-c",
      "echo one; echo two >&2; sleep 0.3; echo three",
    );
    const followed = await engine.docker(["logs", "-f", "talker"]);
    assert.deepEqual([followed.stdout, followed.stderr], ["one\nthree\n", "two\n"]);
    assert.equal(await engine.ok("logs", "--tail", "1", "talker"), "three");
    assert.match(await engine.ok("logs", "-t", "--tail", "1", "talker"), /^\d{4}-\d\d-\d\dT[\d:.]+Z three$/);
    assert.equal(await engine.ok("logs", "--since", "2100-01-01T00:00:00Z", "talker"), "");
    await engine.ok("rm", "talker");
  });

  it("logs keeps bytes that are no text and lines without an end", async () => {
    await engine.ok(
      "run",
      "--name",
      "bytes",
      "busybox",
      "sh",
      "-c",
      "printf 'a\\nlong'; head -c 40000 /dev/zero | tr '\\0' x; printf end",
    );
    const { stdout } = await engine.docker(["logs", "bytes"]);
    assert.equal(stdout, `a\nlong${"x".repeat(40000)}end`);
    await engine.ok("rm", "bytes");
  });

  it("attach joins a running container, gives it input and ends with it", async () => {
    await engine.ok(
      "run",
      "-di",
      "--name",
      "joined",
      "busybox",
      "sh",
      "-c",
      "read line; echo heard $line; sleep 0.1; exit 4",
    );
    const { code, stdout } = await engine.docker(["attach", "joined"], { input: "you\n" });
    assert.deepEqual({ code, stdout }, { code: 4, stdout: "heard you\n" });
    await engine.ok("rm", "joined");
  });

  it("two clients may attach to one container", async () => {
    await engine.ok("create", "-i", "--name", "shared", "busybox", "sh", "-c", "read line; echo heard $line");
    assert.ok(dockerPath);
    const watcher = spawn(dockerPath, ["start", "-a", "shared"], {
      env: { ...process.env, ...engine.clientEnv },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const watched = text(watcher.stdout);
    await until("the container runs", async () => (await status("shared")) === "running");
    const { stdout } = await engine.docker(["attach", "shared"], { input: "both\n" });
    assert.equal(stdout, "heard both\n");
    assert.equal(await watched, "heard both\n");
    await engine.ok("rm", "shared");
  });

  it("ps lists what runs, -a everything, with name, image, command and state", async () => {
    await engine.ok("run", "-d", "--name", "up", "--label", "tier=front", "busybox", "sleep", "1000");
    await engine.ok("create", "--name", "waiting", "busybox", "true");
    assert.equal(
      await engine.ok("ps", "--format", "{{.Names}} {{.Image}} {{.Command}}"),
      'up busybox "sleep 1000"',
    );
    assert.deepEqual((await engine.ok("ps", "-a", "--format", "{{.Names}} {{.State}}")).split("\n"), [
      "waiting created",
      "up running",
    ]);
    assert.match(await engine.ok("ps", "--format", "{{.Status}}"), /^Up (Less than a second|\d+ seconds?)$/);
    assert.equal(await engine.ok("ps", "-a", "--filter", "label=tier=front", "--format", "{{.Names}}"), "up");
    assert.equal(
      await engine.ok("ps", "-a", "--filter", "status=created", "--format", "{{.Names}}"),
      "waiting",
    );
    await engine.ok("rm", "-f", "up", "waiting");
  });

  it("inspect finds a container by name, id and the start of its id", async () => {
    const id = await engine.ok("create", "--name", "found", "busybox", "sleep", "3");
    for (const reference of ["found", "/found", id, id.slice(0, 12), id.slice(0, 4)]) {
      assert.equal(await engine.ok("inspect", "-f", "{{.Id}}", reference), id);
    }
    const seen = await engine.inspect<{
      Name: string;
      Path: string;
      Args: string[];
      Config: { Image: string };
      Driver: string;
    }>("found");
    assert.deepEqual(
      [seen.Name, seen.Path, seen.Args, seen.Config.Image, seen.Driver],
      ["/found", "sleep", ["3"], "busybox", "overlay2"],
    );
    await engine.ok("rm", id);
  });

  it("exec runs another command in it, with streams and exit code of its own", async () => {
    await engine.ok("run", "-d", "--name", "host", "busybox", "sleep", "1000");
    const { code, stdout, stderr } = await engine.docker(
      ["exec", "-i", "host", "sh", "-c", "cat; echo err >&2; exit 9"],
      { input: "in\n" },
    );
    assert.deepEqual({ code, stdout, stderr }, { code: 9, stdout: "in\n", stderr: "err\n" });
    const missing = await engine.docker(["exec", "host", "no-such-command"]);
    assert.equal(missing.code, 127);
    await engine.ok("rm", "-f", "host");
  });

  it("pause stops it in its tracks and unpause lets it go on", async () => {
    await engine.ok(
      "run",
      "-d",
      "--name",
      "still",
      "busybox",
      "sh",
      "-c",
      "while :; do echo tick; sleep 0.02; done",
    );
    await engine.ok("pause", "still");
    assert.equal(await status("still"), "paused");
    // What it wrote before may still be on its way into the log.
    let before = "";
    await until("nothing more is on its way", async () => {
      const last = before;
      before = await engine.ok("logs", "still");
      return before === last;
    });
    assert.equal(await engine.ok("logs", "still"), before);
    await engine.ok("unpause", "still");
    await until("it goes on", async () => (await engine.ok("logs", "still")).length > before.length);
    await engine.ok("rm", "-f", "still");
  });

  it("a restart policy starts it again, as often as it says", async () => {
    await engine.ok(
      "run",
      "-d",
      "--name",
      "again",
      "--restart",
      "on-failure:2",
      "busybox",
      "sh",
      "-c",
      "echo go; exit 1",
    );
    await until(
      "it has given up",
      async () =>
        (await engine.ok("inspect", "-f", "{{.RestartCount}} {{.State.Status}}", "again")) === "2 exited",
    );
    assert.equal(await engine.ok("logs", "again"), "go\ngo\ngo");
    await engine.ok("rm", "again");
  });

  it("rename gives another name", async () => {
    await engine.ok("create", "--name", "before", "busybox");
    await engine.ok("rename", "before", "after");
    assert.equal(await engine.ok("ps", "-a", "--format", "{{.Names}}"), "after");
    await engine.ok("rm", "after");
  });

  it("a crash loop of short-lived containers leaves nothing behind", async () => {
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        Array.from({ length: 4 }, () =>
          engine.docker(["run", "--rm", "busybox", "sh", "-c", "kill -SEGV $$"]),
        ),
      );
    }
    assert.equal(await engine.ok("ps", "-aq"), "");
  });
});
