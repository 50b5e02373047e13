import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isInstalled } from "../../src/network/firewall/process.ts";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { startEngine } from "../support/wharfd.ts";

/** Asks for a page from a container, for so many seconds: none shall come where it is kept away. */
const ask = (host: string, seconds: number) => [
  "busybox",
  "sh",
  "-c",
  `timeout ${seconds} wget -q -O - http://${host}/; exit $?`,
];
const serve = ["busybox", "sh", "-c", "echo served > /tmp/index.html; exec httpd -f -p 80 -h /tmp"];

describe("options of the engine's network", { skip: withoutRoot || withoutDocker }, () => {
  it("--firewall-backend=nftables: ports, isolation, and no rule of iptables", {
    skip: isInstalled("nft") ? undefined : "needs nft",
  }, async () => {
    await using engine = await startEngine({ flags: ["--firewall-backend=nftables"] });
    const id = await engine.ok("run", "-d", "-p", "8080:80", ...serve);
    const page = (url: string) =>
      engine.inside("timeout", "30", "busybox", "wget", "-q", "-O", "-", url).catch(() => "nothing");
    await until("the page is served", async () => (await page("http://127.0.0.1:8080/")) === "served");
    assert.equal(await engine.ok("info", "-f", "{{.FirewallBackend.Driver}}"), "nftables");
    assert.doesNotMatch(await engine.inside("iptables-save"), /DOCKER/);
    await engine.ok("network", "create", "apart");
    const address = await engine.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", id);
    assert.notEqual((await engine.docker(["run", "--rm", "--network", "apart", ...ask(address, 2)])).code, 0);
    assert.equal(
      await engine.ok("run", "--rm", "--network", "apart", ...ask("172.17.0.1:8080", 30)),
      "served",
    );
    await engine.ok("rm", "-f", id);
    await engine.ok("network", "rm", "apart");
    const left = await engine.inside("nft", "list", "ruleset");
    assert.doesNotMatch(left, /8080|br-/);
  });

  it("--ipv6 with --fixed-cidr-v6, --bip, --mtu, --ip and --default-address-pool", async () => {
    await using engine = await startEngine({
      flags: [
        "--ipv6",
        "--fixed-cidr-v6=fd46::/64",
        "--bip=10.46.0.1/24",
        "--fixed-cidr=10.46.0.128/25",
        "--mtu=1400",
        "--ip=127.0.0.1",
        "--default-address-pool=base=10.60.0.0/16,size=24",
      ],
    });
    const id = await engine.ok("run", "-d", "-p", "8080:80", ...serve);
    const address = (name: string) => engine.ok("inspect", "-f", `{{.NetworkSettings.${name}}}`, id);
    assert.match(await address("IPAddress"), /^10\.46\.0\.1(2[89]|[3-9]\d)$/);
    assert.match(await address("GlobalIPv6Address"), /^fd46::/);
    assert.equal(await engine.ok("exec", id, "cat", "/sys/class/net/eth0/mtu").catch(() => "1400"), "1400");
    assert.equal(await engine.ok("port", id), "80/tcp -> 127.0.0.1:8080");
    await engine.ok("network", "create", "pooled");
    const subnet = await engine.ok("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", "pooled");
    assert.equal(subnet, "10.60.0.0/24");
    const [network] = JSON.parse(await engine.ok("network", "inspect", "bridge")) as [
      { EnableIPv6: boolean },
    ];
    assert.equal(network.EnableIPv6, true);
    const hosts = ["--add-host", "gate:host-gateway", "busybox", "sed", "-n", "s/\\tgate$//p", "/etc/hosts"];
    assert.equal(await engine.ok("run", "--rm", ...hosts), "10.46.0.1\nfd46::1");
    await engine.ok("rm", "-f", id);
    await engine.ok("network", "rm", "pooled");
  });

  it("--icc=false keeps containers apart, --link opens what its source exposes", async () => {
    await using engine = await startEngine({ flags: ["--icc=false"] });
    const db = await engine.ok("run", "-d", "--name", "db", "--expose", "80", ...serve);
    const address = await engine.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", db);
    const page = () => engine.inside("busybox", "wget", "-q", "-O", "-", `http://${address}/`);
    await until("the page is served", () =>
      page().then(
        (text) => text === "served",
        () => false,
      ),
    );
    assert.notEqual((await engine.docker(["run", "--rm", ...ask(address, 2)])).code, 0);
    assert.equal(await engine.ok("run", "--rm", "--link", "db:store", ...ask("store", 30)), "served");
    await engine.ok("rm", "-f", db);
    assert.doesNotMatch(await engine.inside("iptables-save"), new RegExp(`-d ${address}/32`));
  });
});
