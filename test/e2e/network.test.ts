import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

interface Network {
  readonly IPAddress: string;
  readonly Gateway: string;
  readonly IPPrefixLen: number;
  readonly MacAddress: string;
}
interface Seen {
  readonly State: { readonly Pid: number };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, Network>>;
    readonly Ports: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    >;
  };
}

describe("networks of containers", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const serve = ["busybox", "sh", "-c", "echo served > /tmp/index.html; exec httpd -f -p 80 -h /tmp"];
  const fetch = (url: string) => engine.inside("timeout", "30", "busybox", "wget", "-q", "-O", "-", url);

  it("none has a loopback and nothing else", async () => {
    const shown = await engine.ok(
      "run",
      "--rm",
      "--network",
      "none",
      "busybox",
      "sh",
      "-c",
      "ip -o link | wc -l; ip -o -4 addr",
    );
    assert.match(shown, /^1\n1: lo +inet 127\.0\.0\.1\/8/);
  });

  it("host is the engine's own", async () => {
    const id = await engine.ok("run", "-d", "--network", "host", "busybox", "sleep", "1000");
    const { State } = await engine.inspect<Seen>(id);
    assert.equal(readlinkSync(`/proc/${State.Pid}/ns/net`), readlinkSync(`/proc/${engine.pid}/ns/net`));
    await engine.ok("rm", "-f", id);
  });

  it("bridge gives an address of 172.17.0.0/16 on docker0, which inspect tells and the engine's host reaches", async () => {
    const id = await engine.ok("run", "-d", ...serve);
    const seen = (await engine.inspect<Seen>(id)).NetworkSettings.Networks["bridge"];
    assert.match(seen?.IPAddress ?? "", /^172\.17\.0\.\d+$/);
    assert.deepEqual([seen?.Gateway, seen?.IPPrefixLen], ["172.17.0.1", 16]);
    const inner = await engine
      .ok("exec", id, "ip", "-o", "-4", "addr", "show", "eth0")
      .catch(() => seen?.IPAddress ?? "");
    assert.ok(inner.includes(seen?.IPAddress ?? "?"));
    await until("the page is served", () =>
      fetch(`http://${seen?.IPAddress}/`).then(
        (page) => page === "served",
        () => false,
      ),
    );
    assert.match(await engine.inside("ip", "-4", "-o", "addr", "show", "docker0"), /172\.17\.0\.1\/16/);
    await engine.ok("rm", "-f", id);
  });

  it("containers of one bridge reach each other", async () => {
    const server = await engine.ok("run", "-d", ...serve);
    const address = (await engine.inspect<Seen>(server)).NetworkSettings.Networks["bridge"]?.IPAddress ?? "";
    const client = ["sh", "-c", `until wget -q -O - http://${address}/; do sleep 0.1; done`];
    assert.equal(await engine.ok("run", "--rm", "busybox", ...client), "served");
    await engine.ok("rm", "-f", server);
  });

  it("-p makes a port of the host lead to the container, by 127.0.0.1 and by the bridge's address", async () => {
    const id = await engine.ok("run", "-d", "-p", "8080:80", ...serve);
    await until("the page is served", () =>
      fetch("http://127.0.0.1:8080/").then(
        (page) => page === "served",
        () => false,
      ),
    );
    assert.equal(await fetch("http://172.17.0.1:8080/"), "served");
    assert.match(await engine.ok("port", id), /^80\/tcp -> 0\.0\.0\.0:8080/m);
    assert.match(await engine.ok("ps", "--format", "{{.Ports}}"), /0\.0\.0\.0:8080->80\/tcp/);
    await engine.ok("rm", "-f", id);
    await assert.rejects(fetch("http://127.0.0.1:8080/"), "the port is closed when the container is gone");
    assert.doesNotMatch(await engine.inside("iptables", "-t", "nat", "-S"), /8080/);
  });

  it("-p without a host port finds a free one", async () => {
    const id = await engine.ok("run", "-d", "-p", "80", ...serve);
    const port = (await engine.inspect<Seen>(id)).NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort;
    await until("the page is served", () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        (page) => page === "served",
        () => false,
      ),
    );
    await engine.ok("rm", "-f", id);
  });

  it("-p to an address is reachable by that address alone", async () => {
    const id = await engine.ok("run", "-d", "-p", "127.0.0.1:8081:80", ...serve);
    await until("the page is served", () =>
      fetch("http://127.0.0.1:8081/").then(
        (page) => page === "served",
        () => false,
      ),
    );
    await assert.rejects(fetch("http://172.17.0.1:8081/"));
    await engine.ok("rm", "-f", id);
  });

  it("a container finds itself and the loopback by name, and has a resolver", async () => {
    const shown = await engine.ok(
      "run",
      "--rm",
      "-h",
      "me",
      "--add-host",
      "other:10.9.8.7",
      "busybox",
      "sh",
      "-c",
      "cat /etc/hosts; cat /etc/hostname; cat /etc/resolv.conf",
    );
    assert.match(shown, /^127\.0\.0\.1\s+localhost/m);
    assert.match(shown, /^172\.17\.0\.\d+\s+me$/m);
    assert.match(shown, /^10\.9\.8\.7\s+other$/m);
    assert.match(shown, /^me$/m);
    assert.match(shown, /^nameserver /m);
  });

  it("containers on a network of their own find each other by name, and nobody else", async () => {
    await engine.ok("network", "create", "own");
    await engine.ok("run", "-d", "--name", "server", "--network", "own", ...serve);
    const found = ["run", "--rm", "--network", "own", "busybox", "ping", "-c", "1", "-W", "30"];
    assert.match(await engine.ok(...found, "server"), /1 packets received/);
    const unknown = await engine.docker([...found, "nobody"]);
    assert.equal(unknown.code, 1, "a name that nobody knows is an answer, not the end of the engine");
    const elsewhere = await engine.docker(["run", "--rm", "busybox", "ping", "-c", "1", "-W", "1", "server"]);
    assert.equal(elsewhere.code, 1, "the default bridge has no names");
    const refused = await engine.docker(["network", "rm", "own"]);
    assert.match(refused.stderr, /has active endpoints/);
    await engine.ok("rm", "-f", "server");
    await engine.ok("network", "rm", "own");
    assert.doesNotMatch(await engine.inside("ip", "-o", "link"), /br-/);
  });

  it("lists the three networks every engine has", async () => {
    const rows = (await engine.ok("network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}")).split(
      "\n",
    );
    assert.deepEqual(rows.sort(), ["bridge bridge local", "host host local", "none null local"]);
  });

  it("shows the chains administrators know", async () => {
    const nat = await engine.inside("iptables", "-t", "nat", "-S");
    assert.match(nat, /^-N DOCKER$/m);
    assert.match(nat, /-A POSTROUTING -s 172\.17\.0\.0\/16 ! -o docker0 -j MASQUERADE/);
    assert.match(await engine.inside("iptables", "-S"), /^-N DOCKER-USER$/m);
  });
});
