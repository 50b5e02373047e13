import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const wharf = join(import.meta.dirname, "../../wharf");

describe("wharf logs of several containers", { skip: withoutDocker || withoutRoot }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    const speak = (word: string, more = "") =>
      `for i in 1 2 3; do echo ${word} $i; sleep 0.05; echo ${word} bad $i >&2; sleep 0.05; done; ${more}`;
    await engine.ok("run", "-d", "--name", "one", "--label", "app=x", "busybox", "sh", "-c", speak("a"));
    await engine.ok("run", "-dt", "--name", "bee", "--label", "app=x", "busybox", "sh", "-c", speak("b"));
    await engine.ok("wait", "one", "bee");
  });
  after(() => engine[Symbol.asyncDispose]());

  const logs = (...args: string[]) => execute(wharf, ["logs", ...args], { env: { WHARF_HOST: engine.host } });
  const lines = (text: string) => text.split("\n").slice(0, -1);

  it("are in order of time behind their names, stdout and stderr apart", async () => {
    const { stdout, stderr, code } = await logs("-t", "one", "bee");
    assert.equal(code, 0);
    assert.deepEqual(
      lines(stderr).map((line) => line.replace(/\d{4}\S+Z/, "TIME")),
      ["one | TIME a bad 1", "one | TIME a bad 2", "one | TIME a bad 3"],
    );
    // The terminal's container has one stream only.
    assert.equal(lines(stdout).length, 3 + 6);
    const times = lines(stdout).map((line) => line.split(" | ")[1]?.slice(0, 30) ?? "");
    assert.deepEqual(times, [...times].sort());
  });

  it("are chosen by a filter, cut by --tail and searched with --grep", async () => {
    const found = await logs("--filter", "label=app=x", "--grep", "^. (bad )?[23]$", "--tail", "4");
    assert.deepEqual(lines(found.stdout).sort(), [
      "bee | b 2",
      "bee | b 3",
      "bee | b bad 2",
      "bee | b bad 3",
      "one | a 2",
      "one | a 3",
    ]);
    const one = await logs("--grep", "bad 2", "one");
    assert.deepEqual([one.stdout, one.stderr], ["", "a bad 2\n"]);
  });

  it("follow those that start again or begin to fit, until an interrupt", async () => {
    const child = spawn(wharf, ["logs", "-f", "--filter", "label=app=y", "--tail", "0"], {
      env: { ...process.env, WHARF_HOST: engine.host },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let shown = "";
    child.stdout.on("data", (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const has = (text: string) => until(`shown: ${text}`, () => shown.includes(text));
    const run = (name: string, command: string) =>
      engine.ok("run", "-d", "--name", name, "--label", "app=y", "busybox", "sh", "-c", command);
    // When it follows is not to be seen from outside: somebody new is shown as soon as it does.
    await until("logs follows", async () => {
      await engine.ok("run", "--rm", "--label", "app=y", "busybox", "sh", "-c", "echo here; sleep 0.2");
      return shown.includes("here");
    });
    await run("late", "echo >>/runs; echo late-$(wc -l </runs)");
    await has("| late-");
    await engine.ok("start", "late");
    await until("the second run of it is shown", () => shown.match(/\| late-/g)?.length === 2);
    assert.deepEqual(shown.match(/late-\d+/g), ["late-1", "late-2"]);
    const ended = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
    child.kill("SIGINT");
    assert.equal(await ended, "SIGINT");
  });

  it("follow named ones until the last has ended", async () => {
    await engine.ok("run", "-d", "--name", "last", "busybox", "sh", "-c", "echo c; sleep 0.5; echo end");
    const { stdout, code } = await logs("-f", "one", "last");
    assert.equal(code, 0);
    assert.match(stdout, /last \| end\n$/);
  });

  it("say which log cannot be read and show the others", async () => {
    await engine.ok("run", "-d", "--name", "silent", "--log-driver", "none", "busybox", "true");
    const { stdout, stderr, code } = await logs("one", "silent", "--tail", "2");
    assert.equal(code, 1);
    assert.match(stderr, /silent: Error response from daemon: configured logging driver does not support/);
    assert.match(stdout, /one {4}\| a 3/);
    const missing = await logs("one", "nobody");
    assert.equal(missing.code, 1);
    assert.equal(missing.stdout, "");
    assert.match(missing.stderr, /No such container: nobody/);
  });
});
