import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("docker stats and update", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    const loop = "while :; do :; done";
    await engine.ok(
      "run",
      "-d",
      "--name",
      "busy",
      "-m",
      "64m",
      "--pids-limit",
      "50",
      "busybox",
      "sh",
      "-c",
      loop,
    );
    await engine.ok("create", "--name", "idle", "busybox", "true");
  });
  after(() => engine[Symbol.asyncDispose]());

  const stats = async (...names: string[]) =>
    JSON.parse(await engine.ok("stats", "--no-stream", "--format", "{{json .}}", ...names)) as Record<
      string,
      string
    >;

  it("shows processor, memory, processes and network of a running container", async () => {
    const shown = await stats("busy");
    // How much it gets is the machine's affair.
    assert.ok(Number.parseFloat(shown["CPUPerc"] ?? "") > 0, `processor: ${shown["CPUPerc"]}`);
    assert.match(shown["MemUsage"] ?? "", /iB \/ 64MiB$/);
    assert.equal(shown["PIDs"], "1");
    assert.match(shown["NetIO"] ?? "", /B \/ /);
  });

  it("shows zeros for one that does not run", async () => {
    const shown = await stats("idle");
    assert.equal(shown["CPUPerc"], "0.00%");
    assert.equal(shown["MemUsage"], "0B / 0B");
  });

  it("changes the limits of a running container", async () => {
    await engine.ok(
      "update",
      "-m",
      "96m",
      "--memory-swap",
      "192m",
      "--cpu-shares",
      "512",
      "--pids-limit",
      "70",
      "busy",
    );
    assert.match((await stats("busy"))["MemUsage"] ?? "", /\/ 96MiB$/);
    const format = "{{.HostConfig.Memory}} {{.HostConfig.CpuShares}} {{.HostConfig.PidsLimit}}";
    assert.equal(await engine.ok("inspect", "-f", format, "busy"), `${96 * 2 ** 20} 512 70`);
  });

  it("changes the limit of swap alone, which holds with the memory it has", async () => {
    await engine.ok("update", "-m", "100m", "--memory-swap", "200m", "busy");
    await engine.ok("update", "--memory-swap", "300m", "busy");
    assert.equal(await engine.ok("inspect", "-f", "{{.HostConfig.MemorySwap}}", "busy"), String(300 << 20));
    assert.match(
      (await engine.docker(["update", "--memory-swap", "50m", "busy"])).stderr,
      /larger than memory/,
    );
  });

  it("refuses processors and memory nodes that are not there, and changes nothing", async () => {
    for (const [flag, what] of [
      ["--cpuset-cpus", "CPUs"],
      ["--cpuset-mems", "memory nodes"],
    ] as const) {
      const { stderr } = await engine.docker(["update", "--cpu-shares", "77", flag, "999", "busy"]);
      assert.match(stderr, new RegExp(`Requested ${what} are not available - requested 999, available: 0`));
    }
    const format = "{{.HostConfig.CpuShares}} {{.HostConfig.CpusetCpus}}{{.HostConfig.CpusetMems}}";
    assert.equal(await engine.ok("inspect", "-f", format, "busy"), "512");
  });

  it("takes limits away", async () => {
    await engine.ok("update", "--cpu-quota", "20000", "--pids-limit", "60", "busy");
    await engine.ok("update", "--cpu-quota", "-1", "--pids-limit", "-1", "busy");
    const format = "{{.HostConfig.CpuQuota}} {{.HostConfig.PidsLimit}}";
    assert.equal(await engine.ok("inspect", "-f", format, "busy"), "-1 0");
    const files = "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null";
    const shown = await engine.ok("exec", "busy", "sh", "-c", `${files} || cat /sys/fs/cgroup/pids.max`);
    assert.match(shown, /^max(\n-1)?$/);
  });

  it("changes the restart policy, and refuses what does not fit", async () => {
    await engine.ok("update", "--restart", "on-failure:3", "idle");
    const format = "{{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}";
    assert.equal(await engine.ok("inspect", "-f", format, "idle"), "on-failure:3");
    const refused = await engine.docker(["update", "-m", "100m", "idle"]);
    assert.match(refused.stderr, /Memory limit should be smaller than already set memoryswap limit/);
    await engine.ok("run", "-d", "--rm", "--name", "gone", "busybox", "sleep", "1000");
    const auto = await engine.docker(["update", "--restart", "always", "gone"]);
    assert.match(auto.stderr, /Restart policy cannot be updated because AutoRemove is enabled/);
  });
});
