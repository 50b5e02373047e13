import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  broadcastOf,
  contains,
  formatCidr,
  formatIp,
  lastOf,
  overlaps,
  parseCidr,
  parseIp,
  requireCidr,
} from "./ip.ts";

describe("addresses", () => {
  it("come back as they were written", () => {
    for (const text of [
      "0.0.0.0",
      "172.17.0.2",
      "255.255.255.255",
      "::",
      "::1",
      "fd00::1",
      "2001:db8:0:1::",
      "1:2:3:4:5:6:7:8",
    ]) {
      assert.equal(formatIp(parseIp(text)!), text);
    }
    assert.equal(formatIp(parseIp("2001:0DB8:0:0:1:0:0:1")!), "2001:db8::1:0:0:1");
    assert.equal(formatIp(parseIp("::ffff:10.0.0.1")!), "::ffff:a00:1");
  });

  it("of any value survive the round trip", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
        assert.deepEqual(parseIp(formatIp({ family: 6, value })), { family: 6, value });
        const low = value & 0xffffffffn;
        assert.deepEqual(parseIp(formatIp({ family: 4, value: low })), { family: 4, value: low });
      }),
    );
  });

  it("any other text is none", () => {
    for (const text of ["", "1.2.3", "1.2.3.4.5", "256.0.0.1", "fe80::1%eth0", ":::", "a"])
      assert.equal(parseIp(text), undefined);
    fc.assert(fc.property(fc.string(), (text) => void [parseIp(text), parseCidr(text)]));
  });
});

describe("address blocks", () => {
  const block = (text: string) => requireCidr(text, "block");

  it("have a first and a last address", () => {
    const cidr = block("172.17.5.1/16");
    assert.equal(formatCidr(cidr), "172.17.0.0/16");
    assert.equal(formatIp({ family: 4, value: lastOf(cidr) }), "172.17.255.255");
    assert.equal(broadcastOf(cidr), "172.17.255.255");
    assert.equal(broadcastOf(block("10.0.0.0/31")), undefined);
    assert.equal(broadcastOf(block("fd00::/64")), undefined);
  });

  it("contain and overlap by family", () => {
    assert.ok(contains(block("10.0.0.0/8"), parseIp("10.255.0.1")!));
    assert.ok(!contains(block("::/0"), parseIp("10.0.0.1")!));
    assert.ok(overlaps(block("10.0.0.0/8"), block("10.1.0.0/16")));
    assert.ok(!overlaps(block("10.0.0.0/24"), block("10.0.1.0/24")));
  });

  it("without a good prefix are refused", () => {
    for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "10.0.0.0/8/8"])
      assert.equal(parseCidr(text), undefined);
    assert.throws(() => block("x"), { kind: "invalidParameter", message: /invalid block "x"/ });
  });
});
