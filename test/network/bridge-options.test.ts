import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { askFrom, calm, idOf, kernel, resolveFrom, Room, request, rules, serve, settled, variant } =
  await import("./support/room.ts");
type Sandbox = import("../../src/network/network.ts").Sandbox;
type CreateNetwork = import("../../src/network/network.ts").CreateNetwork;

const bridge = (name: string) => `com.docker.network.bridge.${name}`;
const NO4 = "com.docker.network.enable_ipv4";
const WITH6 = "com.docker.network.enable_ipv6";

/** Whether one sandbox reaches the other at this address; over IPv6 its neighbour has to be found first. */
async function reaches({ netns }: Sandbox, other: Sandbox, ip: string): Promise<boolean> {
  using _server = await serve(other, 80, "::");
  const answer = await askFrom(netns, ip.startsWith("fe80:") ? `${ip}%eth0` : ip, 80);
  return /^(::ffff:)?192\.|^f[de]/.test(answer);
}

describe("options of bridge networks", { skip: withoutRoot }, () => {
  const room = new Room();
  let clean: readonly string[];

  before(async () => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
    await room.open({ networkOptions: { bridge: { [NO4]: "false", [WITH6]: "true" } } });
    clean = await calm();
  });
  after(async () => {
    assert.deepEqual(await settled(clean), clean, "nothing is left behind");
    await room[Symbol.asyncDispose]();
  });

  /** Two containers on a network of their own, for as long as `body` takes. */
  async function pair(asked: Omit<CreateNetwork, "name">, body: (a: Sandbox, b: Sandbox) => unknown) {
    await room.networks.create({ name: "pair", enableIPv4: true, ...asked });
    try {
      const networks = { pair: {} };
      const a = await room.networks.setUp(request(room, "pair-a", { networks }));
      const b = await room.networks.setUp(request(room, "pair-b", { networks }));
      await body(a, b);
    } finally {
      for (const name of ["pair-a", "pair-b"]) await room.networks.tearDown(idOf(name));
      await room.networks.remove("pair");
    }
  }

  it("the engine's say which families there are, where the request does not, and are not shown where it does", async () => {
    for (const enableIPv4 of [undefined, true]) {
      for (const enableIPv6 of [undefined, true]) {
        const asked = { ...(enableIPv4 && { enableIPv4 }), ...(enableIPv6 && { enableIPv6 }) };
        const record = await room.networks.create({ name: "families", ...asked });
        await room.networks.remove("families");
        assert.equal(record.enableIPv4, enableIPv4 ?? false);
        assert.equal(record.enableIPv6, true);
        assert.equal(record.options[NO4], enableIPv4 ? undefined : "false");
        assert.equal(record.options[WITH6], enableIPv6 ? undefined : "true");
        assert.ok(record.ipam.config.some(({ subnet }) => subnet.startsWith("fd")));
      }
    }
    await assert.rejects(room.networks.create({ name: "families", options: { [NO4]: "maybe" } }), {
      kind: "invalidParameter",
      message: /^driver-opt "com\.docker\.network\.enable_ipv4" is not a valid bool$/,
    });
  });

  for (const options of [
    { [bridge("inhibit_ipv4")]: "true" },
    { [bridge("gateway_mode_ipv4")]: "isolated" },
  ]) {
    it(`a /31 has room for two containers with ${Object.keys(options).join()}`, () =>
      pair(
        { options, internal: true, enableIPv6: false, ipam: { config: [{ subnet: "192.168.135.0/31" }] } },
        async (a, b) => {
          assert.equal(room.networks.resolve("pair").ipam.config[0]?.gateway, undefined);
          assert.equal(b.endpoints[0]!.ipv4, "192.168.135.1");
          assert.ok(await reaches(a, b, "192.168.135.1"));
        },
      ));
  }

  it("containers of an internal network hear each other over IPv6", () =>
    pair({ internal: true, enableIPv6: true }, async (a, b) =>
      assert.ok(await reaches(a, b, b.endpoints[0]!.ipv6)),
    ));

  it("link-local subnets lead out, and inwards", async () => {
    const ipam = { config: [{ subnet: "fe80::/64" }] };
    for (const internal of [false, true])
      await pair({ internal, enableIPv6: true, ipam }, async (a, b) => {
        assert.ok(await reaches(a, b, b.endpoints[0]!.ipv6));
        using inside = kernel.netlink.open(a.netns!);
        const route = inside.routes(6).find(({ destination }) => destination === "default");
        assert.equal(route?.gateway, internal ? undefined : a.endpoints[0]!.gateway6);
      });
  });

  it("a container that has switched IPv6 off has no such address, and nobody is told of one", async () => {
    await room.networks.create({ name: "pair", enableIPv4: true });
    const networks = { pair: {} };
    const sysctls = { "net.ipv6.conf.all.disable_ipv6": "1" };
    const off = await room.networks.setUp({ ...request(room, "pair-a", { networks }), sysctls });
    const on = await room.networks.setUp(request(room, "pair-b", { networks }));
    assert.equal(off.endpoints[0]!.ipv6, "");
    assert.equal(await resolveFrom(on.netns, "resolve6", "pair-a"), "ENODATA");
    assert.doesNotMatch(readFileSync(off.files.hosts, "utf8"), /::1/);
    assert.match(readFileSync(on.files.hosts, "utf8"), /^::1\t/m);
    for (const name of ["pair-a", "pair-b"]) await room.networks.tearDown(idOf(name));
    await room.networks.remove("pair");
  });

  it("containers go out with the address that was asked for", async () => {
    const options = { "com.docker.network.host_ipv4": "172.0.0.172", [bridge("name")]: "source0" };
    await pair({ options, enableIPv6: false }, () => {
      const { subnet } = room.networks.resolve("pair").ipam.config[0]!;
      const rule =
        variant() === "nftables"
          ? `sources ${subnet} : 172.0.0.172`
          : `-A POSTROUTING -s ${subnet} ! -o source0 -j SNAT --to-source 172.0.0.172`;
      assert.ok(rules().includes(rule));
    });
    const wrong = { "com.docker.network.host_ipv4": "fd00::1" };
    await assert.rejects(room.networks.create({ name: "wrong", options: wrong }), {
      kind: "invalidParameter",
    });
  });

  it("an address to bind ports to has to be one, and no name of a bridge is none", async () => {
    const binding = bridge("host_binding_ipv4");
    await assert.rejects(room.networks.create({ name: "wrong", options: { [binding]: "word" } }), {
      kind: "invalidParameter",
      message: `invalid value "word" for option ${binding}: not an IP address`,
    });
    const options = { [binding]: "::1", [bridge("name")]: "" };
    await pair({ options, enableIPv6: false }, () => {
      using links = kernel.netlink.open();
      assert.ok(links.find(`br-${room.networks.resolve("pair").id.slice(0, 12)}`));
    });
  });

  it("a container whose only name server is the embedded one gets an answer", async () => {
    const networks = { pair: {} };
    await room.networks.create({ name: "pair", enableIPv4: true });
    const box = await room.networks.setUp(
      request(room, "pair-a", { networks, dns: { servers: ["127.0.0.11"] } }),
    );
    assert.equal(await resolveFrom(box.netns, "resolve4", "far.example.org"), "ESERVFAIL");
    await room.networks.tearDown(idOf("pair-a"));
    await room.networks.remove("pair");
  });
});
