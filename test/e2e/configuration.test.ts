import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("daemon.json", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  const folder = mkdtempSync(join(tmpdir(), "wharf-reload-"));
  const file = join(folder, "daemon.json");
  const configure = (settings: object) => writeFileSync(file, JSON.stringify(settings));

  before(async () => {
    configure({ labels: ["foo=bar"], "default-shm-size": "8m" });
    engine = await startEngine({ flags: [`--config-file=${file}`] });
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it("read again at SIGHUP is told of as an event, and counts for new containers", async () => {
    const shm = () => engine.ok("run", "--rm", "--net=none", "busybox", "df", "-k", "/dev/shm");
    assert.match(await shm(), / 8192 /);
    const [id, name] = (await engine.ok("info", "--format", "{{.ID}} {{.Name}}")).split(" ");
    configure({ labels: ["bar=foo"], "default-shm-size": "12m", "max-concurrent-downloads": 1 });
    process.kill(engine.pid, "SIGHUP");
    const reloads = () =>
      engine.ok(
        "events",
        "--since=0",
        `--until=${Date.now() / 1000}`,
        "--filter=type=daemon",
        `--filter=daemon=${id}`,
      );
    await until("the reload is told of", async () => (await reloads()) !== "");
    const told = await reloads();
    assert.match(told, new RegExp(` daemon reload ${id} \\(`));
    for (const attribute of [
      'labels=["bar=foo"]',
      "max-concurrent-downloads=1",
      "max-concurrent-uploads=5",
      "default-shm-size=12582912",
      "default-ipc-mode=private",
      "debug=false",
      "shutdown-timeout=15",
      "registry-mirrors=[]",
      `name=${name}`,
    ])
      assert.ok(told.includes(attribute), `${attribute} in ${told}`);
    assert.match(await shm(), / 12288 /);
  });

  it("with a mistake in it changes nothing, and is no event", async () => {
    configure({ labels: "no list" });
    process.kill(engine.pid, "SIGHUP");
    await until("the engine says so", () => engine.log.includes("the configuration was not reloaded"));
    assert.equal(await engine.ok("info", "--format", "{{json .Labels}}"), '["bar=foo"]');
    const window = ["--since=0", `--until=${Date.now() / 1000}`, "--filter=type=daemon"];
    assert.equal((await engine.ok("events", ...window)).split("\n").length, 1);
  });

  it("sets ulimits of the engine's, which count as they are when a container starts", async () => {
    const limited = (limit: number) =>
      configure({ "default-ulimits": { nofile: { Name: "nofile", Soft: limit, Hard: limit } } });
    limited(64);
    await engine.end("SIGTERM");
    await engine.start();
    assert.equal(
      await engine.ok("run", "--name=limited", "--net=none", "busybox", "sh", "-c", "ulimit -n"),
      "64",
    );
    const shown = () => engine.ok("inspect", "--format", "{{.HostConfig.Ulimits}}", "limited");
    assert.equal(await shown(), "[nofile=64:64]");
    limited(65);
    await engine.end("SIGTERM");
    await engine.start();
    assert.equal(await engine.ok("start", "-a", "limited"), "65");
    assert.equal(await shown(), "[nofile=65:65]");
    await engine.ok("rm", "limited");
  });

  it("may name runtimes that are not there; who asks for one is told why", async () => {
    configure({ runtimes: { vm: { path: "/nowhere/vm-manager" }, no: { path: "/bin/false" } } });
    await engine.end("SIGTERM");
    await engine.start();
    const refused = async (runtime: string) =>
      (await engine.docker(["run", "--rm", `--runtime=${runtime}`, "busybox", "true"])).stderr;
    assert.match(await refused("vm"), /runtime vm: \/nowhere\/vm-manager: no such file or directory/);
    assert.match(await refused("no"), /runtime no: \/bin\/false --version fails/);
    assert.match(await refused("other"), /unknown or invalid runtime name: other/);
  });
});
