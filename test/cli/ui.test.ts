import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { type Played, playOnTerminal, type Step, withoutPython } from "./play.ts";

const wharf = join(import.meta.dirname, "../../wharf");
const LEFT = "\x1b[?25h\x1b[?1049l";

describe("wharf ui", { skip: withoutDocker || withoutRoot || withoutPython }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    const hostile = "printf 'first \\033[2J\\033]0;title\\007\\033[31mline\\n'";
    await engine.ok("run", "-d", "--name", "web", "busybox", "sh", "-c", `${hostile}; sleep 1000`);
    await engine.ok("run", "-d", "--name", "worker", "busybox", "sleep", "1000");
  });
  after(() => engine[Symbol.asyncDispose]());

  /** Plays a script with the user interface, which has to leave the terminal as it found it. */
  async function play(steps: readonly Step[], env: Readonly<Record<string, string>> = {}): Promise<Played> {
    const played = await playOnTerminal([wharf, "ui"], steps, { WHARF_HOST: engine.host, ...env });
    assert.ok(played.output.includes("\x1b[?1049h"), "on a screen of its own");
    assert.ok(played.output.includes(LEFT), "which it leaves");
    assert.equal(played.restored, true, "with the terminal's modes as they were");
    return played;
  }
  const state = (name: string) => engine.ok("inspect", "-f", "{{.State.Status}}", name);

  it("lists containers with their logs, moves, and quits", async () => {
    const { output, code } = await play([
      { shows: "web" },
      { shows: "first line" },
      { send: "\x1b[B" },
      { shows: "no output yet" },
      { send: "s" },
      { shows: "Memory" },
      { send: "i" },
      { shows: "sleep 1000" },
      { send: "2" },
      { shows: "busybox:latest" },
      { shows: "Layers" },
      { send: "?" },
      { shows: "choose a list" },
      { send: "q" },
      { send: "q" },
    ]);
    assert.equal(code, 0);
    assert.ok(output.endsWith(LEFT), "nothing is written behind it");
    assert.ok(!output.includes("\x1b]0;title"), "a log says nothing to the terminal");
  });

  it("shows what happens, stops and starts, and removes when told twice", async () => {
    await engine.ok("run", "-d", "--name", "zshort", "--stop-signal", "KILL", "busybox", "sleep", "1000");
    await play([
      { shows: "zshort" },
      { send: "/zshort\r" },
      { send: "p" },
      { shows: "zshort pause" },
      { send: "p" },
      { shows: "runs again" },
      { send: "S" },
      { shows: "zshort stopped" },
      { shows: "exit 137" },
      { send: "d" },
      { shows: "Remove the container zshort" },
      { send: "n" },
      { send: "S" },
      { shows: "zshort started" },
      { send: "dy" },
      { shows: "zshort removed" },
      { shows: "nothing fits" },
      { send: "q" },
    ]);
    assert.equal(await engine.ok("ps", "-aq", "--filter", "name=zshort"), "");
  });

  it("gives the terminal to a shell and takes it back", async () => {
    const { output } = await play([
      { shows: "web" },
      { send: "e" },
      { shows: "exit leads back" },
      { expect: "# " },
      { send: "hostname; stty size; exit 3\r" },
      { shows: "30 100" },
      { shows: "● worker" },
      { send: "j" },
      { shows: "no output yet" },
      { send: "q" },
    ]);
    assert.equal(output.split("\x1b[?1049h").length, 3);
  });

  it("fits a new size of the terminal, without colours where none are wanted", async () => {
    const { output } = await play(
      [
        { shows: "first line" },
        { size: [20, 40] },
        { shows: "1 Containers 2   2   3   4" },
        { send: "l" },
        { shows: "first line" },
        { send: "q" },
      ],
      { NO_COLOR: "1" },
    );
    assert.doesNotMatch(output, /\[0;(?:\d;)*[349]\d/);
  });

  for (const [name, signal] of [
    ["SIGTERM", 15],
    ["SIGHUP", 1],
    ["SIGINT", 2],
  ] as const)
    it(`leaves the terminal as it was when ended by ${name}`, async () => {
      const { code } = await play([{ shows: "web" }, { signal }]);
      assert.equal(code, 128 + signal);
    });

  it("leaves the terminal when stopped and comes back when continued", async () => {
    const { output, code } = await play([
      { shows: "first line" },
      { send: "\x1a" },
      { expect: LEFT },
      { stopped: true },
      { signal: 18 },
      { shows: "first line" },
      { send: "q" },
    ]);
    assert.equal(code, 0);
    assert.equal(output.split(LEFT).length, 3);
  });

  it("says when the engine is lost, and goes on when it is back", async () => {
    const flag = (name: string) => join(engine.folder, `ui-${name}`);
    const playing = play([
      { shows: "web" },
      { run: ["touch", flag("is-there")] },
      { shows: "is not reached" },
      { run: ["touch", flag("has-noticed")] },
      { shows: `● ${engine.host}` },
      { send: "3" },
      { shows: "bridge" },
      { send: "q" },
    ]);
    await until("the user interface is there", () => existsSync(flag("is-there")));
    await engine.end("SIGKILL");
    await until("it has noticed", () => existsSync(flag("has-noticed")));
    await engine.start();
    assert.equal((await playing).code, 0);
    assert.equal(await state("web"), "running");
  });

  it("says where there is no engine, and leaves the screen alone", async () => {
    const steps = [{ expect: "Cannot connect to the Docker daemon" }];
    const { output, code } = await playOnTerminal([wharf, "ui"], steps, {
      WHARF_HOST: "unix:///nonexistent.sock",
    });
    assert.equal(code, 1);
    assert.ok(!output.includes("\x1b[?1049h"));
  });

  it("needs a terminal", async () => {
    const { stderr, code } = await execute(wharf, ["ui"], {
      env: { WHARF_HOST: engine.host },
    });
    assert.equal(code, 1);
    assert.match(stderr, /needs a terminal/);
  });
});
