import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Database, openDatabase } from "../../../store/index.ts";
import { requireCidr } from "../../model/ip.ts";
import { openPool, takeNext } from "./address-pool.ts";
import { DefaultIpam, IPAM_TABLES } from "./default.ts";
import { chooseSubnet, DEFAULT_POOLS, uniqueLocalSubnet } from "./subnets.ts";

const avoid = (...texts: string[]) => texts.map((text) => requireCidr(text, "subnet"));

describe("predefined subnets", () => {
  it("are given out in order, around what is in use", () => {
    assert.equal(chooseSubnet(4, DEFAULT_POOLS, []), "172.17.0.0/16");
    assert.equal(chooseSubnet(4, DEFAULT_POOLS, avoid("172.16.0.0/14", "172.20.0.0/16")), "172.21.0.0/16");
    assert.equal(chooseSubnet(4, DEFAULT_POOLS, avoid("172.16.0.0/12")), "192.168.0.0/20");
    assert.equal(chooseSubnet(4, DEFAULT_POOLS, avoid("172.16.0.0/12", "192.168.1.0/24")), "192.168.16.0/20");
  });

  it("end some time", () => {
    assert.throws(() => chooseSubnet(4, DEFAULT_POOLS, avoid("172.16.0.0/12", "192.168.0.0/16")), {
      kind: "invalidParameter",
      message: /^all predefined address pools have been fully subnetted/,
    });
  });

  it("of IPv6 are unique local ones", () =>
    assert.match(uniqueLocalSubnet("0123456789abcdef"), /^fd01:2345:6789:abcd::\/64$/));
});

describe("an address pool", () => {
  it("goes on behind the last address, and wraps around", () => {
    const pool = openPool({
      subnet: "10.0.0.0/29",
      gateway: "10.0.0.1",
      auxiliaryAddresses: { router: "10.0.0.3" },
    });
    const got = [takeNext(pool), takeNext(pool), takeNext(pool), takeNext(pool), takeNext(pool)];
    assert.deepEqual(got, ["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6", undefined]);
    pool.taken.delete(requireCidr("10.0.0.2/32", "x").first);
    assert.equal(takeNext(pool), "10.0.0.2");
  });

  it("has its gateway and the other addresses once, and none that cannot be a host's", () => {
    const open = (more: object) => () => openPool({ subnet: "10.0.0.0/29", gateway: "10.0.0.1", ...more });
    for (const gateway of ["10.0.0.0", "10.0.0.7"])
      assert.throws(open({ gateway }), {
        kind: "forbidden",
        message: `failed to allocate gateway (${gateway}): Address already in use`,
      });
    assert.throws(open({ subnet: "fd00::/64", gateway: "fd00::" }), /failed to allocate gateway \(fd00::\)/);
    assert.throws(open({ auxiliaryAddresses: { a: "10.0.0.1" } }), {
      kind: "forbidden",
      message: "failed to allocate secondary ip address (a:10.0.0.1): Address already in use",
    });
    assert.doesNotThrow(open({ subnet: "10.0.0.0/31", gateway: "10.0.0.0" }));
  });

  it("stays inside of its range", () => {
    const pool = openPool({ subnet: "10.0.0.0/16", ipRange: "10.0.5.0/30", gateway: "10.0.0.1" });
    assert.deepEqual([takeNext(pool), takeNext(pool)], ["10.0.5.0", "10.0.5.1"]);
    assert.throws(
      () => openPool({ subnet: "10.0.0.0/24", ipRange: "10.0.1.0/24" }),
      /not part of the subnet/,
    );
  });
});

describe("the default address manager", () => {
  let folder: string;
  let database: Database;
  let ipam: DefaultIpam;
  const reopen = () => {
    ipam = new DefaultIpam(database, DEFAULT_POOLS);
  };
  const pools = { networkId: "net", enableIPv4: true, enableIPv6: false, options: {} };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "wharf-ipam-"));
    database = openDatabase(join(folder, "db"));
    database.migrate("network", [IPAM_TABLES]);
    reopen();
  });
  after(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  it("keeps pools, addresses and the place of its search over restarts", () => {
    assert.deepEqual(ipam.requestPools({ ...pools, pools: [] }, ["172.17.0.0/16"]), [
      { subnet: "172.18.0.0/16", gateway: "172.18.0.1" },
    ]);
    assert.deepEqual(ipam.requestAddress("net", "a", 4), {
      ip: "172.18.0.2",
      prefix: 16,
      gateway: "172.18.0.1",
    });
    assert.equal(ipam.requestAddress("net", "b", 4).ip, "172.18.0.3");
    ipam.releaseOwner("b");
    reopen();
    assert.deepEqual(ipam.owners(), ["a"]);
    assert.throws(() => ipam.requestAddress("net", "c", 4, "172.18.0.2"), {
      kind: "forbidden",
      message: "Address already in use",
    });
    assert.equal(ipam.requestAddress("net", "c", 4).ip, "172.18.0.4");
  });

  it("refuses addresses of no pool, and overlapping pools", () => {
    assert.throws(
      () => ipam.checkAddress("net", 4, "10.1.1.1"),
      /no configured subnet or ip-range contain the IP address 10\.1\.1\.1/,
    );
    assert.throws(
      () => ipam.requestPools({ ...pools, networkId: "x", pools: [{ subnet: "172.18.4.0/24" }] }, []),
      { kind: "forbidden" },
    );
    assert.throws(
      () => ipam.requestPools({ ...pools, networkId: "x", pools: [{ subnet: "172.40.0.1/16" }] }, []),
      /it should be 172\.40\.0\.0\/16/,
    );
  });

  it("says when a network is full, and forgets it with its addresses", () => {
    ipam.requestPools({ ...pools, networkId: "small", pools: [{ subnet: "10.8.0.0/30" }] }, []);
    ipam.requestAddress("small", "a1", 4);
    assert.throws(() => ipam.requestAddress("small", "a2", 4), {
      kind: "unavailable",
      message: /no available IPv4 addresses/,
    });
    ipam.releasePools("small");
    assert.ok(!ipam.owners().includes("a1"));
    ipam.requestPools({ ...pools, networkId: "small", pools: [{ subnet: "10.8.0.0/30" }] }, []);
  });
});
