import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
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
  serve,
  settled,
  tcp,
} = await import("./support/room.ts");
type Sandbox = import("../../src/network/network.ts").Sandbox;
type NetworkConfig = import("../../src/network/controller/kit.ts").NetworkConfig;

const TRUSTED = "com.docker.network.bridge.trusted_host_interfaces";
const MODES = ["4", "6"].map((family) => `com.docker.network.bridge.gateway_mode_ipv${family}`);
const SUBNETS = ["10.49.0.0/24", "fd49::/64"];
const [PUBLISHED, OTHER] = [80, 81];

/** Another machine of the LAN that has routes to the containers' subnets, for both families. */
function remote(net: number, name: string): Disposable & { readonly netns: string } {
  const machine = neighbour(`10.${net}.0.1`, `10.${net}.0.2`, name);
  using links = kernel.netlink.open();
  using inside = kernel.netlink.open(machine.netns);
  const end = inside.find(`${name}1`)!.index;
  const near = { prefix: 64, nodad: true } as const;
  links.addAddress({ index: links.find(`${name}0`)!.index, ip: `fd${net}::1`, ...near });
  inside.addAddress({ index: end, ip: `fd${net}::2`, ...near });
  inside.addRoute({ family: 4, destination: SUBNETS[0]!, gateway: `10.${net}.0.1` });
  inside.addRoute({ family: 6, destination: SUBNETS[1]!, gateway: `fd${net}::1` });
  return machine;
}

describe("what is routed to a container's own address", { skip: withoutRoot }, () => {
  let lan: ReturnType<typeof remote>;
  let far: ReturnType<typeof remote>;
  before(() => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
    lan = remote(61, "lan");
    far = remote(62, "far");
  });
  after(() => {
    lan[Symbol.dispose]();
    far[Symbol.dispose]();
  });

  /** A container whose port 80 is published, over TCP and UDP, and whose port 81 is not; servers at all of them. */
  async function within(
    config: NetworkConfig,
    options: Readonly<Record<string, string>>,
    body: (web: Sandbox, room: InstanceType<typeof Room>) => Promise<void>,
  ): Promise<void> {
    await using room = new Room();
    // No bridge of its own: it would be left behind.
    await room.open({ bridge: "none", ...config });
    const clean = await calm();
    const ipam = { config: SUBNETS.map((subnet) => ({ subnet })) };
    await room.networks.create({ name: "net", enableIPv6: true, options, ipam });
    const ports = [tcp(8340, PUBLISHED), { ...tcp(8340, PUBLISHED), protocol: "udp" as const }];
    const web = await room.networks.setUp(request(room, "web", { networks: { net: {} }, ports }));
    using _a = await serve(web, PUBLISHED, "::");
    using _b = await serve(web, OTHER, "::");
    using _c = await echoUdp(web.netns, PUBLISHED, "udp6");
    using _d = await echoUdp(web.netns, OTHER, "udp6");
    await body(web, room);
    await room.networks.tearDown(idOf("web"));
    await room.networks.remove("net");
    assert.deepEqual(await settled(clean), clean, "nothing is left behind");
  }

  /** Which of the port's four ways (TCP and UDP, over IPv4 and IPv6) reach it from a namespace. */
  async function reached({ netns }: Pick<Sandbox, "netns">, web: Sandbox, port: number, expected: boolean) {
    const [tcpAsk, udpAsk] = expected ? [askFrom, askUdpFrom] : [askInVain, askUdpInVain];
    const { ipv4, ipv6 } = web.endpoints[0]!;
    const answers = await Promise.all(
      [ipv4, ipv6].flatMap((ip) => [tcpAsk(netns, ip, port), udpAsk(netns, ip, port)]),
    );
    return answers.map((answer) => !["TIMEOUT", "ECONNREFUSED", "EHOSTUNREACH"].includes(answer));
  }
  const all = [true, true, true, true];
  const none = [false, false, false, false];

  it("is refused, published or not; the host's port is open", async () => {
    await within({}, {}, async (web) => {
      for (const ip of ["10.61.0.1", "fd61::1"]) {
        assert.match(await askFrom(lan.netns, ip, 8340), /^(::ffff:10\.61\.0\.2|fd61::2)$/);
        assert.equal(await askUdpFrom(lan.netns, ip, 8340), "hello");
      }
      assert.deepEqual(await reached(lan, web, PUBLISHED, false), none);
      assert.deepEqual(await reached(lan, web, OTHER, false), none);
    });
  });

  it("arrives in gateway mode nat-unprotected, whatever the port", async () => {
    await within({}, Object.fromEntries(MODES.map((mode) => [mode, "nat-unprotected"])), async (web) => {
      assert.equal(await askUdpFrom(lan.netns, "10.61.0.1", 8340), "hello");
      assert.deepEqual(await reached(lan, web, PUBLISHED, true), all);
      assert.deepEqual(await reached(lan, web, OTHER, true), all);
    });
  });

  it("arrives at published ports with --allow-direct-routing, from other hosts, until an engine without it", async () => {
    await within({ allowDirectRouting: true }, {}, async (web, room) => {
      assert.deepEqual(await reached(lan, web, PUBLISHED, true), all);
      assert.deepEqual(await reached(lan, web, OTHER, false), none);
      await room.networks.create({ name: "beside", enableIPv6: true });
      const guest = await room.networks.setUp(request(room, "guest", { networks: { beside: {} } }));
      assert.deepEqual(await reached(guest, web, PUBLISHED, false), none, "networks stay apart");
      await room.networks.tearDown(idOf("guest"));
      await room.networks.remove("beside");
      await room.close();
      await room.open({ bridge: "none" }, [idOf("web")]);
      assert.deepEqual(await reached(lan, web, PUBLISHED, false), none);
    });
  });

  it("does not with --allow-direct-routing open containers to each other that are kept apart", async () => {
    const apart = { "com.docker.network.bridge.enable_icc": "false" };
    await within({ allowDirectRouting: true }, apart, async (web, room) => {
      const guest = await room.networks.setUp(request(room, "guest", { networks: { net: {} } }));
      assert.deepEqual(await reached(guest, web, PUBLISHED, false), none);
      await room.networks.tearDown(idOf("guest"));
      assert.deepEqual(await reached(far, web, PUBLISHED, true), all);
    });
  });

  it("arrives at published ports from the interfaces that the network trusts, and no others", async () => {
    await within({}, { [TRUSTED]: "absent0:lan0" }, async (web, room) => {
      assert.deepEqual(await reached(lan, web, PUBLISHED, true), all);
      assert.deepEqual(await reached(lan, web, OTHER, false), none);
      assert.deepEqual(await reached(far, web, PUBLISHED, false), none);
      await room.close();
      await room.open({ bridge: "none" }, [idOf("web")]);
      assert.deepEqual(await reached(lan, web, PUBLISHED, true), all, "also by the next engine's rules");
      assert.deepEqual(await reached(far, web, PUBLISHED, false), none);
    });
  });

  it("is trusted only from what can be an interface", async () => {
    await using room = new Room();
    await room.open({ bridge: "none" });
    for (const text of ["eth0 -j ACCEPT", "eth0:no/name", "a-name-of-17-chars", "eth+"])
      await assert.rejects(
        room.networks.create({ name: "x", options: { [TRUSTED]: text } }),
        /for option .*trusted_host_interfaces: not an interface name/,
      );
  });
});
