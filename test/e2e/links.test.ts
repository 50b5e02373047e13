import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("legacy links", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  const ipOf = (name: string) =>
    engine.ok("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", name);
  const linesOf = async (name: string, pattern: RegExp) =>
    (await engine.ok("exec", name, "cat", "/etc/hosts")).split("\n").filter((line) => pattern.test(line));

  before(async () => {
    engine = await startEngine();
    await engine.ok("run", "-d", "--name", "web", "--expose", "80", "-e", "A=b", "busybox", "sleep", "1000");
    const app = ["run", "-d", "--name", "app", "--link", "web:my-db", "--link", "web"];
    await engine.ok(...app, "-e", "MINE=1", "busybox", "sleep", "1000");
  });
  after(() => engine[Symbol.asyncDispose]());

  it("tell address, ports and variables of the source", async () => {
    const ip = await ipOf("web");
    const environment = (
      await engine.ok("exec", "app", "sh", "-c", "tr '\\0' '\\n' < /proc/1/environ")
    ).split("\n");
    for (const line of [
      `MY_DB_PORT=tcp://${ip}:80`,
      `MY_DB_PORT_80_TCP_ADDR=${ip}`,
      "MY_DB_NAME=/app/my-db",
      "MY_DB_ENV_A=b",
      "WEB_NAME=/app/web",
      "MINE=1",
    ])
      assert.ok(environment.includes(line), `${line} in ${environment.join(" ")}`);
    assert.match(await engine.ok("exec", "app", "env"), /^MY_DB_NAME=\/app\/my-db$/m);
    const id = await engine.ok("inspect", "-f", "{{.Config.Hostname}}", "web");
    assert.deepEqual(await linesOf("app", /my-db|\tweb/), [`${ip}\tmy-db ${id} web`, `${ip}\tweb ${id}`]);
  });

  it("are shown by inspect and ps, and names of their own", async () => {
    const links = JSON.parse(
      await engine.ok("inspect", "-f", "{{json .HostConfig.Links}}", "app"),
    ) as string[];
    assert.deepEqual(links.sort(), ["/web:/app/my-db", "/web:/app/web"]);
    const names = await engine.ok("ps", "--no-trunc", "--filter", "name=web", "--format", "{{.Names}}");
    assert.equal(names, "app/my-db,app/web,web");
    assert.equal(await engine.ok("inspect", "-f", "{{.Name}}", "app/my-db"), "/web");
  });

  it("follow the source to its next address; the container's own lines stay", async () => {
    await engine.ok("exec", "app", "sh", "-c", "echo 192.0.2.1 mine >> /etc/hosts");
    const before = await ipOf("web");
    await engine.ok("stop", "-t", "0", "web");
    await engine.ok("run", "-d", "--name", "between", "busybox", "sleep", "1000");
    await engine.ok("start", "web");
    const ip = await ipOf("web");
    assert.notEqual(ip, before);
    assert.deepEqual(
      (await linesOf("app", /my-db|mine/)).map((line) => line.split(/\s/)[0]),
      ["192.0.2.1", ip],
    );
  });

  it("outlive a rename and a restart of the engine", async () => {
    await engine.ok("rename", "web", "site");
    await engine.end("SIGKILL");
    await engine.start();
    assert.match(await engine.ok("inspect", "-f", "{{.HostConfig.Links}}", "app"), /\/site:\/app\/my-db/);
    await engine.ok("restart", "-t", "0", "app");
    assert.equal((await linesOf("app", /my-db/)).length, 1);
  });

  it("go by rm --link, and with their source", async () => {
    await engine.ok("rm", "--link", "app/web");
    assert.deepEqual(await linesOf("app", /\tweb /), []);
    assert.equal(await engine.ok("inspect", "-f", "{{.HostConfig.Links}}", "app"), "[/site:/app/my-db]");
    assert.match(
      (await engine.docker(["rm", "--link", "app"])).stderr,
      /cannot remove the default link name/,
    );
    await engine.ok("stop", "-t", "0", "app", "site");
    const refused = await engine.docker(["start", "app"]);
    assert.match(refused.stderr, /Cannot link to a non running container: \/site AS \/app\/my-db/);
    await engine.ok("rm", "site");
    await engine.ok("start", "app");
    assert.equal(await engine.ok("inspect", "-f", "{{.HostConfig.Links}}", "app"), "[]");
  });

  it("refuse what Docker refuses", async () => {
    const create = async (...args: readonly string[]) =>
      (await engine.docker(["create", ...args, "busybox", "true"])).stderr;
    assert.match(
      await create("--link", "absent:x"),
      /could not get container for absent: No such container: absent/,
    );
    await engine.ok("run", "-d", "--name", "hosted", "--network", "host", "busybox", "sleep", "1000");
    assert.match(await create("--link", "hosted:x"), /host type networking can't be used with links/);
    assert.match(await create("--link", "a:b:c"), /bad format for links: a:b:c/);
  });

  it("are started again by the engine after what they link to, as are those that share a network", async () => {
    const always = ["run", "-d", "--restart", "always"];
    await engine.ok(...always, "--name", "first", "busybox", "sleep", "1000");
    await engine.ok(...always, "--name", "second", "--link", "first:one", "busybox", "sleep", "1000");
    await engine.ok(
      ...always,
      "--name",
      "third",
      "--network",
      "container:second",
      "busybox",
      "sleep",
      "1000",
    );
    await engine.end("SIGTERM");
    await engine.start();
    const names = (await engine.ok("ps", "--format", "{{.Names}}")).split("\n");
    for (const name of ["first", "second", "third"]) assert.ok(names.includes(name), `${name} runs`);
    assert.doesNotMatch(engine.log, /could not restart/);
    await engine.ok("rm", "-f", "third", "second", "first");
  });
});
