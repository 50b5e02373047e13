import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { servePlugin } from "../../src/plugin/testing/serve-plugin.ts";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { askFrom, calm, idOf, kernel, Room, request, serve, settled, tcp } = await import("./support/room.ts");

const inside = <T>(
  netns: string | undefined,
  body: (links: import("../../src/kernel/index.ts").Links) => T,
): T => {
  using links = kernel.netlink.open(netns);
  return body(links);
};
const hasDummy = !withoutRoot && canAdd("dummy");
const hasIpvlan = !withoutRoot && canAdd("ipvlan");
const hasVlan = !withoutRoot && canAdd("vlan");

function canAdd(kind: "dummy" | "ipvlan" | "vlan"): boolean {
  return inside(undefined, (links) => {
    try {
      const parent = links.add({ kind: "bridge", name: "probe0" });
      try {
        const specs = {
          dummy: { kind: "dummy" },
          ipvlan: { kind: "ipvlan", parent: parent.index, mode: "l2", flag: "bridge" },
          vlan: { kind: "vlan", parent: parent.index, id: 7 },
        } as const;
        links.remove(links.add({ ...specs[kind], name: "probe1" }).index);
      } finally {
        links.remove(parent.index);
      }
      return true;
    } catch {
      return false;
    }
  });
}

describe("drivers other than bridge", { skip: withoutRoot }, () => {
  const room = new Room();
  let clean: readonly string[];
  /** An interface that stands for the host's network card. */
  let card: { readonly index: number };

  before(async () => {
    inside(undefined, (links) => {
      links.change(1, { up: true });
      card = links.add({ kind: "bridge", name: "card0", up: true });
    });
    mkdirSync(join(room.folder, "plugins"));
    await room.open();
    clean = await calm();
  });
  after(async () => {
    assert.deepEqual(await settled(clean), clean, "nothing is left behind");
    await room[Symbol.asyncDispose]();
    inside(undefined, (links) => links.remove(card.index));
  });
  const drop = async (...names: readonly string[]) => {
    for (const name of names) await room.networks.tearDown(idOf(name));
  };
  type Wishes = NonNullable<Parameters<typeof request>[2]>;
  const setUp = (name: string, networks: Wishes["networks"], more: Wishes = {}) =>
    room.networks.setUp(request(room, name, { ...more, networks }));

  it("macvlan: containers have addresses of the parent's network and reach each other over it", async () => {
    const lan = {
      driver: "macvlan",
      options: { parent: "card0" },
      ipam: { config: [{ subnet: "10.88.0.0/24" }] },
    };
    await room.networks.create({ name: "lan", ...lan });
    const a = await setUp("ma", { lan: { MacAddress: "02:00:00:00:00:77" } });
    const b = await setUp("mb", { lan: { IPAMConfig: { IPv4Address: "10.88.0.9" } } });
    assert.equal(b.endpoints[0]?.ipv4, "10.88.0.9");
    inside(a.netns, (links) => {
      const eth0 = links.find("eth0");
      assert.deepEqual([eth0?.kind, eth0?.mac, eth0?.up], ["macvlan", "02:00:00:00:00:77", true]);
      assert.equal(
        links.routes(4).find(({ destination }) => destination === "default")?.gateway,
        "10.88.0.1",
      );
    });
    using _server = await serve(b, 80);
    assert.equal(await askFrom(a.netns, "10.88.0.9", 80), a.endpoints[0]?.ipv4);
    assert.equal(
      inside(undefined, (links) => links.find(a.endpoints[0]!.ipv4)),
      undefined,
    );
    await room.networks.disconnect(idOf("ma"), "lan", false);
    assert.equal(
      inside(a.netns, (links) => links.find("eth0")),
      undefined,
    );
    await room.networks.connect(idOf("ma"), "lan", {});
    await drop("ma", "mb");
    await room.networks.remove("lan");
  });

  it("macvlan: the other modes, a parent for itself alone, and none at all", async () => {
    for (const mode of ["private", "vepa", "passthru"]) {
      await room.networks.create({
        name: mode,
        driver: "macvlan",
        options: { parent: "card0", macvlan_mode: mode },
      });
      const box = await setUp("mm", { [mode]: {} });
      assert.equal(
        inside(box.netns, (links) => links.find("eth0")?.mac),
        box.endpoints[0]?.macAddress,
      );
      if (mode === "passthru") {
        const more = { name: "more", driver: "macvlan", options: { parent: "card0" } };
        await assert.rejects(room.networks.create(more), /already using parent interface card0/);
        await drop("mm");
        await setUp("mm", { [mode]: {} });
      }
      await drop("mm");
      await room.networks.remove(mode);
    }
    await room.networks.create({ name: "alone", driver: "macvlan" });
    const [a, b] = [await setUp("ia", { alone: {} }), await setUp("ib", { alone: {} })];
    assert.equal(a.endpoints[0]?.gateway, "");
    assert.deepEqual(
      inside(a.netns, (links) => links.routes(4).filter(({ destination }) => destination === "default")),
      [],
    );
    using _server = await serve(b, 80);
    assert.equal(await askFrom(a.netns, b.endpoints[0]!.ipv4, 80), a.endpoints[0]?.ipv4);
    await room.close();
    await room.open({}, ["ia", "ib"].map(idOf));
    assert.equal(await askFrom(a.netns, b.endpoints[0]!.ipv4, 80), a.endpoints[0]?.ipv4, "after a restart");
    await drop("ia", "ib");
    await room.networks.remove("alone");
  });

  it("macvlan refuses modes and parents that are none, and publishes no ports", async () => {
    const create = (options: Readonly<Record<string, string>>) =>
      room.networks.create({ name: "bad", driver: "macvlan", options });
    await assert.rejects(create({ macvlan_mode: "word" }), {
      kind: "invalidParameter",
      message: /requested macvlan mode 'word' is not valid/,
    });
    await assert.rejects(
      create({ parent: "absent0" }),
      /invalid subinterface vlan name absent0, example formatting is eth0.10/,
    );
    await assert.rejects(create({ parent: "card0.4095" }), /vlan id must be between 1-4094, received: 4095/);
    await assert.rejects(
      create({ parent: "absent0.10" }),
      /parent interface was not found on the host: absent0/,
    );
    await assert.rejects(create({ parent: "lo" }), /loopback interface is not a valid macvlan parent link/);
    await room.networks.create({ name: "closed", driver: "macvlan", options: { parent: "card0" } });
    const ports = [tcp(8080, 80)];
    const box = await room.networks.setUp(request(room, "mp", { networks: { closed: {} }, ports }));
    assert.deepEqual(box.ports, []);
    await drop("mp");
    await room.networks.remove("closed");
  });

  it("ipvlan works, or says that the kernel has none", async () => {
    const create = () =>
      room.networks.create({ name: "ipv", driver: "ipvlan", options: { parent: "card0" } });
    await assert.rejects(
      room.networks.create({ name: "ipv", driver: "ipvlan", options: { ipvlan_mode: "l9" } }),
      /requested ipvlan mode 'l9' is not valid/,
    );
    if (!hasIpvlan) return assert.rejects(create(), /this kernel has no ipvlan links/);
    await create();
    const box = await setUp("iv", { ipv: {} });
    assert.equal(
      inside(box.netns, (links) => links.find("eth0")?.kind),
      "ipvlan",
    );
    await drop("iv");
    return void (await room.networks.remove("ipv"));
  });

  it("a VLAN that is not there is made, and goes with the last network below it", async (test) => {
    const under = (name: string) =>
      room.networks.create({ name, driver: "macvlan", options: { parent: "card0.10" } });
    const isThere = () => inside(undefined, (links) => links.find("card0.10")) !== undefined;
    if (!hasVlan) {
      test.diagnostic("this kernel has no 802.1q links");
      await assert.rejects(under("tagged"), /failed to create card0.10 vlan link: this kernel has no 802.1q/);
      assert.ok(!isThere());
      return;
    }
    await under("tagged");
    await under("tagged-too");
    await room.networks.remove("tagged");
    assert.ok(isThere());
    await room.networks.remove("tagged-too");
    assert.ok(!isThere());
  });

  it("without a parent a dummy or a bridge without ports stands in", async () => {
    const { id } = await room.networks.create({ name: "standin", driver: "macvlan" });
    const kind = inside(undefined, (links) => links.find(`dm-${id.slice(0, 12)}`)?.kind);
    assert.equal(kind, hasDummy ? "dummy" : "bridge");
    await room.networks.remove("standin");
  });

  it("null IPAM gives no addresses", async () => {
    const made = await room.networks.create({
      name: "bare",
      driver: "macvlan",
      options: { parent: "card0" },
      ipam: { driver: "null" },
    });
    assert.deepEqual(made.ipam.config, [{ subnet: "0.0.0.0/0" }]);
    const box = await setUp("nb", { bare: {} });
    assert.equal(box.endpoints[0]?.ipv4, "");
    assert.equal(
      inside(box.netns, (links) => links.find("eth0")?.up),
      true,
    );
    await drop("nb");
    await room.networks.remove("bare");
    await assert.rejects(
      room.networks.create({ name: "bare", ipam: { driver: "null" } }),
      /ipv4 pool is empty/,
    );
    await assert.rejects(room.networks.create({ name: "x", driver: "absent" }), {
      kind: "notFound",
      message: 'plugin "absent" not found',
    });
    await assert.rejects(room.networks.create({ name: "x", driver: "overlay" }), { kind: "notImplemented" });
    await assert.rejects(room.networks.create({ name: "x", ipam: { driver: "absent" } }), {
      kind: "notFound",
    });
  });

  it("a network plugin makes interfaces, which come back to it", async () => {
    await using plugin = await servePlugin(
      join(room.folder, "plugins", "sample.sock"),
      ["NetworkDriver"],
      (method, asked) => {
        const source = `sp${String(asked["EndpointID"]).slice(0, 8)}`;
        switch (method) {
          case "NetworkDriver.GetCapabilities":
            return { Scope: "local" };
          case "NetworkDriver.CreateEndpoint":
            inside(undefined, (links) =>
              links.add({ kind: "veth", name: source, peer: { name: `${source}p` } }),
            );
            return { Interface: { MacAddress: "02:11:22:33:44:55" } };
          case "NetworkDriver.Join":
            return {
              InterfaceName: { SrcName: source, DstPrefix: "eth" },
              Gateway: "10.99.0.254",
              StaticRoutes: [{ Destination: "192.0.2.0/24", RouteType: 1, NextHop: "" }],
            };
          case "NetworkDriver.DeleteEndpoint":
            inside(undefined, (links) => links.remove(links.find(source)!.index));
        }
        return {};
      },
    );
    const network = {
      name: "far",
      driver: "sample",
      options: { "sample.x": "y" },
      ipam: { config: [{ subnet: "10.99.0.0/24", auxiliaryAddresses: { spare: "10.99.0.9" } }] },
    };
    await room.networks.create(network);
    const box = await setUp(
      "pb",
      { far: {} },
      {
        ports: [{ hostIp: "", hostPort: 5353, hostPortEnd: 5353, containerPort: 53, protocol: "udp" }],
        exposed: [{ port: 80, protocol: "tcp" }],
      },
    );
    assert.deepEqual(
      [box.endpoints[0]?.gateway, box.endpoints[0]?.macAddress],
      ["10.99.0.254", "02:11:22:33:44:55"],
    );
    inside(box.netns, (links) => {
      assert.equal(links.find("eth0")?.mac, "02:11:22:33:44:55");
      const routes = links.routes(4).map(({ destination, gateway }) => `${destination} ${gateway ?? ""}`);
      assert.ok(routes.includes("default 10.99.0.254") && routes.includes("192.0.2.0/24 "), routes.join());
    });
    await room.networks.disconnect(idOf("pb"), "far", false);
    await room.networks.connect(idOf("pb"), "far", {});
    await drop("pb");
    await room.networks.remove("far");
    const methods = plugin.calls.map(({ method }) => method.replace("NetworkDriver.", ""));
    const endpoint = [
      "CreateEndpoint",
      "Join",
      "ProgramExternalConnectivity",
      "RevokeExternalConnectivity",
      "Leave",
      "DeleteEndpoint",
    ];
    assert.deepEqual(methods, [
      "Plugin.Activate",
      "GetCapabilities",
      "CreateNetwork",
      ...endpoint,
      ...endpoint,
      "DeleteNetwork",
    ]);
    const exposed = plugin.calls.find(({ method }) => method.endsWith("ProgramExternalConnectivity"));
    assert.deepEqual(exposed?.request["Options"], {
      "com.docker.network.portmap": [
        { Proto: 17, IP: "", Port: 53, HostIP: "", HostPort: 5353, HostPortEnd: 5353 },
      ],
      "com.docker.network.endpoint.exposedports": [{ Proto: 6, Port: 80 }],
    });
    const created = plugin.calls[2]?.request as Record<string, never>;
    assert.deepEqual(created["Options"]?.["com.docker.network.generic"], { "sample.x": "y" });
    assert.deepEqual(created["IPv4Data"], [
      {
        AddressSpace: "LocalDefault",
        Pool: "10.99.0.0/24",
        Gateway: "10.99.0.1/24",
        AuxAddresses: { spare: "10.99.0.9/24" },
      },
    ]);
  });

  it("a network plugin that refuses at any step leaves nothing", async () => {
    let refused = "";
    await using _plugin = await servePlugin(
      join(room.folder, "plugins", "shy.sock"),
      ["NetworkDriver"],
      (method) => {
        if (method === `NetworkDriver.${refused}`) throw new Error(`no ${refused}`);
        return method.endsWith("GetCapabilities") ? { Scope: "local" } : {};
      },
    );
    refused = "CreateNetwork";
    await assert.rejects(room.networks.create({ name: "shy", driver: "shy" }), /no CreateNetwork/);
    refused = "";
    await room.networks.create({ name: "shy", driver: "shy" });
    const before = room.count("ipam_addresses");
    for (const step of ["CreateEndpoint", "Join"]) {
      refused = step;
      await assert.rejects(setUp("ps", { shy: {} }), new RegExp(`no ${step}`));
      assert.equal(room.count("ipam_addresses"), before);
      assert.equal(room.networks.sandbox(idOf("ps")), undefined);
    }
    refused = "";
    await room.networks.remove("shy");
  });

  it("an IPAM plugin gives subnets and addresses, and gets each of them back", async () => {
    const held = new Set<string>();
    let next = 2;
    await using plugin = await servePlugin(
      join(room.folder, "plugins", "pool.sock"),
      ["IpamDriver"],
      (method, asked) => {
        switch (method) {
          case "IpamDriver.GetDefaultAddressSpaces":
            return { LocalDefaultAddressSpace: "here", GlobalDefaultAddressSpace: "there" };
          case "IpamDriver.RequestPool":
            held.add("pool");
            return { PoolID: "p1", Pool: String(asked["Pool"]) || "10.77.0.0/24", Data: {} };
          case "IpamDriver.ReleasePool":
            held.delete("pool");
            return {};
          case "IpamDriver.RequestAddress": {
            const gateway = Object.keys(asked["Options"] as object).length > 0;
            const ip = String(asked["Address"]) || `10.77.0.${gateway ? 1 : next++}`;
            if (ip === "10.77.0.4") throw new Error("no more");
            held.add(ip);
            return { Address: `${ip}/24` };
          }
          case "IpamDriver.ReleaseAddress":
            held.delete(String(asked["Address"]));
        }
        return {};
      },
    );
    const made = await room.networks.create({
      name: "leased",
      ipam: { driver: "pool", options: { a: "b" } },
    });
    assert.deepEqual(made.ipam.config, [{ subnet: "10.77.0.0/24", gateway: "10.77.0.1" }]);
    const box = await setUp("la", { leased: {} });
    assert.equal(box.endpoints[0]?.ipv4, "10.77.0.2");
    await room.close();
    await room.open({}, [idOf("la")]);
    await setUp("lb", { leased: {} });
    await assert.rejects(setUp("lc", { leased: {} }), /no more/);
    assert.deepEqual([...held].sort(), ["10.77.0.1", "10.77.0.2", "10.77.0.3", "pool"]);
    await drop("la", "lb");
    await room.networks.remove("leased");
    assert.deepEqual([...held], []);
    assert.deepEqual(plugin.calls.find(({ method }) => method.endsWith("RequestPool"))?.request, {
      AddressSpace: "here",
      Pool: "",
      SubPool: "",
      Options: { a: "b" },
      V6: false,
    });
  });

  it("configuration networks hold settings for others", async () => {
    const ipam = { config: [{ subnet: "10.66.0.0/24", ipRange: "10.66.0.128/25" }] };
    const held = await room.networks.create({
      name: "held",
      configOnly: true,
      ipam,
      options: { "com.docker.network.driver.mtu": "1400" },
      labels: { a: "b" },
    });
    assert.deepEqual(
      [held.driver, held.configOnly, held.ipam.config[0]?.subnet],
      ["null", true, "10.66.0.0/24"],
    );
    const made = await room.networks.create({ name: "made", configFrom: "held", attachable: true });
    assert.deepEqual([made.configFrom, made.labels, made.attachable], ["held", { a: "b" }, true]);
    const box = await setUp("ca", { made: {} });
    assert.equal(box.endpoints[0]?.ipv4, "10.66.0.129");
    assert.equal(
      inside(box.netns, (links) => links.find("eth0")?.mtu),
      1400,
    );
    await assert.rejects(setUp("cb", { held: {} }), {
      kind: "forbidden",
      message: "cannot create endpoint on configuration-only network",
    });
    await assert.rejects(room.networks.remove("held"), {
      kind: "forbidden",
      message: 'error while removing network: configuration network "held" is in use',
    });
    await drop("ca");
    await room.networks.remove("made");
    await room.networks.remove("held");
    const refused = (asked: object) => room.networks.create({ name: "no", ...asked });
    await assert.rejects(refused({ configFrom: "nobody" }), {
      kind: "notFound",
      message: 'configuration network "nobody" does not exist',
    });
    await assert.rejects(refused({ configOnly: true, internal: true }), { kind: "forbidden" });
    await assert.rejects(
      refused({ configOnly: true, configFrom: "held" }),
      /cannot depend on another configuration network/,
    );
    await assert.rejects(
      refused({ configFrom: "held", labels: { a: "b" } }),
      /user specified configurations are not supported/,
    );
  });
});
