import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Address, LinkSpec, Neighbour, Route } from "../links.ts";
import { decodeAddress, encodeAddress } from "./address-codec.ts";
import { attribute, decodeAttributes, nested } from "./attributes.ts";
import { NetlinkFormatError } from "./bytes.ts";
import { ipToBytes, ipToText, macToBytes, macToText } from "./ip-bytes.ts";
import { decodeLink, encodeHairpin, encodeLink, encodeLinkChange } from "./link-codec.ts";
import { decodeMessages, decodeOutcome, encodeMessage, type Message, NLM_F, NLMSG } from "./message.ts";
import { decodeNeighbour, encodeNeighbour } from "./neighbour-codec.ts";
import { decodeRoute, encodeRoute } from "./route-codec.ts";

const message = (...parts: readonly Uint8Array[]): Message =>
  decodeMessages(encodeMessage(16, 0, 1, ...parts))[0]!;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ip4 = bytes(4).map((value) => ipToText(value)!);
const ip6 = bytes(16).map((value) => ipToText(value)!);
const mac = bytes(6).map(macToText);
const index = fc.integer({ min: 1, max: 0x7fffffff });
const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/);
const maybe = <K extends string, V>(key: K, value: fc.Arbitrary<V>) =>
  fc.option(value).map((some) => (some === null ? {} : { [key]: some })) as fc.Arbitrary<
    Partial<Record<K, V>>
  >;

describe("netlink addresses", () => {
  it("reads back every address it writes", () => {
    fc.assert(fc.property(ip4, (ip) => assert.equal(ipToText(ipToBytes(ip)), ip)));
    fc.assert(fc.property(bytes(16), (ip) => assert.deepEqual(ipToBytes(ipToText(ip)!), ip)));
    fc.assert(fc.property(mac, (text) => assert.equal(macToText(macToBytes(text)), text)));
  });

  it("writes IPv6 in the form of RFC 5952", () => {
    const canonical = (text: string) => ipToText(ipToBytes(text));
    assert.equal(canonical("2001:DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
    assert.equal(canonical("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
    assert.equal(canonical("0:0:0:0:0:0:0:0"), "::");
    assert.equal(canonical("fe80::"), "fe80::");
    assert.equal(canonical("::1"), "::1");
    assert.equal(canonical("::ffff:192.0.2.1"), "::ffff:c000:201");
    assert.equal(canonical("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  });

  it("refuses what is no address", () => {
    for (const text of ["", "1.2.3", "1.2.3.4/24", "fe80::1%eth0", ":::", "host", "1.2.3.4\0"]) {
      assert.throws(() => ipToBytes(text), TypeError, text);
    }
    for (const text of ["", "02:42", "02:42:ac:11:00:zz", "0242ac110002"]) {
      assert.throws(() => macToBytes(text), TypeError, text);
    }
  });
});

describe("netlink messages", () => {
  it("reads back messages and attributes it writes", () => {
    const payload = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 5 }), (payloads) => {
        const stream = Buffer.concat(payloads.map((part, at) => encodeMessage(at + 4, 7, at, part)));
        const read = decodeMessages(stream);
        assert.deepEqual(
          read.map(({ sequence }) => sequence),
          payloads.map((_, at) => at),
        );
        assert.deepEqual(
          read.map((one) => new Uint8Array(one.payload)),
          payloads,
        );
      }),
    );
    fc.assert(
      fc.property(payload, payload, (first, second) => {
        const inner = decodeAttributes(nested(9, attribute(1, first), attribute(2, second))).get(9)!;
        assert.deepEqual(new Uint8Array(decodeAttributes(inner).get(1)!), first);
        assert.deepEqual(new Uint8Array(decodeAttributes(inner).get(2)!), second);
      }),
    );
  });

  it("answers hostile bytes with a typed error or a value, whatever reads them", () => {
    const readers = [
      decodeMessages,
      decodeAttributes,
      ...[decodeLink, decodeAddress, decodeRoute, decodeNeighbour].map(
        (read) => (payload: Uint8Array) => read({ type: 16, flags: 0, sequence: 1, payload }),
      ),
      ...[NLMSG.error, NLMSG.done].map(
        (type) => (payload: Uint8Array) =>
          decodeOutcome({ type, flags: NLM_F.ackTlvs, sequence: 1, payload }),
      ),
    ];
    const framed = fc.uint8Array({ maxLength: 120 }).map((tail) => {
      const head = encodeMessage(16, 2, 1, tail);
      return head;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), framed), (hostile) => {
        for (const read of readers) {
          try {
            read(hostile);
          } catch (error) {
            assert.ok(error instanceof NetlinkFormatError, String(error));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("finds the kernel's words behind an error, with and without the echoed request", () => {
    const text = attribute(1, Buffer.from("Nexthop has invalid gateway\0"));
    const header = encodeMessage(24, 5, 7, new Uint8Array(12));
    const errno = new Uint8Array(new Int32Array([-101]).buffer);
    const expected = { errno: 101, text: "Nexthop has invalid gateway" };
    const outcome = (flags: number, ...parts: readonly Uint8Array[]) =>
      decodeOutcome({ type: NLMSG.error, flags, sequence: 7, payload: Buffer.concat(parts) });
    assert.deepEqual(outcome(NLM_F.ackTlvs, errno, header, text), expected);
    assert.deepEqual(outcome(NLM_F.ackTlvs | NLM_F.capped, errno, header.subarray(0, 16), text), expected);
    assert.deepEqual(outcome(0, errno, header), { errno: 101 });
  });
});

describe("rtnetlink objects", () => {
  it("reads back links", () => {
    const spec = fc.tuple(name, maybe("mac", mac), maybe("mtu", index), maybe("master", index), fc.boolean());
    fc.assert(
      fc.property(spec, ([name, mac, mtu, master, up]) => {
        const link: LinkSpec = { kind: "bridge", name, ...mac, ...mtu, ...master, up };
        const { index: none, ...read } = decodeLink(message(...encodeLink(link, new Map())));
        assert.equal(none, 0);
        assert.deepEqual(read, { ...link, mtu: link.mtu ?? 0 });
      }),
    );
  });

  it("reads back a VLAN and the alias that a link is given", () => {
    const vlan = encodeLink({ kind: "vlan", name: "eth0.50", parent: 7, id: 50 }, new Map());
    const { kind, name, parent } = decodeLink(message(...vlan));
    assert.deepEqual([kind, name, parent], ["vlan", "eth0.50", 7]);
    const marked = decodeLink(message(...encodeLinkChange(9, { alias: "for a network" }, new Map())));
    assert.deepEqual([marked.index, marked.alias], [9, "for a network"]);
  });

  it("reads back addresses", () => {
    const rest = fc.tuple(index, fc.nat(32), maybe("broadcast", ip4), maybe("label", name));
    fc.assert(
      fc.property(rest, fc.oneof(ip4, ip6), fc.boolean(), ([index, prefix, broadcast, label], ip, nodad) => {
        const address: Address = { index, ip, prefix, ...broadcast, ...label, ...(nodad && { nodad }) };
        assert.deepEqual(decodeAddress(message(...encodeAddress(address))), address);
      }),
    );
  });

  it("reads back routes", () => {
    const optional = fc.tuple(
      maybe("index", index),
      maybe("metric", index),
      maybe("gateway", ip4),
      maybe("source", ip4),
    );
    const table = fc.constantFrom(undefined, 100, 1000);
    const destination = fc.oneof(
      fc.constant("default"),
      fc.tuple(ip4, fc.integer({ min: 1, max: 32 })).map((pair) => pair.join("/")),
    );
    fc.assert(
      fc.property(destination, optional, table, (destination, parts, table) => {
        const route: Route = Object.assign(
          { family: 4 as const, destination, ...(table && { table }) },
          ...parts,
        );
        const scope = route.gateway === undefined ? "link" : "global";
        assert.deepEqual(decodeRoute(message(...encodeRoute(route, "create"))), { ...route, scope });
      }),
    );
  });

  it("reads back neighbours", () => {
    const state = fc.constantFrom<Neighbour["state"]>("permanent", "reachable", "stale", "noarp", "failed");
    fc.assert(
      fc.property(index, fc.oneof(ip4, ip6), mac, state, fc.boolean(), (index, ip, mac, state, bridge) => {
        const neighbour: Neighbour = { index, ip, mac, state, ...(bridge && { bridge }) };
        assert.deepEqual(decodeNeighbour(message(...encodeNeighbour(neighbour))), neighbour);
      }),
    );
  });

  it("refuses names the kernel would misread", () => {
    for (const name of ["", "sixteen-letters-", "a b", "a/b", "a\0b", "..", "a:1"]) {
      assert.throws(() => encodeLinkChange(1, { name }, new Map()), TypeError, JSON.stringify(name));
    }
  });

  it("refuses destinations that do not fit their family", () => {
    for (const destination of ["10.0.0.0/33", "fd00::/8", "10.0.0.0/x", "somewhere"]) {
      assert.throws(() => encodeRoute({ family: 4, destination }, "create"), TypeError, destination);
    }
  });

  it("writes the hairpin mode of a bridge port as the kernel's headers lay it out", () => {
    const [header, attributes] = encodeHairpin(5, true);
    assert.equal(header![0], 7);
    const port = decodeAttributes(attributes!).get(12)!;
    assert.deepEqual([...decodeAttributes(port).get(4)!], [1]);
  });
});
