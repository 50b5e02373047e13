import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { ask, calm, idOf, kernel, Room, request, serve, settled, tcp, traces } = await import(
  "./support/room.ts"
);

before(() => {
  if (withoutRoot) return;
  using links = kernel.netlink.open();
  links.change(1, { up: true });
});

describe("with --iptables=false", { skip: withoutRoot }, () => {
  it("no rule is written, and the engine itself passes TCP connections on", async () => {
    await using room = new Room();
    await room.open({
      iptables: false,
      bridge: "mine0",
      bip: "10.44.0.1/24",
      fixedCidr: "10.44.0.128/25",
      defaultGateway: "10.44.0.254",
      mtu: 1400,
    });
    const clean = await calm();
    const box = await room.networks.setUp(request(room, "box", { ports: [tcp(8200, 80)] }));
    const [endpoint] = box.endpoints;
    assert.deepEqual([endpoint!.ipv4, endpoint!.gateway], ["10.44.0.128", "10.44.0.254"]);
    const mtu = kernel.namespaces.insideNetwork(box.netns!, () => {
      using links = kernel.netlink.open();
      return links.find("eth0")!.mtu;
    });
    assert.equal(mtu, 1400);
    assert.ok(!traces().some((line) => line.startsWith("-A")));
    using _server = await serve(box, 80);
    assert.equal(await ask("127.0.0.1", 8200), "10.44.0.1");
    await room.networks.tearDown(idOf("box"));
    assert.deepEqual(await settled(clean), clean);
  });

  it("a subnet that something on the host uses is left alone", async () => {
    using host = kernel.netlink.open();
    const vpn = host.add({ kind: "bridge", name: "vpn0", up: true });
    host.addAddress({ index: vpn.index, ip: "172.17.200.1", prefix: 24 });
    await using room = new Room();
    await room.open({ iptables: false, bridge: "mine1" });
    assert.equal(room.networks.resolve("bridge").ipam.config[0]!.subnet, "172.18.0.0/16");
    host.remove(vpn.index);
  });
});
