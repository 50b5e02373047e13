import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { icmpv6Frame } from "../../src/network/model/announcement.ts";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const {
  askFrom,
  askInVain,
  askUdpFrom,
  askUdpInVain,
  calm,
  echoUdp,
  idOf,
  kernel,
  neighbour,
  Room,
  request,
  resolveFrom,
  serve,
  settled,
  tcp,
} = await import("./support/room.ts");
type Sandbox = import("../../src/network/network.ts").Sandbox;
type PortRequest = import("../../src/network/network.ts").PortRequest;
type NetworkConfig = import("../../src/network/controller/kit.ts").NetworkConfig;

const SUBNETS = ["10.71.0.0/24", "fd71::/64"];
const [HOST, MACHINE] = ["fd70::1", "fd70::2"];
const both = { enableIPv6: true, ipam: { config: SUBNETS.map((subnet) => ({ subnet })) } };
const udp = (hostPort: number, containerPort: number, hostIp = ""): PortRequest => ({
  ...tcp(hostPort, containerPort, hostIp),
  protocol: "udp",
});
const bridge = (name: string) => `com.docker.network.bridge.${name}`;
const unreached = /^(TIMEOUT|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|)$/;

/** Default routes of a sandbox: the gateways of IPv4 and of IPv6. */
function waysOut({ netns }: Sandbox): readonly (string | undefined)[] {
  using inside = kernel.netlink.open(netns!);
  return ([4, 6] as const).map(
    (family) => inside.routes(family).find(({ destination }) => destination === "default")?.gateway,
  );
}

const settingOf = (name: string, setting: string): string =>
  readFileSync(`/proc/sys/net/ipv6/conf/${name}/${setting}`, "utf8").trim();

/** "I am a router for half an hour" (RFC 4861, section 4.2). */
const routerAdvertisement = (source: string): Uint8Array =>
  icmpv6Frame("02:42:0a:47:00:66", source, Buffer.from("8600000040000708" + "0000000000000000", "hex"));

describe("IPv6", { skip: withoutRoot }, () => {
  let lan: ReturnType<typeof neighbour>;
  before(() => {
    using host = kernel.netlink.open();
    host.change(1, { up: true });
    lan = neighbour("10.70.0.1", "10.70.0.2");
    using inside = kernel.netlink.open(lan.netns);
    const near = { prefix: 64, nodad: true } as const;
    host.addAddress({ index: host.find("lan0")!.index, ip: HOST, ...near });
    inside.addAddress({ index: inside.find("lan1")!.index, ip: MACHINE, ...near });
  });
  after(() => lan[Symbol.dispose]());

  /** A room without a bridge of its own, which would be left behind; what is made in it has to be taken away. */
  async function within(
    config: NetworkConfig,
    body: (room: InstanceType<typeof Room>) => Promise<void>,
  ): Promise<void> {
    await using room = new Room();
    await room.open({ bridge: "none", ...config });
    const clean = await calm();
    await body(room);
    assert.deepEqual(await settled(clean), clean, "nothing is left behind");
  }

  /** A web server and an echo on a network of both families, and another container on one of its own. */
  async function served(
    config: NetworkConfig,
    body: (web: Sandbox, other: Sandbox) => Promise<void>,
  ): Promise<void> {
    await within(config, async (room) => {
      await room.networks.create({ name: "net", ...both });
      await room.networks.create({ name: "beside", enableIPv6: true });
      const ports = [tcp(8400, 80), udp(8400, 80), tcp(8401, 80, "::1"), udp(8401, 80, "::1")];
      const web = await room.networks.setUp(request(room, "web", { networks: { net: {} }, ports }));
      const other = await room.networks.setUp(request(room, "other", { networks: { beside: {} } }));
      {
        using _server = await serve(web, 80, "::");
        using _echo = await echoUdp(web.netns, 80, "udp6");
        await body(web, other);
      }
      for (const name of ["web", "other"]) await room.networks.tearDown(idOf(name));
      for (const name of ["net", "beside"]) await room.networks.remove(name);
    });
  }

  /** What a page and an echo say at this address, to a namespace. */
  const heard = (netns: string | undefined, host: string, port: number) =>
    Promise.all([askFrom(netns, host, port), askUdpFrom(netns, host, port)]);
  const unheard = async (netns: string | undefined, host: string, port: number) => {
    const answers = await Promise.all([askInVain(netns, host, port), askUdpInVain(netns, host, port)]);
    assert.ok(
      answers.every((answer) => unreached.test(answer)),
      `${host}: ${answers}`,
    );
  };

  /** `seen`: whom the server sees, coming from the other machine. */
  async function reachedEverywhere(web: Sandbox, other: Sandbox, seen: string): Promise<void> {
    const { gateway6 } = web.endpoints[0]!;
    assert.deepEqual(await heard(undefined, "::1", 8400), [gateway6, "hello"]);
    assert.deepEqual(await heard(undefined, "::1", 8401), [gateway6, "hello"]);
    assert.deepEqual(await heard(lan.netns, HOST, 8400), [seen, "hello"]);
    const addresses = [HOST, gateway6, other.endpoints[0]!.gateway6];
    const fromWithin = async (netns: string | undefined, address: string) => {
      const [page, echo] = await heard(netns, address, 8400);
      assert.match(page, /^fd/, `${address} from ${netns ?? "the host"}`);
      assert.equal(echo, "hello");
    };
    const callers = [undefined, other.netns, web.netns];
    await Promise.all(addresses.flatMap((address) => callers.map((netns) => fromWithin(netns, address))));
    await Promise.all([
      unheard(lan.netns, HOST, 8401),
      ...addresses.map((address) => unheard(other.netns, address, 8401)),
    ]);
  }

  it("ports are reached by every address of the host, and see who calls; those of ::1 by ::1 alone", () =>
    served({}, (web, other) => reachedEverywhere(web, other, MACHINE)));

  it("ports are with --userland-proxy, too", () =>
    served({ userlandProxy: true }, (web, other) => reachedEverywhere(web, other, MACHINE)));

  it("ports are passed on by the engine with --ip6tables=false", () =>
    served({ ip6tables: false }, (web, other) => reachedEverywhere(web, other, web.endpoints[0]!.gateway6)));

  it("names have addresses of both families, and addresses have names", () =>
    served({}, async (web) => {
      const { ipv4, ipv6 } = web.endpoints[0]!;
      assert.equal(await resolveFrom(web.netns, "resolve4", "web"), ipv4);
      assert.equal(await resolveFrom(web.netns, "resolve6", "web"), ipv6);
      assert.equal(await resolveFrom(web.netns, "resolve6", "web.net"), ipv6);
      assert.equal(await resolveFrom(web.netns, "reverse", ipv6), "web.net");
      assert.equal(await resolveFrom(web.netns, "reverse", ipv4), "web.net");
      assert.match(await resolveFrom(web.netns, "reverse", "fd71::ffff"), /^E/);
      assert.equal(await askFrom(web.netns, ipv6, 80), ipv6);
    }));

  it("leads out with the host's address, or with the container's where nothing is rewritten", () =>
    within({}, async (room) => {
      using _server = await serve(lan, 80, "::");
      {
        using inside = kernel.netlink.open(lan.netns);
        inside.addRoute({ family: 6, destination: "fd71::/64", gateway: HOST });
      }
      for (const [value, seen] of [
        ["true", HOST],
        ["false", "fd71::9"],
      ] as const) {
        const options = { [bridge("enable_ip_masquerade")]: value };
        await room.networks.create({ name: "net", ...both, options });
        const networks = { net: { IPAMConfig: { IPv6Address: "fd71::9" } } };
        const box = await room.networks.setUp(request(room, "box", { networks }));
        assert.equal(await askFrom(box.netns, MACHINE, 80), seen);
        await room.networks.tearDown(idOf("box"));
        await room.networks.remove("net");
      }
      using inside = kernel.netlink.open(lan.netns);
      for (const route of inside.routes(6)) if (route.gateway === HOST) inside.removeRoute(route);
    }));

  it("default routes are those of a network of both families, of the highest priority, and follow connections", () =>
    within({}, async (room) => {
      await room.networks.create({ name: "z-both", ...both });
      await room.networks.create({
        name: "a-four",
        ipam: { config: [{ subnet: "10.72.0.0/24" }] },
      });
      await room.networks.create({
        name: "b-six",
        enableIPv4: false,
        enableIPv6: true,
        ipam: { config: [{ subnet: "fd73::/64" }] },
      });
      const box = await room.networks.setUp(
        request(room, "box", { networks: { "a-four": {}, "b-six": {} } }),
      );
      assert.deepEqual(waysOut(box), ["10.72.0.1", "fd73::1"]);
      await room.networks.connect(idOf("box"), "z-both", {});
      assert.deepEqual(waysOut(box), ["10.71.0.1", "fd71::1"]);
      await room.networks.disconnect(idOf("box"), "b-six", false);
      await room.networks.connect(idOf("box"), "b-six", { GwPriority: 1 });
      assert.deepEqual(waysOut(box), ["10.71.0.1", "fd73::1"]);
      await room.networks.disconnect(idOf("box"), "z-both", false);
      assert.deepEqual(waysOut(box), ["10.72.0.1", "fd73::1"]);
      await room.networks.disconnect(idOf("box"), "b-six", false);
      assert.deepEqual(waysOut(box), ["10.72.0.1", undefined]);
      await room.networks.tearDown(idOf("box"));
      for (const name of ["z-both", "a-four", "b-six"]) await room.networks.remove(name);
    }));

  it("an interface whose IPv6 is switched off has none, alone or beside one that has it", () =>
    within({}, async (room) => {
      await room.networks.create({ name: "net", ...both });
      await room.networks.create({ name: "more", enableIPv6: true });
      const option = { "com.docker.network.endpoint.sysctls": "net.ipv6.conf.IFNAME.disable_ipv6=1" };
      const net = { DriverOpts: option };
      const sysctls = { "net.ipv6.conf.eth0.disable_ipv6": "1" };
      for (const [networks, more] of [
        [{ net }, {}],
        [{ net, more: {} }, {}],
        [{ net: {} }, { sysctls }],
      ] as const) {
        const box = await room.networks.setUp({ ...request(room, "box", { networks }), ...more });
        using inside = kernel.netlink.open(box.netns!);
        const addresses = inside.addresses().filter(({ ip }) => ip.startsWith("fd"));
        assert.deepEqual(
          addresses.map(({ ip }) => ip),
          box.endpoints.flatMap(({ networkName, ipv6 }) => (networkName === "more" ? [ipv6] : [])),
        );
        assert.deepEqual(
          box.endpoints.map(({ networkName, ipv6 }) => [networkName, ipv6 !== ""]),
          Object.keys(networks).map((name) => [name, name === "more"]),
        );
        await room.networks.tearDown(idOf("box"));
      }
      for (const name of ["net", "more"]) await room.networks.remove(name);
    }));

  it("alone, IPv4 callers are passed on by the engine", () =>
    within({}, async (room) => {
      await room.networks.create({ name: "net", enableIPv4: false, enableIPv6: true });
      const ports = [tcp(8410, 80), udp(8410, 80)];
      const box = await room.networks.setUp(request(room, "box", { networks: { net: {} }, ports }));
      {
        using _server = await serve(box, 80, "::");
        using _echo = await echoUdp(box.netns, 80, "udp6");
        const { gateway6 } = box.endpoints[0]!;
        for (const address of ["127.0.0.1", "::1"])
          assert.deepEqual(await heard(undefined, address, 8410), [gateway6, "hello"]);
        assert.deepEqual(await heard(lan.netns, "10.70.0.1", 8410), [gateway6, "hello"]);
        assert.deepEqual(await heard(lan.netns, HOST, 8410), [MACHINE, "hello"]);
      }
      await room.networks.tearDown(idOf("box"));
      await room.networks.remove("net");
    }));

  it("containers cannot tell the host which way is out", () =>
    within({ ipForward: false }, async (room) => {
      // As on hosts whose own network is told by its router.
      writeFileSync("/proc/sys/net/ipv6/conf/default/accept_ra", "2");
      const name = "heard0";
      await room.networks.create({ name: "net", ...both, options: { [bridge("name")]: name } });
      const box = await room.networks.setUp(request(room, "box", { networks: { net: {} } }));
      using host = kernel.netlink.open();
      using inside = kernel.netlink.open(box.netns!);
      const learned = () => host.routes(6).filter(({ gateway }) => gateway?.startsWith("fe80::bad") === true);
      kernel.frames.send(box.netns!, inside.find("eth0")!.index, [routerAdvertisement("fe80::bad")]);
      await sleep(300);
      assert.deepEqual(learned(), []);
      assert.equal(settingOf(name, "accept_ra"), "0");
      writeFileSync("/proc/sys/net/ipv6/conf/default/accept_ra", "1");
      await room.networks.tearDown(idOf("box"));
      await room.networks.remove("net");
    }));

  it("an isolated bridge has no address at all, not even one of the link", () =>
    within({}, async (room) => {
      const modes = ["4", "6"].map((family) => [bridge(`gateway_mode_ipv${family}`), "isolated"]);
      const options = { ...Object.fromEntries(modes), [bridge("name")]: "cell0" };
      await room.networks.create({ name: "net", internal: true, ...both, options });
      const networks = { net: {} };
      const a = await room.networks.setUp(request(room, "a", { networks }));
      const b = await room.networks.setUp(request(room, "b", { networks }));
      using host = kernel.netlink.open();
      assert.deepEqual(host.addresses(host.find("cell0")!.index), []);
      using _server = await serve(b, 80, "::");
      assert.equal(await askFrom(a.netns, b.endpoints[0]!.ipv6, 80), a.endpoints[0]!.ipv6);
      for (const name of ["a", "b"]) await room.networks.tearDown(idOf(name));
      await room.networks.remove("net");
    }));
});
