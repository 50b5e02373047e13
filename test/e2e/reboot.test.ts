import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

/** What a reboot leaves of the engine: its disk. Every process is gone, and so is all that lay on a tmpfs. */
async function reboot(engine: EngineUnderTest, pids: readonly string[]): Promise<void> {
  await engine.end("SIGKILL");
  const monitors = readdirSync("/proc").filter(
    (pid) =>
      /^\d+$/.test(pid) && commandOf(pid).includes("conmon") && commandOf(pid).includes(engine.execRoot),
  );
  // The monitors first: nobody writes down how the containers end.
  for (const pid of [...monitors, ...pids]) process.kill(Number(pid), "SIGKILL");
  await until("all processes are gone", () => [...monitors, ...pids].every((pid) => commandOf(pid) === ""));
  for (const folder of ["containers", "exits", "execs", "runtimes"])
    await rm(join(engine.execRoot, folder), { recursive: true, force: true });
  await engine.start();
}

describe("a reboot of the machine", { skip: withoutRoot || withoutDocker }, () => {
  it("brings back what its restart policy wants running, and nothing else", async () => {
    await using engine = await startEngine();
    const run = (name: string, ...options: string[]) =>
      engine.ok("run", "-d", "--name", name, ...options, "busybox", "sleep", "100000");
    await run("no");
    await run("always", "--restart", "always");
    await run("unless", "--restart", "unless-stopped");
    await run("failure", "--restart", "on-failure");
    await run("removed", "--rm");
    await run("stopped-always", "--restart", "always");
    await run("stopped-unless", "--restart", "unless-stopped");
    await engine.ok("stop", "-t", "0", "stopped-always", "stopped-unless");
    const alive = ["no", "always", "unless", "failure", "removed"];
    const pids = (await engine.ok("inspect", "-f", "{{.State.Pid}}", ...alive)).split("\n");
    await reboot(engine, pids);
    const statusOf = (name: string) => engine.ok("inspect", "-f", "{{.State.Status}}", name);
    for (const name of ["always", "unless", "failure", "stopped-always"])
      assert.equal(await statusOf(name), "running", `${name} runs again when the engine answers`);
    assert.equal(
      await engine.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "no"),
      "exited 255",
    );
    assert.equal(await statusOf("stopped-unless"), "exited");
    await until("--rm is gone", async () => (await engine.docker(["inspect", "removed"])).code !== 0);
    await engine.ok("exec", "always", "true");
    await engine.ok("start", "no");
    assert.equal(await statusOf("no"), "running");
  });
});
