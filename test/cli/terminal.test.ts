import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { type Played, playOnTerminal, type Step, withoutPython } from "./play.ts";

const wharf = join(import.meta.dirname, "../../wharf");

describe("wharf on a terminal", { skip: withoutRoot || withoutPython }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    await engine.ok("run", "-dit", "--name", "shell", "busybox", "sh");
    await engine.ok(
      "run",
      "-d",
      "--name",
      "plain",
      "busybox",
      "sh",
      "-c",
      "while :; do echo tick; sleep 0.1; done",
    );
  });
  after(() => engine[Symbol.asyncDispose]());

  const play = (args: readonly string[], steps: readonly Step[]): Promise<Played> =>
    playOnTerminal([wharf, ...args], steps, { WHARF_HOST: engine.host });

  const CTRL_P_Q = "\x10\x11";

  it("run -it gives the process a terminal of our size, passes keys and its exit code", async () => {
    const { output, code } = await play(
      ["run", "--rm", "-it", "busybox", "sh"],
      [
        { expect: "# " },
        { send: "stty size; tty\r" },
        { expect: "30 100" },
        { expect: "/dev/pts/0" },
        { send: "echo a''b\x7fc; exit 5\r" },
      ],
    );
    assert.equal(code, 5, output);
    assert.match(output, /ac\r\n/);
  });

  it("a new size of ours is the process's at once", async () => {
    // The first size that is told brings a signal, too, although the terminal has had it from the beginning: the kernel
    // keeps a size for each of its ends, and the runtime sets that of the inner one.
    const told = 's=$(stty size); echo $s; [ "$s" != "11 77" ] || exit 3';
    const loop = `trap '${told}' WINCH; echo ready; while :; do sleep 0.1; done`;
    const { code } = await play(
      ["run", "--rm", "-it", "busybox", "sh", "-c", loop],
      [{ expect: "ready" }, { size: [11, 77] }, { expect: "11 77" }],
    );
    assert.equal(code, 3);
  });

  it("run is left by its keys, and the container runs on", async () => {
    const { code } = await play(
      ["run", "-it", "--name", "left", "busybox", "sh"],
      [{ expect: "# " }, { send: CTRL_P_Q }],
    );
    assert.equal(code, 0);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Running}}", "left"), "true");
  });

  it("attach joins a running terminal and is left by keys of one's own", async () => {
    const { output, code } = await play(
      ["attach", "--detach-keys", "ctrl-a,d", "shell"],
      [{ send: "echo he''llo\r" }, { expect: "hello" }, { send: "\x01d" }],
    );
    assert.match(output, /read escape sequence/);
    assert.equal(code, 1);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Running}}", "shell"), "true");
  });

  it("exec -it has a terminal of its own, and control-C belongs to the process", async () => {
    const { code } = await play(
      ["exec", "-it", "shell", "sh"],
      [
        { expect: "# " },
        { send: "sh -c 'echo st''arted; sleep 1000'\r" },
        { expect: "started\r\n" },
        { send: "\x03" },
        { expect: "# " },
        { send: "exit 4\r" },
      ],
    );
    assert.equal(code, 4);
  });

  it("a new size of ours is that of a command in exec -it and of a terminal that attach has joined", async () => {
    const loop = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done";
    await play(
      ["exec", "-it", "shell", "sh", "-c", loop],
      [{ expect: "ready" }, { size: [12, 78] }, { expect: "12 78" }, { send: "\x03" }],
    );
    await play(
      ["attach", "--detach-keys", "ctrl-a,d", "shell"],
      [
        { send: "\r" },
        { expect: "# " },
        { size: [13, 79] },
        { send: "while ! stty size | grep '13 79'; do sleep 0.1; done; echo a''sked\r" },
        { expect: "13 79" },
        { expect: "asked" },
        { send: "\x01d" },
      ],
    );
  });

  it("exec -it is left by its keys, and its command runs on", async () => {
    const { code, output } = await play(
      ["exec", "-it", "shell", "sh", "-c", "echo started; exec sleep 4321"],
      [{ expect: "started" }, { send: CTRL_P_Q }],
    );
    assert.match(output, /read escape sequence/);
    assert.notEqual(code, 0);
    assert.match(await engine.ok("top", "shell"), /sleep 4321/);
  });

  it("start -ai starts and joins", async () => {
    await engine.ok("create", "-it", "--name", "again", "busybox", "sh");
    const { code } = await play(["start", "-ai", "again"], [{ expect: "# " }, { send: "exit 6\r" }]);
    assert.equal(code, 6);
  });

  it("without a terminal in the container, control-C signals it", async () => {
    const { code, output } = await play(
      [
        "run",
        "--rm",
        "busybox",
        "sh",
        "-c",
        "trap 'echo int; exit 7' INT; echo ready; while :; do sleep 0.1; done",
      ],
      [{ expect: "ready" }, { send: "\x03" }, { expect: "int" }],
    );
    assert.equal(code, 7, output);
  });

  it("attach --sig-proxy=false ends alone", async () => {
    const { code } = await play(
      ["attach", "--sig-proxy=false", "--no-stdin", "plain"],
      [{ expect: "tick" }, { signal: 2 }],
    );
    assert.notEqual(code, 0);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Running}}", "plain"), "true");
  });

  it("stats draws over itself until control-C", async () => {
    const { output } = await play(
      ["stats"],
      [{ expect: "shell" }, { expect: "\x1b[H" }, { expect: "iB / " }, { send: "\x03" }],
    );
    assert.match(output, /CONTAINER ID +NAME +CPU %/);
  });

  it("logs -f goes on until control-C", async () => {
    await play(["logs", "-f", "shell"], [{ expect: "hello" }, { send: "\x03" }]);
  });

  it("prune asks, and no means no", async () => {
    const { output, code } = await play(["container", "prune"], [{ expect: "[y/N] " }, { send: "n\r" }]);
    assert.equal(code, 0);
    assert.doesNotMatch(output, /reclaimed/);
  });

  it("a password is not shown", async () => {
    const { output } = await play(
      ["login", "-u", "me", "127.0.0.1:1"],
      [{ expect: "Password: " }, { send: "secret\r" }],
    );
    assert.doesNotMatch(output, /secret/);
  });

  it("help is as wide as the terminal", async () => {
    const { output } = await play(["run", "--help"], []);
    assert.ok(output.split("\r\n").every((line) => line.length <= 99));
    assert.match(output, /Add a custom host-to-IP mapping \(host:ip\)/);
  });
});
