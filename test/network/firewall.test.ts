import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, before, describe, it } from "node:test";
import { chosenFlavour } from "../../src/network/firewall/iptables/flavour.ts";
import { isInstalled } from "../../src/network/firewall/process.ts";
import { preferFlavour } from "./support/backend.ts";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const {
  ask,
  askFrom,
  askInVain,
  calm,
  echoUdp,
  idOf,
  isSent,
  kernel,
  neighbour,
  ownTables,
  Room,
  request,
  rules,
  serve,
  settled,
  tcp,
  variant,
} = await import("./support/room.ts");
type AnyRoom = InstanceType<typeof Room>;

const ownChains = variant() !== "nftables";

before(() => {
  if (withoutRoot) return;
  using links = kernel.netlink.open();
  links.change(1, { up: true });
});

/** What somebody does who takes all rules of the host for his own. */
function flushEverything(): void {
  if (!ownChains) {
    for (const table of ownTables()) execFileSync("nft", ["delete", "table", ...table.split(" ")]);
    return;
  }
  for (const table of ["filter", "nat", "mangle"]) {
    execFileSync("iptables", ["-t", table, "-F"]);
    execFileSync("iptables", ["-t", table, "-X"]);
  }
}

/** Default bridges and rules stay when an engine ends: the next test begins with none. */
afterEach(() => {
  if (withoutRoot) return;
  flushEverything();
  using links = kernel.netlink.open();
  for (const { index, kind } of links.list()) if (kind === "bridge") links.remove(index);
});

async function askUdp(host: string, port: number, milliseconds = 20_000): Promise<string> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  try {
    const answer = once(socket, "message", { signal: AbortSignal.timeout(milliseconds) });
    socket.send("hello", port, host);
    return String((await answer)[0]);
  } catch (error) {
    return (error as Error).name;
  } finally {
    socket.close();
  }
}

const udp = (hostPort: number, containerPort: number, hostIp = "") =>
  ({ hostIp, hostPort, hostPortEnd: hostPort, containerPort, protocol: "udp" }) as const;

describe("rules that somebody flushed", { skip: withoutRoot }, () => {
  it("are put back, once, and the administrator's are not touched", async () => {
    await using room = new Room();
    await room.open();
    const web = await room.networks.setUp(request(room, "web", { ports: [tcp(8300, 80)] }));
    using _server = await serve(web, 80);
    const clean = await calm();
    flushEverything();
    execFileSync("iptables", ["-N", "DOCKER-USER"]);
    execFileSync("iptables", ["-A", "DOCKER-USER", "-s", "10.255.0.1", "-j", "DROP"]);
    assert.ok(!isSent(8300));
    await room.networks.reload();
    assert.equal(await ask("127.0.0.1", 8300), "172.17.0.1");
    assert.ok(rules().includes("-A DOCKER-USER -s 10.255.0.1/32 -j DROP"));
    execFileSync("iptables", ["-F", "DOCKER-USER"]);
    if (ownChains) execFileSync("iptables", ["-A", "DOCKER-USER", "-j", "RETURN"]);
    else execFileSync("iptables", ["-X", "DOCKER-USER"]);
    assert.deepEqual((await calm()).toSorted(), clean.toSorted());
    await room.networks.reload();
    assert.deepEqual((await calm()).toSorted(), clean.toSorted());
  });

  it("of another engine in the common chains stay when ours come back", { skip: !ownChains }, async () => {
    await using room = new Room();
    await room.open();
    await using other = new Room();
    await other.open({ bridge: "other0" });
    const box = await other.networks.setUp(request(other, "box", { ports: [tcp(8303, 80)] }));
    using _server = await serve(box, 80);
    execFileSync("iptables", [
      "-t",
      "nat",
      "-D",
      "PREROUTING",
      "-m",
      "addrtype",
      "--dst-type",
      "LOCAL",
      "-j",
      "DOCKER",
    ]);
    await room.networks.reload();
    assert.ok(isSent(8303));
    assert.match(await ask("127.0.0.1", 8303), /^172\.\d+\.0\.1$/);
  });

  it("come back with the next change too, which does not fail", async () => {
    await using room = new Room();
    await room.open();
    await room.networks.setUp(request(room, "first", { ports: [tcp(8301, 80)] }));
    flushEverything();
    const second = await room.networks.setUp(request(room, "second", { ports: [tcp(8302, 80)] }));
    using _server = await serve(second, 80);
    assert.deepEqual([8301, 8302].map(isSent), [true, true]);
    assert.equal(await ask("127.0.0.1", 8302), "172.17.0.1");
    flushEverything();
    await room.networks.tearDown(idOf("first"));
    assert.deepEqual([8301, 8302].map(isSent), [false, true]);
  });
});

describe("ports the kernel cannot rewrite", { skip: withoutRoot }, () => {
  it("UDP over IPv6 reaches a container that has IPv4 alone, and answers come back", async () => {
    await using room = new Room();
    await room.open();
    const box = await room.networks.setUp(request(room, "box", { ports: [udp(8310, 85)] }));
    using _echo = await echoUdp(box.netns!, 85);
    assert.equal(await askUdp("::1", 8310), "hello");
    assert.equal(await askUdp("127.0.0.1", 8310), "hello");
    await room.networks.tearDown(idOf("box"));
    assert.equal(await askUdp("::1", 8310, 700), "AbortError");
  });

  it("UDP callers that go on sending find the container that is there now", async (test) => {
    await using room = new Room();
    await room.open();
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const reached = async () => {
      const answer = once(socket, "message", { signal: AbortSignal.timeout(20_000) });
      const timer = setInterval(() => socket.send("hello", 8313, "127.0.0.1"), 20);
      return answer
        .then(
          ([bytes]) => String(bytes),
          (error: Error) => error.name,
        )
        .finally(() => clearInterval(timer));
    };
    try {
      const first = await room.networks.setUp(request(room, "first", { ports: [udp(8313, 85)] }));
      {
        using _echo = await echoUdp(first.netns!, 85);
        assert.equal(await reached(), "hello");
      }
      await room.networks.tearDown(idOf("first"));
      try {
        await kernel.conntrack.forget({ protocol: "udp", family: 4, sentToPort: 1 });
      } catch (error) {
        return test.skip(`this kernel cannot forget single flows: ${(error as Error).message}`);
      }
      const second = await room.networks.setUp(request(room, "second", { ports: [udp(8313, 85)] }));
      assert.notEqual(second.endpoints[0]!.ipv4, first.endpoints[0]!.ipv4);
      using _echo = await echoUdp(second.netns!, 85);
      assert.equal(await reached(), "hello");
    } finally {
      socket.close();
    }
  });

  it("SCTP is refused where the kernel has none, before anything is made", async (test) => {
    let supported = true;
    try {
      kernel.sctp.listen("127.0.0.1", 8311)[Symbol.dispose]();
    } catch {
      supported = false;
    }
    await using room = new Room();
    await room.open();
    const clean = await calm();
    const ports = [{ ...tcp(8311, 80), protocol: "sctp" }] as const;
    const attempt = room.networks.setUp(request(room, "sctp", { ports }));
    if (supported) {
      test.diagnostic("this kernel has SCTP");
      await attempt;
      assert.ok(rules().some((line) => line.includes("8311")));
    } else {
      await assert.rejects(
        attempt,
        /failed to bind host port for 0\.0\.0\.0:8311:172\.17\.\d+\.\d+:80\/sctp: protocol not supported$/,
      );
      assert.deepEqual(await settled(clean), clean);
    }
  });

  it("with --userland-proxy the engine passes on what comes to the host's loopback", async () => {
    await using room = new Room();
    await room.open({ userlandProxy: true, bridge: "proxy0" });
    const box = await room.networks.setUp(request(room, "box", { ports: [tcp(8312, 80), udp(8312, 85)] }));
    using _server = await serve(box, 80);
    using _echo = await echoUdp(box.netns!, 85);
    assert.match(await ask("127.0.0.1", 8312), /^172\.\d+\.0\.1$/);
    assert.match(await ask("::1", 8312), /172\.\d+\.0\.1$/);
    assert.equal(await askUdp("127.0.0.1", 8312), "hello");
    assert.equal(readFileSync("/proc/sys/net/ipv4/conf/proxy0/route_localnet", "utf8").trim(), "0");
  });

  it("with --userland-proxy no other host reaches what is published on the loopback", async () => {
    await using room = new Room();
    await room.open({ userlandProxy: true, bridge: "proxy1" });
    const ports = [tcp(8319, 80, "127.0.0.1"), tcp(8320, 80)];
    const box = await room.networks.setUp(request(room, "box", { ports }));
    using _server = await serve(box, 80);
    using lan = neighbour("10.9.0.1", "10.9.0.2");
    using links = kernel.netlink.open(lan.netns);
    // Its loopback is down, so that 127.0.0.1 is an address like any other there.
    links.addRoute({ family: 4, destination: "127.0.0.0/8", gateway: "10.9.0.1", table: 254 });
    kernel.namespaces.insideNetwork(lan.netns, () =>
      writeFileSync("/proc/sys/net/ipv4/conf/all/route_localnet", "1"),
    );
    assert.equal(await askFrom(lan.netns, "10.9.0.1", 8320), "10.9.0.2");
    for (const port of [8319, 8320]) assert.equal(await askInVain(lan.netns, "127.0.0.1", port), "TIMEOUT");
  });
});

describe("link-local callers", { skip: withoutRoot }, () => {
  it("reach a published port through the engine", async () => {
    await using room = new Room();
    await room.open();
    using lan = neighbour("10.9.0.1", "10.9.0.2");
    for (const [netns, name, ip] of [
      [undefined, "lan0", "fe80::a"],
      [lan.netns, "lan1", "fe80::b"],
    ] as const) {
      using links = kernel.netlink.open(netns);
      links.addAddress({ index: links.find(name)!.index, ip, prefix: 64, nodad: true });
    }
    await room.networks.create({ name: "six", enableIPv6: true });
    const box = await room.networks.setUp(
      request(room, "box", { networks: { six: {} }, ports: [tcp(8318, 80)] }),
    );
    using _server = await serve(box, 80, "::");
    assert.equal(await askFrom(lan.netns, "fe80::a%lan1", 8318), box.endpoints[0]!.gateway6);
    await room.networks.tearDown(idOf("box"));
    await room.networks.remove("six");
  });
});

describe("ports of a container", { skip: withoutRoot }, () => {
  it("that leave a choice come after those that leave none", async () => {
    await using room = new Room();
    await room.open();
    const range = { ...tcp(8320, 81), hostPortEnd: 8322 };
    const box = await room.networks.setUp(request(room, "box", { ports: [range, tcp(8320, 80), range] }));
    const v4 = box.ports.filter(({ hostIp }) => hostIp === "0.0.0.0");
    assert.deepEqual(
      v4.map(({ hostPort, containerPort }) => [hostPort, containerPort]),
      [
        [8320, 80],
        [8321, 81],
        [8322, 81],
      ],
    );
    await assert.rejects(
      room.networks.setUp(request(room, "more", { ports: [range] })),
      /all ports are allocated$/,
    );
  });

  it("are bound to --ip on the default bridge, elsewhere to what the network says", async () => {
    await using room = new Room();
    await room.open({ defaultBindIp: "127.0.0.1" });
    const option = { "com.docker.network.bridge.host_binding_ipv4": "127.0.0.9" };
    await room.networks.create({ name: "bound", options: option });
    await room.networks.create({ name: "free" });
    const addresses = async (network: string) => {
      const wish = { networks: { [network]: {} }, ports: [{ ...tcp(0, 80), hostPortEnd: 0 }] };
      const box = await room.networks.setUp(request(room, network, wish));
      await room.networks.tearDown(idOf(network));
      return box.ports.map(({ hostIp }) => hostIp);
    };
    assert.deepEqual(await addresses("bridge"), ["127.0.0.1"]);
    assert.deepEqual(await addresses("bound"), ["127.0.0.9"]);
    assert.deepEqual(await addresses("free"), ["0.0.0.0", "::"]);
  });

  it("of a routed network are reached at the container's own address, and no others", async () => {
    await using room = new Room();
    await room.open();
    using lan = neighbour("10.9.0.1", "10.9.0.2");
    const mode = (text: string) => ({ "com.docker.network.bridge.gateway_mode_ipv4": text });
    const config = (subnet: string) => ({ ipam: { config: [{ subnet }] } });
    await room.networks.create({ name: "routed", options: mode("routed"), ...config("10.47.0.0/24") });
    await room.networks.create({ name: "bare", options: mode("nat-unprotected"), ...config("10.48.0.0/24") });
    {
      using links = kernel.netlink.open(lan.netns);
      for (const destination of ["10.47.0.0/24", "10.48.0.0/24"])
        links.addRoute({ family: 4, destination, gateway: "10.9.0.1" });
    }
    const ports = [tcp(8323, 80)];
    const a = await room.networks.setUp(request(room, "a", { networks: { routed: {} }, ports }));
    const b = await room.networks.setUp(request(room, "b", { networks: { bare: {} }, ports }));
    assert.deepEqual(
      a.ports.map(({ hostPort }) => hostPort),
      [0],
    );
    using _a80 = await serve(a, 80);
    using _a81 = await serve(a, 81);
    using _b81 = await serve(b, 81);
    const ip = (box: typeof a) => box.endpoints[0]!.ipv4;
    assert.equal(await askFrom(lan.netns, ip(a), 80), "10.9.0.2");
    assert.equal(await askInVain(lan.netns, ip(a), 81), "TIMEOUT");
    assert.equal(await askFrom(lan.netns, ip(b), 81), "10.9.0.2", "nothing protects it");
    using _lan = await serve(lan, 80);
    assert.equal(await askFrom(a.netns, "10.9.0.2", 80), ip(a), "its own address goes out");
    assert.equal(await askFrom(b.netns, "10.9.0.2", 80), "10.9.0.1");
    const plain = await room.networks.setUp(request(room, "plain"));
    using _plain = await serve(plain, 80);
    assert.equal(await askFrom(plain.netns, ip(a), 80), "10.47.0.1", "other networks are routed to it, too");
    assert.equal(await askInVain(plain.netns, ip(a), 81), "TIMEOUT");
    assert.equal(await askInVain(a.netns, ip(plain), 80), "TIMEOUT", "and not the other way");
    await room.networks.tearDown(idOf("a"));
    await assert.rejects(
      room.networks.create({ name: "x", options: mode("isolated") }),
      /gateway mode 'isolated' can only be used for an internal network/,
    );
    await room.networks.create({ name: "cell", internal: true, options: mode("isolated") });
    using links = kernel.netlink.open();
    const cell = links.find(`br-${room.networks.resolve("cell").id.slice(0, 12)}`)!;
    assert.deepEqual(
      links.addresses(cell.index).filter(({ ip }) => !ip.includes(":")),
      [],
    );
  });

  it("do not keep trying where no port would do", async () => {
    await using room = new Room();
    await room.open();
    const ports = [{ ...tcp(0, 80, "10.77.0.1"), hostPortEnd: 0 }];
    await assert.rejects(
      room.networks.setUp(request(room, "far", { ports })),
      /failed to bind host port for 10\.77\.0\.1:\d+:.*cannot assign requested address$/,
    );
  });
});

describe("options of the engine", { skip: withoutRoot }, () => {
  it("--icc=false with links: a link opens the exposed ports of its source, one way, while both run", async () => {
    await using room = new Room();
    await room.open({ icc: false });
    const exposed = [{ port: 80, protocol: "tcp" }] as const;
    const source = () => room.networks.setUp({ ...request(room, "db"), exposed });
    let db = await source();
    const links = [{ containerId: idOf("db"), alias: "store" }];
    const app = await room.networks.setUp({ ...request(room, "app"), links, exposed });
    const other = await room.networks.setUp(request(room, "other"));
    const address = (box: typeof db) => box.endpoints[0]!.ipv4;
    {
      using _db = await serve(db, 80);
      using _shut = await serve(db, 81);
      using _app = await serve(app, 80);
      assert.equal(await askFrom(app.netns, address(db), 80), address(app));
      assert.equal(await askInVain(app.netns, address(db), 81), "TIMEOUT", "not exposed");
      assert.equal(await askInVain(db.netns, address(app), 80), "TIMEOUT", "one way only");
      assert.equal(await askInVain(other.netns, address(db), 80), "TIMEOUT", "not linked");
    }
    await room.networks.relink(idOf("app"), []);
    assert.ok(!rules().some((line) => line.includes(`-s ${address(app)}/32`) || line.startsWith("linked ")));
    await room.networks.relink(idOf("app"), links);
    await room.networks.tearDown(idOf("db"));
    db = await source();
    using _again = await serve(db, 80);
    assert.equal(await askFrom(app.netns, address(db), 80), address(app), "the source has restarted");
    await room.close();
    await room.open({ icc: false }, ["db", "app", "other"].map(idOf));
    assert.equal(await askFrom(app.netns, address(db), 80), address(app), "and the engine");
    await room.networks.relink(idOf("app"), []);
    assert.equal(await askInVain(app.netns, address(db), 80), "TIMEOUT", "the link has been taken away");
    await room.networks.relink(idOf("app"), links);
    assert.equal(await askFrom(app.netns, address(db), 80), address(app), "and put back");
    const isOpen = (ip: string) =>
      rules().some((line) => line.includes(`-s ${ip}/32 -d `) || line.startsWith(`linked ${ip} `));
    await room.networks.disconnect(idOf("app"), "bridge", false);
    assert.ok(!isOpen(address(app)), "its address may be another's next");
    const { ipv4 } = await room.networks.connect(idOf("app"), "bridge", {});
    assert.ok(isOpen(ipv4));
    await room.networks.tearDown(idOf("app"));
    assert.ok(!rules().some((line) => line.includes(`-d ${address(db)}/32`) || line.startsWith("linked ")));
  });

  it("--ipv6, --bip6, --fixed-cidr-v6 and --default-gateway-v6 give the default bridge IPv6", async () => {
    await using room = new Room();
    const config = {
      bridge: "six0",
      bip: "10.45.0.1/24",
      ipv6: true,
      bip6: "fd45::1/64",
      fixedCidr6: "fd45::100/120",
      defaultGateway6: "fd45::7",
    };
    await room.open(config);
    const { ipam, enableIPv6 } = room.networks.resolve("bridge");
    assert.equal(enableIPv6, true);
    assert.deepEqual(ipam.config, [
      { subnet: "10.45.0.0/24", gateway: "10.45.0.1" },
      {
        subnet: "fd45::/64",
        gateway: "fd45::1",
        ipRange: "fd45::100/120",
        auxiliaryAddresses: { DefaultGatewayIPv6: "fd45::7" },
      },
    ]);
    const box = await room.networks.setUp(request(room, "box", { ports: [tcp(8330, 80)] }));
    const [endpoint] = box.endpoints;
    assert.match(endpoint!.ipv6, /^fd45::1\w\w$/);
    assert.equal(endpoint!.gateway6, "fd45::7");
    using _server = await serve(box, 80, "::");
    assert.match(await ask("fd45::1", 8330), /^fd45::1$/);
    assert.match(await ask("::1", 8330), /^fd45::1$/);
    await room.close();
    await room.open(config, [idOf("box")]);
    assert.deepEqual(room.networks.resolve("bridge").ipam.config, ipam.config, "the same after a restart");
    await room.close();
    await room.open({ bridge: "six0", bip: "10.45.0.1/24" });
    assert.equal(room.networks.resolve("bridge").ipam.config.length, 1, "and gone with the option");
  });

  it("another --fixed-cidr-v6 takes the place of docker0's former subnet", async () => {
    await using room = new Room();
    const subnetOf = () =>
      room.networks.resolve("bridge").ipam.config.find(({ subnet }) => subnet.includes(":"))?.subnet;
    for (const fixedCidr6 of ["fd45::/64", "fd46::/64", "fe80::/64"]) {
      await room.open({ ipv6: true, fixedCidr6 });
      assert.equal(subnetOf(), fixedCidr6);
      await room.close();
    }
    await room.open({ ipv6: true });
  });

  it("--bridge=none leaves containers of the default network without one", async () => {
    await using room = new Room();
    await room.open();
    await room.close();
    using host = kernel.netlink.open();
    assert.ok(host.find("docker0"));
    await room.open({ bridge: "none" });
    assert.equal(host.find("docker0"), undefined);
    assert.deepEqual(
      room.networks
        .list()
        .map(({ name }) => name)
        .toSorted(),
      ["host", "none"],
    );
    const box = await room.networks.setUp(request(room, "box", { ports: [tcp(8331, 80)] }));
    assert.deepEqual([box.endpoints[0]!.networkName, box.ports], ["none", []]);
  });

  it("docker0 keeps what somebody gave it: IPv6 addresses, and ports when there is to be no bridge", async () => {
    using host = kernel.netlink.open();
    await using room = new Room();
    await room.open({ ipv6: true });
    await room.close();
    const { index } = host.find("docker0")!;
    host.addAddress({ index, ip: "fe80::77", prefix: 64, nodad: true });
    await room.open();
    await room.close();
    assert.ok(host.addresses(index).some(({ ip }) => ip === "fe80::77"));
    const pair = { kind: "veth", name: "port0", master: index, peer: { name: "port1" } } as const;
    host.add(pair);
    await room.open({ bridge: "none" });
    assert.ok(host.find("docker0"));
    host.remove(host.find("port0")!.index);
  });

  it("--bridge takes a bridge as it is", async () => {
    using host = kernel.netlink.open();
    const own = host.add({ kind: "bridge", name: "given0", up: true });
    host.addAddress({ index: own.index, ip: "10.46.0.1", prefix: 24 });
    try {
      await using room = new Room();
      await room.open({ bridge: "given0" });
      const box = await room.networks.setUp(request(room, "box"));
      const { ipv4, gateway } = box.endpoints[0]!;
      assert.deepEqual([ipv4.slice(0, 8), gateway], ["10.46.0.", "10.46.0.1"]);
    } finally {
      host.remove(own.index);
    }
  });

  it("--default-network-opt and --mtu: each to its own networks", async () => {
    await using room = new Room();
    const networkOptions = { bridge: { "com.docker.network.driver.mtu": "1300" } };
    await room.open({ bridge: "mtu0", mtu: 1400, networkOptions });
    await room.networks.create({ name: "small" });
    await room.networks.create({
      name: "own",
      options: { "com.docker.network.driver.mtu": "1200" },
    });
    using host = kernel.netlink.open();
    const mtuOf = (name: string) =>
      host.find(
        room.networks.resolve(name).id === "" ? "" : `br-${room.networks.resolve(name).id.slice(0, 12)}`,
      )!.mtu;
    assert.deepEqual([host.find("mtu0")!.mtu, mtuOf("small"), mtuOf("own")], [1400, 1300, 1200]);
  });

  it("--ip-forward closes the host's other forwarding, unless --ip-forward-no-drop", async () => {
    const forwarding = "/proc/sys/net/ipv4/ip_forward";
    const policy = () =>
      ownChains
        ? execFileSync("iptables", ["-S", "FORWARD"], { encoding: "utf8" }).split("\n")[0] ===
          "-P FORWARD DROP"
        : ownTables().some((table) =>
            execFileSync("nft", ["list", "chain", ...table.split(" "), "forward"], {
              encoding: "utf8",
            }).includes("iifkind"),
          );
    const off = () => {
      execFileSync("sysctl", ["-qw", "net.ipv4.ip_forward=0"]);
      execFileSync("iptables", ["-P", "FORWARD", "ACCEPT"]);
      for (const table of ownTables()) execFileSync("nft", ["delete", "table", ...table.split(" ")]);
    };
    const opened = async (config: Parameters<AnyRoom["open"]>[0]) => {
      off();
      await using room = new Room();
      await room.open(config);
      return [readFileSync(forwarding, "utf8").trim(), policy()];
    };
    assert.deepEqual(await opened({}), ["1", true]);
    assert.deepEqual(await opened({ ipForwardNoDrop: true }), ["1", false]);
    assert.deepEqual(await opened({ ipForward: false }), ["0", false]);
    off();
  });

  it("the first network of IPv6 leaves a router of IPv4 alone", { skip: !ownChains }, async () => {
    const policy = (program: string) =>
      execFileSync(program, ["-S", "FORWARD"], { encoding: "utf8" }).split("\n")[0];
    execFileSync("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=0"]);
    for (const program of ["iptables", "ip6tables"]) execFileSync(program, ["-P", "FORWARD", "ACCEPT"]);
    await using room = new Room();
    await room.open();
    await room.networks.create({ name: "six", enableIPv6: true });
    await room.networks.create({ name: "next" });
    execFileSync("iptables", ["-F", "DOCKER-FORWARD"]);
    await room.networks.reload();
    assert.deepEqual([policy("iptables"), policy("ip6tables")], ["-P FORWARD ACCEPT", "-P FORWARD DROP"]);
    execFileSync("ip6tables", ["-P", "FORWARD", "ACCEPT"]);
  });

  it("a change of the backend leaves nothing of the former one", { skip: !ownChains }, async () => {
    await using room = new Room();
    execFileSync("sysctl", ["-qw", "net.ipv4.ip_forward=0"]);
    using lan = neighbour("10.9.0.1", "10.9.0.2");
    await room.open({ firewallBackend: "iptables" });
    const policy = () => execFileSync("iptables", ["-S", "FORWARD"], { encoding: "utf8" }).split("\n")[0];
    assert.equal(policy(), "-P FORWARD DROP");
    const web = await room.networks.setUp(request(room, "web", { ports: [tcp(8340, 80)] }));
    using _server = await serve(web, 80);
    await room.close();
    await room.open({ firewallBackend: "nftables" }, [idOf("web")]);
    const left = execFileSync("iptables-save", { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.startsWith("-A"));
    assert.deepEqual(left, ["-A DOCKER-USER -j RETURN"]);
    assert.equal(policy(), "-P FORWARD ACCEPT");
    assert.equal(await ask("127.0.0.1", 8340), "172.17.0.1");
    assert.equal(await askFrom(lan.netns, "10.9.0.1", 8340), "10.9.0.2");
    await room.close();
    await room.open({ firewallBackend: "iptables" }, [idOf("web")]);
    assert.deepEqual(ownTables(), []);
    assert.equal(policy(), "-P FORWARD DROP", "closed before, closed now");
    assert.equal(await askFrom(lan.netns, "10.9.0.1", 8340), "10.9.0.2");
  });

  const two = variant() === "iptables" && chosenFlavour() === "nft" && isInstalled("iptables-legacy-restore");
  it("a change of iptables' flavour leaves nothing of the former one", { skip: !two }, async () => {
    await using room = new Room();
    execFileSync("sysctl", ["-qw", "net.ipv4.ip_forward=0"]);
    using lan = neighbour("10.9.0.1", "10.9.0.2");
    const left = (flavour: string) =>
      execFileSync(`iptables-${flavour}-save`, { encoding: "utf8" })
        .split("\n")
        .filter((line) => /^-A|FORWARD DROP/.test(line));
    const cleared = ["-A DOCKER-USER -j RETURN"];
    await room.open({ firewallBackend: "iptables" });
    const web = await room.networks.setUp(request(room, "web", { ports: [tcp(8341, 80)] }));
    using _server = await serve(web, 80);
    await room.close();
    {
      using _legacy = preferFlavour("legacy");
      await room.open({ firewallBackend: "iptables" }, [idOf("web")]);
      assert.deepEqual(left("nft"), cleared);
      assert.equal(await askFrom(lan.netns, "10.9.0.1", 8341), "10.9.0.2");
      await room.close();
    }
    await room.open({ firewallBackend: "iptables" }, [idOf("web")]);
    assert.deepEqual(left("legacy"), cleared);
    assert.equal(await askFrom(lan.netns, "10.9.0.1", 8341), "10.9.0.2");
  });

  it("starts where the programs of the former firewall are gone", async () => {
    await using room = new Room();
    await room.open();
    await room.close();
    const database = new DatabaseSync(join(room.folder, "wharf.db"));
    database.exec("UPDATE firewall SET backend = 'iptables', flavour = 'forgotten'");
    database.close();
    await room.open();
    const web = await room.networks.setUp(request(room, "web", { ports: [tcp(8342, 80)] }));
    using _server = await serve(web, 80);
    assert.equal(await ask("127.0.0.1", 8342), "172.17.0.1");
  });
});
