import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { dockerPath, execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("docker run", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  it("prints what the command prints, each stream on its own", async () => {
    const { code, stdout, stderr } = await engine.docker([
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "echo out; echo err >&2",
    ]);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "out\n", stderr: "err\n" });
  });

  it("runs the image's own command when none is given", async () => {
    const { code, stdout } = await engine.docker(["run", "--rm", "-i", "busybox"], {
      input: "echo from $0\n",
    });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "from sh\n" });
  });

  it("-d prints the id and leaves the container running", async () => {
    const id = await engine.ok("run", "-d", "busybox", "sleep", "1000");
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.equal(
      await engine.ok("inspect", "-f", "{{.State.Status}} {{.State.Running}}", id),
      "running true",
    );
    await engine.ok("rm", "-f", id);
  });

  it("--rm removes the container when it has ended", async () => {
    await engine.ok("run", "--rm", "--name", "gone", "busybox", "true");
    const { code, stderr } = await engine.docker(["inspect", "gone"]);
    assert.equal(code, 1);
    assert.match(stderr, /no such object: gone/i);
  });

  it("-d --rm removes the container when it has ended", async () => {
    const id = await engine.ok("run", "-d", "--rm", "busybox", "sleep", "0.1");
    await until("the container is gone", async () => (await engine.docker(["inspect", id])).code === 1);
  });

  it("-i pipes stdin through, byte for byte", async () => {
    const input = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const expected = await execute("md5sum", [], { input });
    const { code, stdout } = await engine.docker(["run", "--rm", "-i", "busybox", "md5sum"], { input });
    assert.deepEqual({ code, stdout }, { code: 0, stdout: expected.stdout });
  });

  it("ends when the command ends although stdin stays open", async () => {
    assert.ok(dockerPath);
    const client = spawn(dockerPath, ["run", "--rm", "-i", "busybox", "echo", "done"], {
      env: { ...process.env, ...engine.clientEnv },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [shown, [code]] = await Promise.all([text(client.stdout), once(client, "exit")]);
    assert.deepEqual([shown, code], ["done\n", 0]);
    client.stdin.destroy();
  });

  it("-it gives the command a terminal of the right size", async () => {
    const command =
      "stty cols 101 rows 37; docker run --rm -it busybox sh -c 'tty; stty size; sleep 0.2; stty size'";
    const { code, stdout } = await execute("script", ["-qec", command, "/dev/null"], {
      env: { ...engine.clientEnv, TERM: "xterm" },
      input: "",
    });
    assert.equal(code, 0);
    assert.match(stdout, /\/dev\/(pts\/0|console)/);
    assert.match(stdout, /37 101/);
  });

  it("-it passes what is typed and the exit code", async () => {
    const { code, stdout } = await execute("script", ["-qec", "docker run --rm -it busybox", "/dev/null"], {
      env: { ...engine.clientEnv, TERM: "xterm" },
      input: "echo typed $((40+2))\nexit 7\n",
    });
    assert.equal(code, 7);
    assert.match(stdout, /typed 42/);
  });

  it("gives the container the environment, host name, user and folder that were asked for", async () => {
    const shown = await engine.ok(
      "run",
      "--rm",
      "-e",
      "A=b c",
      "-h",
      "box",
      "-u",
      "nobody",
      "-w",
      "/var/log",
      "busybox",
      "sh",
      "-c",
      "echo $A; hostname; id -un; pwd",
    );
    assert.equal(shown, "b c\nbox\nnobody\n/var/log");
  });

  it("makes the working folder where there is none", async () => {
    assert.equal(await engine.ok("run", "--rm", "-w", "/srv/new/one", "busybox", "pwd"), "/srv/new/one");
  });

  it("--entrypoint replaces the image's", async () => {
    assert.equal(await engine.ok("run", "--rm", "--entrypoint", "/bin/echo", "busybox", "-n", "x"), "x");
  });

  it("keeps what one container writes from the others", async () => {
    await engine.ok("run", "--name", "writer", "busybox", "touch", "/mine");
    const { code } = await engine.docker(["run", "--rm", "busybox", "test", "-e", "/mine"]);
    assert.equal(code, 1);
    await engine.ok("rm", "writer");
  });

  it("has the limits of a container: no mounts, no other processes, no kernel settings", async () => {
    const { code, stderr } = await engine.docker([
      "run",
      "--rm",
      "busybox",
      "mount",
      "-t",
      "tmpfs",
      "none",
      "/mnt",
    ]);
    assert.notEqual(code, 0, stderr);
    assert.equal(await engine.ok("run", "--rm", "busybox", "sh", "-c", "ps | wc -l"), "4");
    const write = await engine.docker([
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "echo 1 > /proc/sys/kernel/panic",
    ]);
    assert.match(write.stderr, /read-only file system/i);
  });

  it("--read-only, --tmpfs and -v do what they say", async () => {
    const script =
      "touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch; cat /given/hello";
    await engine.inside(
      "sh",
      "-c",
      `mkdir -p ${engine.folder}/given; echo hello > ${engine.folder}/given/hello`,
    );
    const shown = await engine.ok(
      "run",
      "--rm",
      "--read-only",
      "--tmpfs",
      "/scratch",
      "-v",
      `${engine.folder}/given:/given:ro`,
      "busybox",
      "sh",
      "-c",
      script,
    );
    assert.equal(shown, "read-only\nscratch\nhello");
  });

  it("--device of a folder without devices is refused", async () => {
    const { code, stderr } = await engine.docker(["run", "--rm", "--device", "/etc", "busybox", "true"]);
    assert.equal(code, 125);
    assert.match(
      stderr,
      /error gathering device information while adding custom device "\/etc": not a device node/,
    );
  });

  it("is listed by its image's id once the name is another's, and below the images it was built on", async () => {
    const build = (name: string, from: string, label: string) =>
      engine.docker(["build", "-t", name, "-"], { input: `FROM ${from}\nLABEL is=${label}\n` });
    await build("base:1", "busybox", "base");
    await build("cousin:1", "busybox", "cousin");
    await build("child:1", "base:1", "child");
    for (const name of ["base", "cousin", "child"])
      await engine.ok("create", "--name", `of-${name}`, `${name}:1`, "true");
    const listed = (...options: string[]) =>
      engine.ok("ps", "-a", "--no-trunc", ...options, "--format", "{{.Names}} {{.Image}}");
    assert.equal(await listed("-f", "ancestor=base:1"), "of-child child:1\nof-base base:1");
    const id = await engine.ok("image", "inspect", "-f", "{{.Id}}", "cousin:1");
    await engine.ok("tag", "base:1", "cousin:1");
    assert.equal(await listed("-f", "name=of-cousin"), `of-cousin ${id}`);
    await engine.ok("rm", "of-base", "of-cousin", "of-child");
  });

  it("-v NAME keeps what is written from one container to the next", async () => {
    await engine.ok("run", "--rm", "-v", "kept:/data", "busybox", "sh", "-c", "echo kept > /data/file");
    assert.equal(
      await engine.ok("run", "--rm", "-v", "kept:/data:ro", "busybox", "cat", "/data/file"),
      "kept",
    );
    await engine.ok("volume", "rm", "kept");
  });

  it("runs eight at once", async () => {
    const runs = Array.from({ length: 8 }, (_, index) =>
      engine.ok("run", "--rm", "busybox", "echo", String(index)),
    );
    assert.deepEqual(await Promise.all(runs), ["0", "1", "2", "3", "4", "5", "6", "7"]);
    assert.equal(await engine.ok("ps", "-aq"), "");
  });
});
