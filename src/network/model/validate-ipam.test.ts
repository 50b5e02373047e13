import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../../base/errors.ts";
import type { IpamPool } from "../network.ts";
import { validateIpam } from "./validate-ipam.ts";

const refusal = (pool: Partial<IpamPool>, ipv6 = true): string => {
  try {
    validateIpam([pool], ipv6);
    return "";
  } catch (error) {
    return (error as Error).message.replace("invalid network config:\n", "");
  }
};

test("pools that mean nothing are refused in Docker's words", () => {
  const subnet = "10.1.0.0/24";
  assert.equal(
    refusal({ subnet, gateway: "10.1.0.9", ipRange: "10.1.0.128/25", auxiliaryAddresses: { a: "10.1.0.3" } }),
    "",
  );
  assert.equal(refusal({ gateway: "10.1.0.1" }), "invalid subnet : invalid CIDR block notation");
  assert.equal(refusal({ subnet: "10.1.0.1/24" }), "invalid subnet 10.1.0.1/24: it should be 10.1.0.0/24");
  assert.equal(refusal({ subnet, gateway: "word" }), "invalid gateway word: invalid address");
  assert.equal(
    refusal({ subnet, gateway: "fd00::1" }),
    "invalid gateway fd00::1: parent subnet is an IPv4 block",
  );
  assert.equal(
    refusal({ subnet, ipRange: "10.2.0.0/25" }),
    "invalid ip-range 10.2.0.0/25: parent subnet 10.1.0.0/24 doesn't contain ip-range",
  );
  assert.equal(
    refusal({ subnet, ipRange: "10.1.0.0" }),
    "invalid ip-range 10.1.0.0: invalid CIDR block notation",
  );
  assert.equal(
    refusal({ subnet, auxiliaryAddresses: { x: "10.9.0.1" } }),
    "invalid auxiliary address x: parent subnet 10.1.0.0/24 doesn't contain this address",
  );
  assert.equal(
    refusal({ subnet: "10.1.0.1/24", gateway: "1.1.1.1" }),
    "* invalid subnet 10.1.0.1/24: it should be 10.1.0.0/24\n* invalid gateway 1.1.1.1: parent subnet 10.1.0.1/24 doesn't contain this address",
  );
  assert.equal(refusal({ subnet: "fd00::1/64" }, false), "", "IPv6 is looked at where it is on");
});

test("any texts are accepted or refused, never worse", () => {
  const text = fc.oneof(
    fc.string(),
    fc.ipV4(),
    fc.ipV6(),
    fc.tuple(fc.ipV4(), fc.nat(40)).map(([ip, n]) => `${ip}/${n}`),
  );
  fc.assert(
    fc.property(text, text, text, text, (subnet, ipRange, gateway, aux) => {
      try {
        validateIpam([{ subnet, ipRange, gateway, auxiliaryAddresses: { aux } }], true);
      } catch (error) {
        assert(error instanceof EngineError, String(error));
      }
    }),
  );
});

test("more subnets or kept addresses than any network has are refused before they are looked at", () => {
  const pools = Array.from({ length: 100_000 }, () => ({ subnet: "nonsense" }));
  assert.throws(() => validateIpam(pools, false), /100000 subnets: there may be 512$/);
  const auxiliaryAddresses = Object.fromEntries(pools.map((_, n) => [`h${n}`, "nonsense"]));
  assert.throws(
    () => validateIpam([{ subnet: "10.0.0.0/8", auxiliaryAddresses }], false),
    /100000 auxiliary addresses: there may be 1024/,
  );
});
