import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "node:test";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { kernel, Room } = await import("./support/room.ts");
type NetworkConfig = import("../../src/network/controller/kit.ts").NetworkConfig;

/** Pool as it is shown: subnet, range and gateway; "ll": the bridge's link-local address. */
type Shown = readonly [subnet: string, range: string, gateway: string];

interface Case {
  readonly title: string;
  /** Addresses that the bridge has before the engine starts; a bridge that is not there has none. */
  readonly addresses?: readonly string[];
  readonly config?: NetworkConfig;
  readonly shown?: readonly Shown[];
  readonly refused?: RegExp;
}

const V4 = "192.168.176.0/24";
const V6 = "fdd1:8161:2d2c::/64";
const both = { fixedCidr: V4, fixedCidr6: V6 };
const small = ["192.168.176.88/24", "fdd1:8161:2d2c::8888/64"];

/** What dockerd 28 makes of the same (its integration test of the default bridge's addresses). */
const OWN: readonly Case[] = [
  {
    title: "pools",
    config: {
      addressPools: [
        { base: "192.168.176.0/20", size: 24 },
        { base: "fdd1:8161:2d2c::/56", size: 64 },
      ],
    },
    shown: [
      [V4, "", "192.168.176.1"],
      [V6, "", "fdd1:8161:2d2c::1"],
    ],
  },
  {
    title: "--bip",
    config: { bip: "192.168.176.88/24", bip6: "fdd1:8161:2d2c::8888/64" },
    shown: [
      [V4, "", "192.168.176.88"],
      [V6, "", "fdd1:8161:2d2c::8888"],
    ],
  },
  {
    title: "the bridge's addresses",
    addresses: small,
    shown: [
      [V4, "", "192.168.176.88"],
      [V6, "", "fdd1:8161:2d2c::8888"],
    ],
  },
  {
    title: "--fixed-cidr within the bridge's subnet",
    addresses: ["192.168.176.88/20", "fdd1:8161:2d2c::8888/56"],
    config: both,
    shown: [
      ["192.168.176.0/20", V4, "192.168.176.88"],
      ["fdd1:8161:2d2c::/56", V6, "fdd1:8161:2d2c::8888"],
    ],
  },
  {
    title: "--fixed-cidr-v6 that is link-local, of another prefix",
    addresses: ["192.168.176.88/20", "fe80:1234::88/56"],
    config: { fixedCidr: V4, fixedCidr6: "fe80:1234::/64" },
    shown: [
      ["192.168.176.0/20", V4, "192.168.176.88"],
      ["fe80:1234::/56", "fe80:1234::/64", "fe80:1234::88"],
    ],
  },
  {
    title: "--fixed-cidr within the bridge's subnet, with another --bip",
    addresses: ["192.168.176.88/20", "fdd1:8161:2d2c::8888/56"],
    config: { ...both, bip: "192.168.176.99/24", bip6: "fdd1:8161:2d2c::9999/64" },
    shown: [
      [V4, V4, "192.168.176.99"],
      [V6, V6, "fdd1:8161:2d2c::9999"],
    ],
  },
  {
    title: "--fixed-cidr around the bridge's subnet",
    addresses: small,
    config: { fixedCidr: "192.168.176.0/20", fixedCidr6: "fdd1:8161:2d2c::/56" },
    shown: [
      ["192.168.176.0/20", "192.168.176.0/20", "192.168.176.88"],
      ["fdd1:8161:2d2c::/56", "fdd1:8161:2d2c::/56", "fdd1:8161:2d2c::8888"],
    ],
  },
  {
    title: "--fixed-cidr beside the bridge's subnet, with --bip",
    addresses: small,
    config: {
      fixedCidr: "192.168.177.0/24",
      bip: "192.168.177.99/24",
      fixedCidr6: "fdd1:8161:2d2c:1::/64",
      bip6: "fdd1:8161:2d2c:1::9999/64",
    },
    shown: [
      ["192.168.177.0/24", "192.168.177.0/24", "192.168.177.99"],
      ["fdd1:8161:2d2c:1::/64", "fdd1:8161:2d2c:1::/64", "fdd1:8161:2d2c:1::9999"],
    ],
  },
];

const several = [
  "192.168.160.88/20",
  "192.168.176.88/20",
  "192.168.192.88/20",
  "fdd1:8161:2d2c::8888/60",
  "fdd1:8161:2d2c:10::8888/60",
  "fdd1:8161:2d2c:20::8888/60",
];

const FOREIGN: readonly Case[] = [
  {
    title: "its addresses",
    addresses: ["192.168.176.88/20", "fdd1:8161:2d2c::8888/64"],
    shown: [
      ["192.168.176.0/20", "", "192.168.176.88"],
      [V6, "", "fdd1:8161:2d2c::8888"],
    ],
  },
  {
    title: "the one of several that is within --fixed-cidr",
    addresses: several,
    config: { fixedCidr: V4, fixedCidr6: "fdd1:8161:2d2c:10::/64" },
    shown: [
      ["192.168.176.0/20", V4, "192.168.176.88"],
      ["fdd1:8161:2d2c:10::/60", "fdd1:8161:2d2c:10::/64", "fdd1:8161:2d2c:10::8888"],
    ],
  },
  {
    title: "the one of several whose subnet has --fixed-cidr",
    addresses: several,
    config: { fixedCidr: "192.168.177.0/24", fixedCidr6: "fdd1:8161:2d2c:11::8888/64" },
    shown: [
      ["192.168.176.0/20", "192.168.177.0/24", "192.168.176.88"],
      ["fdd1:8161:2d2c:10::/60", "fdd1:8161:2d2c:11::/64", "fdd1:8161:2d2c:10::8888"],
    ],
  },
  {
    title: "no --fixed-cidr that is bigger",
    addresses: ["192.168.176.88/24"],
    config: { ipv6: false, fixedCidr: "192.168.176.0/20" },
    shown: [[V4, "", "192.168.176.88"]],
  },
  {
    title: "no --fixed-cidr that is elsewhere",
    addresses: ["192.168.160.88/20"],
    config: { ipv6: false, fixedCidr: V4 },
    shown: [["192.168.160.0/20", "", "192.168.160.88"]],
  },
  {
    title: "no --fixed-cidr around it",
    addresses: ["192.168.177.1/24"],
    config: { ipv6: false, fixedCidr: "192.168.176.0/20" },
    shown: [["192.168.177.0/24", "", "192.168.177.1"]],
  },
  {
    title: "an error for a --fixed-cidr-v6 that is bigger",
    addresses: ["fdd1:8161:2d2c::8888/64"],
    config: { fixedCidr6: "fdd1:8161:2d2c::/60" },
    refused: /fixed-cidr-v6/,
  },
  {
    title: "an error for a --fixed-cidr-v6 that is elsewhere",
    addresses: ["fdd1:8161:2d2c::8888/60"],
    config: { fixedCidr6: "fdd1:8161:2d2c:10::/64" },
    refused: /fixed-cidr-v6/,
  },
];

describe("subnets of the default bridge", { skip: withoutRoot }, () => {
  before(() => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
  });
  afterEach(() => {
    using links = kernel.netlink.open();
    for (const { index, kind } of links.list()) if (kind === "bridge") links.remove(index);
  });

  async function check(bridge: string, { addresses, config, shown, refused }: Case): Promise<void> {
    if (addresses) {
      using links = kernel.netlink.open();
      const { index } = links.add({ kind: "bridge", name: bridge, up: true });
      for (const address of addresses) {
        const [ip = "", prefix] = address.split("/");
        links.addAddress({ index, ip, prefix: Number(prefix), ...(ip.includes(":") && { nodad: true }) });
      }
    }
    await using room = new Room();
    const opened = room.open({ bridge, ipv6: true, ...config });
    if (refused) {
      await assert.rejects(opened, refused);
      return;
    }
    await opened;
    const { ipam } = room.networks.resolve("bridge");
    const pools = ipam.config.map(({ subnet, ipRange = "", gateway = "" }) => [subnet, ipRange, gateway]);
    assert.deepEqual(pools, shown);
    using links = kernel.netlink.open();
    const has = links.addresses(links.find(bridge)!.index).map(({ ip, prefix }) => `${ip}/${prefix}`);
    for (const [subnet, , gateway] of pools) {
      const address = `${gateway}/${subnet?.split("/")[1]}`;
      assert.ok(has.includes(address), `the bridge has ${address}: ${has.join()}`);
      assert.equal(has.filter((text) => text.startsWith(`${gateway}/`)).length, 1, "once");
    }
  }

  for (const one of OWN) it(`docker0: ${one.title}`, () => check("docker0", one));
  for (const one of FOREIGN) it(`a bridge of somebody else: ${one.title}`, () => check("br-outer", one));
});
