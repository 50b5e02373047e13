import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { elementsOf } from "./elements.ts";
import { parseListing } from "./listing.ts";
import { elementCommands, tableCommands } from "./table.ts";

const docker0 = {
  bridge: "docker0",
  subnet4: "172.17.0.0/16",
  subnet6: undefined,
  internal: false,
  masquerade: true,
  icc: true,
};
const port = (hostIp: string, hostPort = 8080) =>
  ({
    bridge: "docker0",
    containerIp: hostIp.includes(":") ? "fd00::2" : "172.17.0.2",
    binding: { hostIp, hostPort, containerPort: 80, protocol: "tcp" },
  }) as const;
const shown = (...args: Parameters<typeof elementsOf>) =>
  elementsOf(...args).map(({ place, key, to }) => `${place} ${key}${to ? ` : ${to}` : ""}`);

describe("elements of the engine's table", () => {
  it("of a network", () => {
    assert.deepEqual(shown({ networks: [docker0] }, 4), [
      'inside "docker0" . "docker0"',
      'bridges "docker0"',
      'subnets 172.17.0.0/16 . "docker0"',
      "masqueraded 172.17.0.0/16",
    ]);
    assert.deepEqual(shown({ networks: [docker0] }, 6), []);
    assert.deepEqual(shown({ networks: [{ ...docker0, internal: true, icc: false }] }, 4), [
      'internal "docker0"',
    ]);
    assert.deepEqual(shown({ networks: [{ ...docker0, mode4: "routed", icc: false }] }, 4), [
      'bridges "docker0"',
      'routed "docker0"',
    ]);
  });

  it("of ports and links, by family", () => {
    const ports = [port("0.0.0.0"), port("127.0.0.1"), port("::"), port("0.0.0.0", 0)];
    assert.deepEqual(shown({ ports }, 4), [
      "published_any tcp . 8080 : 172.17.0.2 . 80",
      "opened 172.17.0.2 . tcp . 80",
      "published 127.0.0.1 . tcp . 8080 : 172.17.0.2 . 80",
      "opened 172.17.0.2 . tcp . 80",
      "opened 172.17.0.2 . tcp . 80",
    ]);
    assert.deepEqual(shown({ ports }, 6), [
      "published_any tcp . 8080 : fd00::2 . 80",
      "opened fd00::2 . tcp . 80",
    ]);
    const ways = [["eth0", "eth1"], "everywhere"] as const;
    assert.deepEqual(
      ways.flatMap((direct) => shown({ ports: [{ ...port("0.0.0.0"), direct }] }, 4).slice(2)),
      [
        'trusted "eth0" . 172.17.0.2 . tcp . 80',
        'trusted "eth1" . 172.17.0.2 . tcp . 80',
        "direct 172.17.0.2 . tcp . 80",
      ],
    );
    const link = {
      bridge: "docker0",
      from: "172.17.0.3",
      to: "172.17.0.2",
      port: 80,
      protocol: "udp",
    } as const;
    assert.deepEqual(shown({ links: [link] }, 4), ["linked 172.17.0.3 . 172.17.0.2 . udp . 80"]);
  });
});

describe("text for nft", () => {
  it("has one command a set, whatever the number of elements", () => {
    const elements = elementsOf({ ports: [port("0.0.0.0"), port("0.0.0.0", 8081)] }, 4);
    assert.deepEqual(elementCommands("add", 4, "wharf", elements), [
      "add element ip wharf published_any { tcp . 8080 : 172.17.0.2 . 80, tcp . 8081 : 172.17.0.2 . 80 }",
      "add element ip wharf opened { 172.17.0.2 . tcp . 80, 172.17.0.2 . tcp . 80 }",
    ]);
    assert.deepEqual(elementCommands("delete", 4, "wharf", elements.slice(0, 1)), [
      "delete element ip wharf published_any { tcp . 8080 }",
    ]);
  });

  it("replaces the whole table, in the words of its family", () => {
    const four = tableCommands(4, { name: "wharf", loopback: true, closed: false });
    assert.match(four, /^add table ip wharf\ndelete table ip wharf\ntable ip wharf \{\n/);
    assert.match(four, /ip daddr 127\.0\.0\.0\/8 iifname != "lo" counter drop/);
    assert.doesNotMatch(four, /iifkind/);
    const six = tableCommands(6, { name: "wharf", loopback: false, closed: true });
    assert.match(six, /ip6 daddr != ::1 fib daddr type local/);
    assert.match(six, /meta iifkind != "bridge"/);
    assert.doesNotMatch(six, /ipv4/);
    assert.match(six, /chain guard_beside_proxy .* ip6 daddr ::1 iifname != "lo" counter drop/);
  });

  it("is read back as nft lists it", () => {
    const counter = { packets: 3, bytes: 180 };
    const listing = parseListing(
      JSON.stringify({
        nftables: [
          { metainfo: {} },
          { set: { name: "bridges", elem: ["docker0"] } },
          { set: { name: "masqueraded", elem: [{ prefix: { addr: "172.17.0.0", len: 16 } }] } },
          {
            map: {
              name: "published_any",
              elem: [[{ elem: { val: { concat: ["tcp", 8080] }, counter } }, { concat: ["172.17.0.2", 80] }]],
            },
          },
          { set: { name: "linked" } },
          { rule: { chain: "forward", expr: [{ match: { left: { meta: { key: "iifkind" } } } }] } },
        ],
      }),
    );
    assert.deepEqual(Object.fromEntries(listing.elements), {
      bridges: [{ key: "docker0", packets: 0, bytes: 0 }],
      masqueraded: [{ key: "172.17.0.0/16", packets: 0, bytes: 0 }],
      published_any: [{ key: "tcp . 8080", to: "172.17.0.2 . 80", ...counter }],
      linked: [],
    });
    assert.deepEqual([listing.closed, listing.chains.get("forward")], [true, 1]);
  });
});
