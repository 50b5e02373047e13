import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../../../base/errors.ts";
import { openDatabase } from "../../../store/index.ts";
import { type Cidr, contains, formatCidr, formatIp, overlaps, requireCidr } from "../../model/ip.ts";
import { DefaultIpam, IPAM_TABLES } from "./default.ts";
import { chooseSubnet, DEFAULT_POOLS } from "./subnets.ts";

/** One thing a client of the manager may do. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("next" as const), owner: fc.nat(15) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wanted" as const), owner: fc.nat(15), host: fc.nat(17) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("release" as const), owner: fc.nat(15) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const), owner: fc.constant(0) }) },
);

const SUBNETS = [
  { subnet: "10.0.0.0/28", range: [0, 15], closed: [0, 15, 1] },
  { subnet: "10.0.0.0/28", ipRange: "10.0.0.8/29", range: [8, 15], closed: [0, 15, 8] },
  { subnet: "fd00::/124", range: [0, 15], closed: [0, 1] },
] as const;

test("addresses: nobody shares one, the next is the one behind the last, and all of it outlives a restart", () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-ipam-"));
  let round = 0;
  const property = fc.property(
    fc.constantFrom(...SUBNETS),
    fc.array(step, { maxLength: 60 }),
    (pool, steps) => {
      const database = openDatabase(join(folder, `db${round++}`));
      database.migrate("network", [IPAM_TABLES]);
      let ipam = new DefaultIpam(database, DEFAULT_POOLS);
      const cidr = requireCidr(pool.subnet, "subnet");
      const { family } = cidr;
      const asked = { subnet: pool.subnet, ...("ipRange" in pool && { ipRange: pool.ipRange }) };
      const on = { enableIPv4: family === 4, enableIPv6: family === 6 };
      ipam.requestPools({ networkId: "n", ...on, pools: [asked], options: {} }, []);
      const [first, last] = pool.range;
      const taken = new Map<number, string>(pool.closed.map((host) => [host, "nobody"]));
      let cursor = first - 1;
      const text = (host: number) => formatIp({ family, value: cidr.first + BigInt(host) });
      const size = last - first + 1;
      const expected = () =>
        Array.from({ length: size }, (_, index) => first + ((cursor + 1 - first + index + size) % size)).find(
          (host) => !taken.has(host),
        );
      for (const { do: verb, owner, ...rest } of steps) {
        const name = `o${owner}`;
        const want = "host" in rest ? (rest.host as number) : undefined;
        if (verb === "reopen") ipam = new DefaultIpam(database, DEFAULT_POOLS);
        if (verb === "release") {
          ipam.releaseOwner(name);
          for (const [host, its] of taken) if (its === name) taken.delete(host);
        }
        if (verb !== "next" && verb !== "wanted") continue;
        const host = want ?? expected();
        const free = host !== undefined && host < 16 && !taken.has(host);
        try {
          const { ip } = ipam.requestAddress("n", name, family, want === undefined ? undefined : text(want));
          assert.ok(free, `${ip} was not to be had`);
          assert.equal(ip, text(host));
          taken.set(host, name);
          if (want === undefined) cursor = host;
        } catch (error) {
          assert.ok(error instanceof EngineError && !free, String(error));
        }
      }
      assert.deepEqual(
        [...ipam.owners()].sort(),
        [...new Set(taken.values())].filter((its) => its !== "nobody").sort(),
      );
      database.close();
    },
  );
  try {
    fc.assert(property, { numRuns: 60 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("subnets: none overlaps another, or a route of the host", () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-ipam-"));
  let round = 0;
  const routes = fc.array(
    fc
      .tuple(fc.nat(255), fc.nat(255), fc.integer({ min: 12, max: 24 }))
      .map(([a, b, prefix]) => `172.${16 + (a % 16)}.${b}.0/${prefix}`),
    { maxLength: 6 },
  );
  const property = fc.property(routes, fc.integer({ min: 1, max: 20 }), (busy, count) => {
    const database = openDatabase(join(folder, `db${round++}`));
    database.migrate("network", [IPAM_TABLES]);
    const ipam = new DefaultIpam(database, DEFAULT_POOLS);
    const made: Cidr[] = [];
    for (let index = 0; index < count; index++) {
      try {
        const asked = { networkId: `n${index}`, enableIPv4: true, enableIPv6: false, pools: [], options: {} };
        made.push(...ipam.requestPools(asked, busy).map(({ subnet }) => requireCidr(subnet, "subnet")));
      } catch (error) {
        assert.match(String(error), /all predefined address pools have been fully subnetted/);
      }
    }
    const others = busy.map((route) => requireCidr(route, "route"));
    for (const [index, one] of made.entries()) {
      const rivals = [...made.slice(index + 1), ...others];
      assert.ok(!rivals.some((other) => overlaps(one, other)));
      assert.ok(
        DEFAULT_POOLS.some(({ base }) =>
          contains(requireCidr(base, "pool"), { family: 4, value: one.first }),
        ),
      );
    }
    database.close();
  });
  try {
    fc.assert(property, { numRuns: 40 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const block = fc
  .record({ first: fc.nat(255), size: fc.integer({ min: 24, max: 32 }) })
  .map(({ first, size }) => requireCidr(`10.0.0.${first}/${size}`, "subnet"));

test("subnets: those that overlap one of their own or another network's are refused, and no others", () => {
  const property = fc.property(
    fc.array(block, { maxLength: 4 }),
    fc.array(block, { maxLength: 4 }),
    (first, second) => {
      const database = openDatabase(":memory:");
      database.migrate("network", [IPAM_TABLES]);
      const ipam = new DefaultIpam(database, DEFAULT_POOLS);
      const used: Cidr[] = [];
      for (const [networkId, cidrs] of Object.entries({ first, second })) {
        const clashes = cidrs.some((cidr, index) =>
          [...used, ...cidrs.slice(0, index)].some((other) => overlaps(cidr, other)),
        );
        const pools = cidrs.map((cidr) => ({ subnet: formatCidr(cidr) }));
        const ask = () =>
          ipam.requestPools({ networkId, enableIPv4: false, enableIPv6: false, pools, options: {} }, []);
        if (clashes) assert.throws(ask, /Pool overlaps with other one/);
        else {
          ask();
          used.push(...cidrs);
        }
      }
      database.close();
    },
  );
  fc.assert(property);
});

test("subnets: the lowest free one of the predefined ones is chosen", () => {
  const property = fc.property(fc.array(block, { maxLength: 6 }), (avoid) => {
    const candidates = Array.from({ length: 16 }, (_, n) => requireCidr(`10.0.0.${n * 16}/28`, "subnet"));
    const expected = candidates.find((cidr) => !avoid.some((other) => overlaps(cidr, other)));
    const choose = () => chooseSubnet(4, [{ base: "10.0.0.0/24", size: 28 }], avoid);
    if (expected) assert.equal(choose(), formatCidr(expected));
    else assert.throws(choose, /fully subnetted/);
  });
  fc.assert(property);
});
