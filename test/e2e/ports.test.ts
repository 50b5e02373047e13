import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ApiError, createClient } from "../../src/api/client/index.ts";
import { execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

interface Seen {
  readonly HostConfig: { readonly PortBindings: Readonly<Record<string, readonly unknown[] | null>> };
}

const serve = ["busybox", "sh", "-c", "echo served > /tmp/index.html; exec httpd -f -p 80 -h /tmp"];

describe("published ports", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine({ direct: true });
  });
  after(() => engine[Symbol.asyncDispose]());

  const page = (port: number | string, host = "127.0.0.1") =>
    engine
      .inside("timeout", "30", "busybox", "wget", "-q", "-O", "-", `http://${host}:${port}/`)
      .catch(() => "nothing");
  const served = (port: number) => until("the page is served", async () => (await page(port)) === "served");
  const client = () => createClient({ socketPath: engine.socket });

  it("take every form of docker run -p", async () => {
    const forms = ["8080:80", "127.0.0.1:8081:80", "127.0.0.1::80", "80", "[::1]:8082:80", "8083-8084:80-81"];
    const flags = forms.flatMap((form) => ["-p", form]);
    const id = await engine.ok("run", "-d", ...flags, "-p", "8085:53/udp", "-p", "8090-8095:82", ...serve);
    await served(8080);
    const shown = (await engine.ok("port", id)).split("\n");
    for (const line of [
      "53/udp -> 0.0.0.0:8085",
      "53/udp -> [::]:8085",
      "80/tcp -> 0.0.0.0:8080",
      "80/tcp -> [::]:8080",
      "80/tcp -> 127.0.0.1:8081",
      "80/tcp -> [::1]:8082",
      "80/tcp -> 0.0.0.0:8083",
      "81/tcp -> 0.0.0.0:8084",
      "82/tcp -> 0.0.0.0:8090",
    ])
      assert.ok(shown.includes(line), `${line} in ${shown.join(", ")}`);
    assert.ok(
      shown.some((line) => /^80\/tcp -> 127\.0\.0\.1:(3[2-9]|[45]\d|60)\d{3}$/.test(line)),
      "one of the ephemeral range",
    );
    assert.equal(await page(8082, "[::1]"), "served");
    assert.equal(await page(8080, "[::1]"), "served");
    await engine.ok("rm", "-f", id);
  });

  it("refuse what is no port, ranges of unequal length and a port that is taken, before the container runs", async () => {
    const refused = async (text: RegExp, ...flags: string[]) => {
      const { code, stderr } = await engine.docker(["run", "-d", "--name", "refused", ...flags, ...serve]);
      assert.equal(code, 125);
      assert.match(stderr, text);
      await engine.docker(["rm", "refused"]);
    };
    await refused(/invalid ranges specified/i, "-p", "8100-8102:80-81");
    await refused(/invalid (host|container)port/i, "-p", "70000:80");
    await refused(/invalid port specification: "0\/tcp"/, "-p", "80:0/tcp");
    const first = await engine.ok("run", "-d", "-p", "8100:80", ...serve);
    await refused(/Bind for 0\.0\.0\.0:8100 failed: port is already allocated/, "-p", "8100:80");
    await engine.ok("rm", "-f", first);
  });

  it("may be added to a container that runs, and withdrawn from it; clients see them as their own", async () => {
    const id = await engine.ok("run", "-d", "--name", "web", "-p", "8110:80", ...serve);
    await served(8110);
    const wharf = client();
    const added = await wharf.call("WharfPortAdd", { id: "web", body: { Spec: "8111:80" } });
    assert.deepEqual(added, [
      { Port: "80/tcp", HostIp: "0.0.0.0", HostPort: 8111 },
      { Port: "80/tcp", HostIp: "::", HostPort: 8111 },
    ]);
    assert.equal(await page(8111), "served");
    assert.match(await engine.ok("port", id), /^80\/tcp -> 0\.0\.0\.0:8111$/m);
    assert.match(await engine.ok("ps", "--format", "{{.Ports}}"), /0\.0\.0\.0:8111->80\/tcp/);
    const free = await wharf.call("WharfPortAdd", { id, body: { Spec: "127.0.0.1::80" } });
    assert.equal(await page(free[0]!.HostPort), "served");

    await engine.end("SIGKILL");
    await engine.start();
    assert.equal(await page(8111), "served", "it outlives the engine");
    await engine.ok("restart", "-t", "0", id);
    await served(8111);

    await assert.rejects(wharf.call("WharfPortAdd", { id, body: { Spec: "8110:81" } }), (error) => {
      assert.ok(error instanceof ApiError);
      return /port is already allocated/.test(error.message);
    });
    const removed = await wharf.call("WharfPortRemove", { id, spec: "8110:80" });
    assert.deepEqual(
      removed.map(({ HostPort }) => HostPort),
      [8110, 8110],
    );
    assert.equal(await page(8110), "nothing");
    assert.equal(await page(8111), "served", "the rule that lets it pass is still there");
    await wharf.call("WharfPortRemove", { id, spec: "80" });
    assert.equal(await page(8111), "nothing");
    assert.deepEqual((await engine.inspect<Seen>(id)).HostConfig.PortBindings, {});
    assert.doesNotMatch(await engine.inside("iptables-save"), /--dport (81\d\d|80) /);
    await assert.rejects(
      wharf.call("WharfPortRemove", { id, spec: "8110:80" }),
      /is not published by container web/,
    );
    await engine.ok("rm", "-f", id);
  });

  it("of a container on an internal network are published by the first network that leads outside, and follow it", async () => {
    await engine.ok("network", "create", "--internal", "inner");
    await engine.ok("network", "create", "outer");
    await engine.ok(
      "network",
      "create",
      "-o",
      "com.docker.network.bridge.host_binding_ipv4=127.0.0.1",
      "a-local",
    );
    const serve = ["busybox", "httpd", "-f", "-p", "80", "-h", "/etc"];
    await engine.ok(
      "run",
      "-d",
      "--name",
      "mover",
      "--network",
      "inner",
      "-p",
      "8086:80",
      "-p",
      "80",
      ...serve,
    );
    const ports = async () => (await engine.ok("port", "mover")).split("\n").sort();
    const ask = () => engine.inside("busybox", "wget", "-qO-", "http://127.0.0.1:8086/hostname");
    const reached = () =>
      until("the page is served", () =>
        ask().then(
          (text) => /^[0-9a-f]{12}$/.test(text),
          () => false,
        ),
      );
    assert.deepEqual(await ports(), [""]);
    await assert.rejects(ask());
    await engine.ok("network", "connect", "outer", "mover");
    const [first, second, ...more] = await ports();
    assert.match(`${first} ${second}`, /^80\/tcp -> 0\.0\.0\.0:\d+ 80\/tcp -> 0\.0\.0\.0:8086$/);
    assert.equal(more.length, 2);
    await reached();
    // Takes the default route, and publishes on the loopback alone.
    await engine.ok("network", "connect", "--gw-priority", "1", "a-local", "mover");
    const local = await ports();
    assert.equal(local.length, 2);
    assert.ok(local.includes("80/tcp -> 127.0.0.1:8086"));
    await reached();
    await engine.ok("network", "disconnect", "a-local", "mover");
    assert.equal((await ports()).length, 4);
    await engine.end("SIGKILL");
    await engine.start();
    await reached();
    await engine.ok("network", "disconnect", "outer", "mover");
    assert.deepEqual(await ports(), [""]);
    await engine.ok("run", "--rm", "-p", "8086:80", "busybox", "true");
    await engine.ok("rm", "-f", "mover");
    await engine.ok("network", "rm", "inner", "outer", "a-local");
  });

  it("added to a container that does not run are there when it starts", async () => {
    const id = await engine.ok("create", ...serve);
    const wharf = client();
    assert.deepEqual(await wharf.call("WharfPortAdd", { id, body: { Spec: "8120:80" } }), []);
    await engine.ok("start", id);
    await served(8120);
    await engine.ok("rm", "-f", id);
    const alone = await engine.ok("create", "--network", "none", ...serve);
    await assert.rejects(
      wharf.call("WharfPortAdd", { id: alone, body: { Spec: "80" } }),
      /has no ports of its own/,
    );
    await assert.rejects(
      wharf.call("WharfPortAdd", { id: alone, body: { Spec: "x" } }),
      /invalid containerPort/,
    );
    await engine.ok("rm", alone);
  });

  it("are explained: bridge, both ends of the pair, rules with their counters", async () => {
    const id = await engine.ok("run", "-d", "--name", "explained", "-p", "8130:80", ...serve);
    await served(8130);
    const path = await client().call("WharfNetworkExplain", { id, port: "80" });
    const [endpoint] = path.Endpoints;
    assert.deepEqual(
      [endpoint?.Bridge?.Name, endpoint?.Container?.Name, endpoint?.DefaultRoute],
      ["docker0", "eth0", true],
    );
    assert.equal(endpoint?.Host?.Index, endpoint?.Container?.PeerIndex);
    assert.equal(endpoint?.Container?.Index, endpoint?.Host?.PeerIndex);
    const [v4, v6] = path.Ports;
    assert.deepEqual([v4?.By, v4?.Loopback, v6?.By], ["kernel", "kernel", "engine"]);
    const dnat = v4?.Rules.find(({ Rule }) => Rule.includes("DNAT --to-destination"));
    assert.ok(dnat && dnat.Packets > 0 && dnat.Bytes > 0, JSON.stringify(v4?.Rules));
    await assert.rejects(
      client().call("WharfNetworkExplain", { id, port: "81" }),
      /port 81 is not published/,
    );
    await engine.ok("rm", "-f", id);
    await assert.rejects(client().call("WharfNetworkExplain", { id }), /No such container/);
  });

  it("are added, explained and withdrawn by the wharf command", async () => {
    const id = await engine.ok("run", "-d", "--name", "spoken", ...serve);
    const run = (...args: string[]) =>
      execute(join(import.meta.dirname, "../../wharf"), args, { env: { WHARF_HOST: engine.host } });
    const added = await run("port", "add", "spoken", "8150:80", "127.0.0.1:8151:80");
    assert.deepEqual(
      [added.stderr, added.stdout],
      ["", "80/tcp -> 0.0.0.0:8150\n80/tcp -> [::]:8150\n80/tcp -> 127.0.0.1:8151\n"],
    );
    await served(8151);
    const drawn = await run("network", "explain", "spoken", "8150");
    assert.match(
      drawn.stdout,
      /what comes to 0\.0\.0\.0:8150 \(tcp\) the kernel rewrites to 172\.17\.0\.\d+:80\./,
    );
    assert.match(drawn.stdout, /^ {2}docker0 .*\n {4}│\n {2}veth\w+ .*\n {4}╎ .*\n {2}eth0 /m);
    assert.equal((await run("port", "spoken", "80")).stdout, "0.0.0.0:8150\n[::]:8150\n127.0.0.1:8151\n");
    const removed = await run("port", "rm", "spoken", "8150:80");
    assert.equal(removed.stdout, "80/tcp -> 0.0.0.0:8150\n80/tcp -> [::]:8150\n");
    const again = await run("port", "rm", "spoken", "8150:80");
    assert.deepEqual([again.code, /is not published by container spoken/.test(again.stderr)], [1, true]);
    await engine.ok("rm", "-f", id);
  });

  it("come back with SIGHUP when somebody has flushed the rules", async () => {
    const id = await engine.ok("run", "-d", "-p", "8140:80", ...serve);
    await served(8140);
    for (const table of ["nat", "filter"]) await engine.inside("iptables", "-t", table, "-F");
    process.kill(engine.pid, "SIGHUP");
    await until("the rules are there", async () =>
      (await engine.inside("iptables-save")).includes("--dport 8140 "),
    );
    // The tables are written one after the other.
    await served(8140);
    await engine.ok("rm", "-f", id);
  });
});
