import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
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
  meddle,
  neighbour,
  Room,
  request,
  resolveFrom,
  rules,
  serve,
  settled,
  tcp,
  traces,
  variant,
} = await import("./support/room.ts");

/** The nftables backend has tables of its own instead of the DOCKER chains. */
const ownChains = variant() !== "nftables";

const inside = <T>(
  netns: string | undefined,
  body: (links: import("../../src/kernel/index.ts").Links) => T,
): T => {
  using links = kernel.netlink.open(netns!);
  return body(links);
};

before(() => {
  if (withoutRoot) return;
  using links = kernel.netlink.open();
  links.change(1, { up: true });
});

describe("networks of containers", { skip: withoutRoot }, () => {
  const room = new Room();
  let clean: readonly string[];

  before(async () => {
    await room.open({ ipForward: true });
    clean = await calm();
  });
  after(async () => {
    assert.deepEqual(await settled(clean), clean, "nothing is left behind");
    assert.deepEqual(room.namespaces(), []);
    await room[Symbol.asyncDispose]();
  });

  it("has the default networks, on docker0 with 172.17.0.0/16", () => {
    assert.deepEqual(
      room.networks
        .list()
        .map(({ name, driver }) => `${name} ${driver}`)
        .sort(),
      ["bridge bridge", "host host", "none null"],
    );
    const { ipam } = room.networks.resolve("bridge");
    assert.deepEqual(ipam.config, [{ subnet: "172.17.0.0/16", gateway: "172.17.0.1" }]);
    assert.equal(readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim(), "1");
  });

  it("gives address, MAC, routes and files, and takes all of it back", async () => {
    const sandbox = await room.networks.setUp(
      request(room, "plain", { extraHosts: ["me:host-gateway", "v6:[fd00::1]"] }),
    );
    const [endpoint] = sandbox.endpoints;
    assert.match(endpoint!.ipv4, /^172\.17\.0\.\d+$/);
    assert.equal(endpoint!.gateway, "172.17.0.1");
    const last = Number(endpoint!.ipv4.split(".")[3]).toString(16).padStart(2, "0");
    assert.equal(endpoint!.macAddress, `02:42:ac:11:00:${last}`);
    inside(sandbox.netns, (links) => {
      assert.deepEqual(
        links.list().flatMap(({ name, up }) => (up ? [name] : [])),
        ["lo", "eth0"],
      );
      const eth0 = links.find("eth0")!;
      assert.equal(eth0.mac, endpoint!.macAddress);
      const addresses = links
        .addresses(eth0.index)
        .map(({ ip, prefix, broadcast }) => `${ip}/${prefix} ${broadcast}`);
      assert.deepEqual(addresses, [`${endpoint!.ipv4}/16 172.17.255.255`]);
      const [route] = links.routes(4).filter(({ destination }) => destination === "default");
      assert.equal(route?.gateway, "172.17.0.1");
    });
    const hosts = readFileSync(sandbox.files.hosts, "utf8");
    assert.match(hosts, /^127\.0\.0\.1\tlocalhost$/m);
    assert.match(hosts, /^172\.17\.0\.1\tme$/m);
    assert.match(hosts, /^fd00::1\tv6$/m);
    assert.match(hosts, new RegExp(`^${endpoint!.ipv4}\t${idOf("plain").slice(0, 12)}$`, "m"));
    assert.match(readFileSync(sandbox.files.resolvConf, "utf8"), /^nameserver /m);
    await room.networks.tearDown(idOf("plain"));
    assert.equal(room.networks.sandbox(idOf("plain")), undefined);
    await room.networks.tearDown(idOf("plain"));
  });

  it("does not give an address out again at once", async () => {
    const first = await room.networks.setUp(request(room, "one"));
    await room.networks.tearDown(idOf("one"));
    const second = await room.networks.setUp(request(room, "two"));
    assert.notEqual(second.endpoints[0]!.ipv4, first.endpoints[0]!.ipv4);
    await room.networks.tearDown(idOf("two"));
  });

  it("none has a loopback alone, host no namespace", async () => {
    const none = await room.networks.setUp(request(room, "none", { mode: "none" }));
    const names = inside(none.netns, (links) => links.list().flatMap(({ name, up }) => (up ? [name] : [])));
    assert.deepEqual(names, ["lo"]);
    const host = await room.networks.setUp(request(room, "host", { mode: "host" }));
    assert.equal(host.netns, undefined);
    assert.equal(readFileSync(host.files.hosts, "utf8"), readFileSync("/etc/hosts", "utf8"));
    await room.networks.tearDown(idOf("none"));
    await room.networks.tearDown(idOf("host"));
  });

  it("publishes a port to everybody it should, and nothing else to anybody", async () => {
    using lan = neighbour("10.9.0.1", "10.9.0.2");
    inside(lan.netns, (links) =>
      links.addRoute({ family: 4, destination: "172.17.0.0/16", gateway: "10.9.0.1" }),
    );
    const web = await room.networks.setUp(
      request(room, "web", { ports: [tcp(8080, 80), tcp(8081, 81, "127.0.0.1")] }),
    );
    const other = await room.networks.setUp(request(room, "other"));
    const { ipv4 } = web.endpoints[0]!;
    using _open = await serve(web, 80);
    using _local = await serve(web, 81);
    assert.equal(await ask("127.0.0.1", 8080), "172.17.0.1");
    assert.equal(await ask("10.9.0.1", 8080), "10.9.0.1");
    assert.match(await ask("::1", 8080), /172\.17\.0\.1$/);
    assert.equal(await askFrom(lan.netns, "10.9.0.1", 8080), "10.9.0.2", "the source address is kept");
    assert.match(await askFrom(other.netns, "172.17.0.1", 8080), /^172\.17\./);
    assert.match(await askFrom(web.netns, "172.17.0.1", 8080), /^172\.17\./, "hairpin");
    assert.match(await askFrom(other.netns, ipv4, 80), /^172\.17\./);

    assert.equal(await ask("127.0.0.1", 8081), "172.17.0.1");
    assert.notEqual(await askInVain(lan.netns, "10.9.0.1", 8081), "10.9.0.2");
    assert.equal(await askInVain(lan.netns, ipv4, 81), "TIMEOUT", "not behind the host's back");
    assert.equal(await askInVain(lan.netns, ipv4, 80), "TIMEOUT");
    inside(lan.netns, (links) =>
      links.addRoute({ family: 4, destination: "127.0.0.0/8", gateway: "10.9.0.1", table: 254 }),
    );
    writeInside(lan.netns, "/proc/sys/net/ipv4/conf/all/route_localnet", "1");
    inside(lan.netns, (links) => links.change(1, { up: false }));
    assert.notEqual(
      await askInVain(lan.netns, "127.0.0.1", 8081),
      "10.9.0.2",
      "no way in by a forged loopback address",
    );
    await room.networks.tearDown(idOf("web"));
    assert.equal(await ask("127.0.0.1", 8080), "ECONNREFUSED");
    await room.networks.tearDown(idOf("other"));
  });

  it("leads out with the host's address, and publishes UDP", async () => {
    using lan = neighbour("10.9.0.1", "10.9.0.2");
    using _server = await serve(lan, 80);
    const udp = {
      hostIp: "",
      hostPort: 8085,
      hostPortEnd: 8085,
      containerPort: 85,
      protocol: "udp",
    } as const;
    const box = await room.networks.setUp(request(room, "out", { ports: [udp] }));
    assert.equal(await askFrom(box.netns, "10.9.0.2", 80), "10.9.0.1");
    assert.deepEqual(
      box.ports.map(({ hostIp, protocol }) => `${hostIp} ${protocol}`),
      ["0.0.0.0 udp", ":: udp"],
    );
    using _echo = await echoUdp(box.netns!, 85);
    const socket = createSocket("udp4");
    const answer = once(socket, "message", { signal: AbortSignal.timeout(20_000) });
    socket.send("hello", 8085, "127.0.0.1");
    assert.equal(String((await answer)[0]), "hello");
    socket.close();
    await room.networks.tearDown(idOf("out"));
  });

  it("asks the container's servers for names that are not its own", async () => {
    const upstream = createSocket("udp4");
    upstream.on("message", (bytes, { port, address }) => {
      const answer = Buffer.concat([
        bytes.subarray(0, 12),
        bytes.subarray(12, bytes.indexOf(0, 12) + 5),
        Buffer.from("c00c000100010000003c0004c0000207", "hex"),
      ]);
      answer.writeUInt16BE(0x8180, 2);
      answer.writeUInt16BE(1, 6);
      answer.writeUInt32BE(0, 8);
      upstream.send(answer, port, address);
    });
    upstream.bind(53, "0.0.0.0");
    await once(upstream, "listening");
    const { ipam } = await room.networks.create({ name: "asks" });
    await room.networks.create({ name: "shut", internal: true });
    const dns = { servers: [ipam.config[0]!.gateway!] };
    const open = await room.networks.setUp(request(room, "open", { networks: { asks: {} }, dns }));
    const shut = await room.networks.setUp(request(room, "shut", { networks: { shut: {} }, dns }));
    assert.equal(await resolveFrom(open.netns, "resolve4", "far.example.org"), "192.0.2.7");
    assert.equal(
      await resolveFrom(shut.netns, "resolve4", "far.example.org"),
      "ESERVFAIL",
      "internal networks tell nobody",
    );
    upstream.close();
    for (const name of ["open", "shut"]) await room.networks.tearDown(idOf(name));
    for (const name of ["asks", "shut"]) await room.networks.remove(name);
  });

  it("keeps containers apart with icc=false, but for published ports", async () => {
    const options = { "com.docker.network.bridge.enable_icc": "false" };
    await room.networks.create({ name: "apart", options });
    const a = await room.networks.setUp(
      request(room, "ia", { networks: { apart: {} }, ports: [tcp(8130, 80)] }),
    );
    const b = await room.networks.setUp(request(room, "ib", { networks: { apart: {} } }));
    using _server = await serve(a, 80);
    assert.equal(await askInVain(b.netns, a.endpoints[0]!.ipv4, 80), "TIMEOUT");
    assert.match(await askFrom(b.netns, a.endpoints[0]!.gateway, 8130), /^172\./);
    for (const name of ["ia", "ib"]) await room.networks.tearDown(idOf(name));
    await room.networks.remove("apart");
  });

  it("refuses a port that is taken, here or by another process, and leaves nothing of the attempt", async () => {
    await room.networks.setUp(request(room, "first", { ports: [tcp(8090, 80)] }));
    const before = await calm();
    await assert.rejects(room.networks.setUp(request(room, "second", { ports: [tcp(8090, 80)] })), {
      kind: "conflict",
      message:
        /^driver failed programming external connectivity on endpoint second \(\w{64}\): Bind for 0\.0\.0\.0:8090 failed: port is already allocated$/,
    });
    using _taken = await serve({ netns: undefined }, 8091);
    await assert.rejects(
      room.networks.setUp(request(room, "third", { ports: [tcp(8092, 80), tcp(8091, 80)] })),
      {
        kind: "conflict",
        message:
          /failed to bind host port for 0\.0\.0\.0:8091:172\.17\.\d+\.\d+:80\/tcp: address already in use$/,
      },
    );
    await assert.rejects(
      room.networks.setUp(request(room, "fourth", { ports: [tcp(8093, 80, "10.77.0.1")] })),
      /cannot assign requested address/,
    );
    assert.deepEqual(await settled(before), before);
    const free = await room.networks.setUp(
      request(room, "fifth", { ports: [tcp(8092, 80), { ...tcp(0, 80), hostPortEnd: 0 }] }),
    );
    assert.ok(free.ports.at(-1)!.hostPort >= 32768);
    const range = await room.networks.setUp(
      request(room, "sixth", { ports: [{ ...tcp(8090, 80), hostPortEnd: 8095 }] }),
    );
    assert.equal(range.ports[0]!.hostPort, 8093);
    for (const name of ["first", "fifth", "sixth"]) await room.networks.tearDown(idOf(name));
  });

  it("a restarted engine finds addresses, ports and rules again, and removes what is nobody's", async () => {
    const web = await room.networks.setUp(request(room, "kept", { ports: [tcp(8100, 80)] }));
    await room.networks.setUp(request(room, "lost", { ports: [tcp(8101, 80)] }));
    using _server = await serve(web, 80);
    await room.close();
    kernel.namespaces.createNetwork(join(room.folder, "netns", "0123456789ab"));
    meddle();
    if (!ownChains) execFileSync("iptables", ["-N", "DOCKER-USER"]);
    execFileSync("iptables", ["-A", "DOCKER-USER", "-s", "10.255.0.1", "-j", "DROP"]);
    await room.open({}, [idOf("kept")]);
    assert.deepEqual(room.networks.sandbox(idOf("kept")), web);
    assert.equal(room.networks.sandbox(idOf("lost")), undefined);
    assert.equal(await ask("127.0.0.1", 8100), "172.17.0.1");
    await calm();
    assert.deepEqual([8100, 8101].map(isSent), [true, false]);
    assert.equal(room.namespaces().length, 1);
    assert.ok(traces().includes("-A DOCKER-USER -s 10.255.0.1/32 -j DROP"), "the administrator's rules stay");
    assert.ok(!isSent(9));
    execFileSync("iptables", ["-D", "DOCKER-USER", "-s", "10.255.0.1", "-j", "DROP"]);
    if (!ownChains) execFileSync("iptables", ["-X", "DOCKER-USER"]);
    const once = rules();
    assert.equal(new Set(once).size, once.length, "no rule is there twice");
    await assert.rejects(
      room.networks.setUp(request(room, "again", { ports: [tcp(8100, 80)] })),
      /already allocated/,
    );
    await room.networks.tearDown(idOf("kept"));
  });

  it("user-defined networks: own bridge, isolation, names, connect and disconnect", async () => {
    const net = await room.networks.create({
      name: "front",
      ipam: { config: [{ subnet: "172.30.0.0/24" }] },
      labels: { a: "b" },
    });
    const back = await room.networks.create({ name: "back", internal: true });
    assert.equal(back.ipam.config[0]!.subnet, "172.18.0.0/16");
    const a = await room.networks.setUp(
      request(room, "alpha", {
        networks: { front: { Aliases: ["web"], IPAMConfig: { IPv4Address: "172.30.0.77" } } },
        ports: [tcp(8110, 80)],
      }),
    );
    const b = await room.networks.setUp(
      request(room, "beta", { networks: { front: { Aliases: ["web"], Links: ["alpha:friend"] } } }),
    );
    const c = await room.networks.setUp(request(room, "gamma"));
    using _server = await serve(a, 80);
    assert.equal(a.endpoints[0]!.ipv4, "172.30.0.77");
    assert.deepEqual(a.endpoints[0]!.dnsNames, ["alpha", "web", idOf("alpha").slice(0, 12)]);
    assert.match(readFileSync(b.files.resolvConf, "utf8"), /^nameserver 127\.0\.0\.11\noptions ndots:0$/m);
    const betaIp = b.endpoints[0]!.ipv4;
    assert.equal(await resolveFrom(b.netns, "resolve4", "alpha"), "172.30.0.77");
    assert.equal(await resolveFrom(b.netns, "resolve4", "alpha.front"), "172.30.0.77");
    assert.equal(await resolveFrom(b.netns, "resolve4", "friend"), "172.30.0.77");
    assert.equal(await resolveFrom(b.netns, "resolve4", "web"), [betaIp, "172.30.0.77"].sort().join());
    assert.equal(await resolveFrom(b.netns, "reverse", "172.30.0.77"), "alpha.front");
    assert.equal(await resolveFrom(b.netns, "resolve6", "alpha"), "ENODATA");
    assert.equal(await askFrom(b.netns, "172.30.0.77", 80), betaIp);
    assert.equal(await askInVain(c.netns, "172.30.0.77", 80), "TIMEOUT", "networks are kept apart");
    assert.match(await askFrom(c.netns, "172.17.0.1", 8110), /^172\./, "a published port is everybody's");

    const inode = statSync(b.files.hosts).ino;
    const joined = await room.networks.connect(idOf("beta"), "back", { Aliases: ["dark"] });
    assert.equal(joined.gateway, "");
    assert.equal(statSync(b.files.hosts).ino, inode, "the container sees the same file");
    assert.match(readFileSync(b.files.hosts, "utf8"), new RegExp(`^${joined.ipv4}\t`, "m"));
    assert.equal(await resolveFrom(b.netns, "resolve4", "dark"), joined.ipv4);
    await room.networks.connect(idOf("alpha"), "back", {});
    assert.match(await resolveFrom(a.netns, "resolve4", "beta"), new RegExp(joined.ipv4));
    await assert.rejects(room.networks.connect(idOf("alpha"), "back", {}), { kind: "forbidden" });
    await assert.rejects(room.networks.remove("front"), /has active endpoints/);
    await room.networks.disconnect(idOf("alpha"), "front", false);
    assert.equal(await ask("127.0.0.1", 8110), "ECONNREFUSED", "internal networks publish nothing");
    await room.networks.connect(idOf("alpha"), "bridge", {});
    assert.equal(await ask("127.0.0.1", 8110), "172.17.0.1", "ports follow the default route");
    room.networks.rename(idOf("beta"), "delta");
    assert.equal(await resolveFrom(a.netns, "resolve4", "delta"), joined.ipv4);
    for (const name of ["alpha", "beta", "gamma"]) await room.networks.tearDown(idOf(name));
    assert.equal((await room.networks.remove(net.id.slice(0, 10))).name, "front");
    await room.networks.remove("back");
  });

  it("two networks of both families", async () => {
    await room.networks.create({ name: "six", enableIPv6: true });
    const a = await room.networks.setUp(
      request(room, "a6", { networks: { six: {} }, ports: [tcp(8120, 80)] }),
    );
    const b = await room.networks.setUp(request(room, "b6", { networks: { six: {} } }));
    using _server = await serve(a, 80, "::");
    assert.match(a.endpoints[0]!.ipv6, /^fd/);
    assert.equal(await askFrom(b.netns, a.endpoints[0]!.ipv6, 80), b.endpoints[0]!.ipv6);
    assert.equal(await resolveFrom(b.netns, "resolve6", "a6"), a.endpoints[0]!.ipv6);
    assert.match(await ask("127.0.0.1", 8120), /172\./);
    assert.match(await ask(a.endpoints[0]!.gateway6, 8120), /^fd/);
    assert.match(await ask("::1", 8120), /^fd/);
    await room.networks.tearDown(idOf("a6"));
    await room.networks.tearDown(idOf("b6"));
    await room.networks.remove("six");
  });

  it("refuses what Docker refuses, in its words", async () => {
    const { networks } = room;
    await networks.create({ name: "taken", ipam: { config: [{ subnet: "172.29.0.0/24" }] } });
    const refused = async (attempt: () => unknown, kind: string, message: RegExp) =>
      assert.rejects(async () => attempt(), { kind, message });
    const checked = (wish: Parameters<typeof request>[2]) => () => networks.check(request(room, "bad", wish));
    await refused(checked({ networks: { nowhere: {} } }), "notFound", /^network nowhere not found$/);
    const fixed = { IPAMConfig: { IPv4Address: "172.17.0.9" } };
    await refused(
      checked({ networks: { bridge: fixed } }),
      "invalidParameter",
      /^invalid endpoint settings:\nuser specified IP address is supported on user defined networks only$/,
    );
    await refused(
      checked({ networks: { taken: fixed } }),
      "invalidParameter",
      /^invalid endpoint settings:\nno configured subnet or ip-range contain the IP address 172\.17\.0\.9$/,
    );
    await refused(
      () => networks.create({ name: "taken" }),
      "conflict",
      /^network with name taken already exists$/,
    );
    await refused(() => networks.create({ name: "bridge" }), "forbidden", /predefined bridge network/);
    await refused(
      () => networks.remove("host"),
      "forbidden",
      /^host is a pre-defined network and cannot be removed$/,
    );
    await refused(
      () => networks.create({ name: "x", driver: "nope" }),
      "notFound",
      /^plugin "nope" not found$/,
    );
    const create = (config: object) => () => networks.create({ name: "x", ipam: { config: [config] } });
    await refused(
      create({ subnet: "172.29.0.128/25" }),
      "forbidden",
      /Pool overlaps with other one on this address space/,
    );
    await refused(create({ subnet: "rubbish" }), "invalidParameter", /invalid subnet/);
    await refused(
      create({ subnet: "10.1.0.0/24", gateway: "10.2.0.1" }),
      "invalidParameter",
      /^invalid network config:\ninvalid gateway 10\.2\.0\.1: parent subnet 10\.1\.0\.0\/24 doesn't contain this address$/,
    );
    await refused(create({ gateway: "10.2.0.1" }), "invalidParameter", /subnet/);
    await refused(
      create({ subnet: "10.1.0.1/24", ipRange: "10.1.0.0/16" }),
      "invalidParameter",
      /^invalid network config:\n\* invalid subnet 10\.1\.0\.1\/24: it should be 10\.1\.0\.0\/24\n\* invalid ip-range 10\.1\.0\.0\/16: CIDR block is bigger/,
    );
    const option = { "com.docker.network.bridge.name": "a/b" };
    await refused(
      () => networks.create({ name: "x", options: option }),
      "invalidParameter",
      /interface name/,
    );
    const first = { networks: { taken: { IPAMConfig: { IPv4Address: "172.29.0.9" } } } };
    await networks.setUp(request(room, "has", first));
    await refused(
      () => networks.setUp(request(room, "wants", first)),
      "forbidden",
      /^Address already in use$/,
    );
    await networks.tearDown(idOf("has"));
    await networks.remove("taken");
    assert.equal(networks.list().length, 3);
  });

  it("many containers at a time", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `many${index}`);
    const made = await Promise.all(
      names.map((name, index) =>
        room.networks.setUp(request(room, name, { ports: index % 4 === 0 ? [tcp(0, 80)] : [] })),
      ),
    );
    assert.equal(new Set(made.map(({ endpoints }) => endpoints[0]!.ipv4)).size, 200);
    assert.equal(room.networks.endpoints(room.networks.resolve("bridge").id).length, 200);
    await Promise.all(names.map((name) => room.networks.tearDown(idOf(name))));
  });
});

function writeInside(netns: string, path: string, text: string): void {
  kernel.namespaces.insideNetwork(netns, () => writeFileSync(path, text));
}
