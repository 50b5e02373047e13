import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatInstant, parseDuration, parseInstant, since, until } from "./timestamp.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const show = (word: string): string | undefined => {
  const instant = parseInstant(word, NOW);
  return instant === undefined ? undefined : formatInstant(instant);
};

describe("instants in queries", () => {
  it("takes unix seconds, with a fraction to the nanosecond", () => {
    assert.equal(show("1795245158"), "2026-11-21T07:12:38.000000000Z");
    assert.equal(show("1795245158.367741412"), "2026-11-21T07:12:38.367741412Z");
    assert.equal(show("0"), "1970-01-01T00:00:00.000000000Z");
  });

  it("takes RFC 3339 with zone and nanoseconds", () => {
    assert.equal(show("2026-11-21T07:12:38.123456789Z"), "2026-11-21T07:12:38.123456789Z");
    assert.equal(show("2026-11-21T08:12:38+01:00"), "2026-11-21T07:12:38.000000000Z");
  });

  it("takes durations before now", () => {
    assert.equal(show("1h30m"), "2026-11-21T10:30:00.000000000Z");
    assert.equal(show("1.5s"), "2026-11-21T11:59:58.500000000Z");
    assert.equal(show("-10m"), "2026-11-21T12:10:00.000000000Z");
    assert.equal(parseDuration("1us"), 1000n);
  });

  it("takes local times without zone", () => {
    const local = new Date("2026-11-21T07:00:00").getTime();
    assert.equal(parseInstant("2026-11-21T07", NOW), BigInt(local) * 1_000_000n);
    assert.equal(
      parseInstant("2026-11-21", NOW),
      BigInt(new Date("2026-11-21T00:00:00").getTime()) * 1_000_000n,
    );
  });

  it("refuses the rest", () => {
    for (const word of ["x", "1d", "2026-13-41", "1h2"]) assert.equal(show(word), undefined, word);
    assert.throws(() => since.parse(["x"], "since"), { kind: "invalidParameter" });
  });

  it("knows what 0 means on either side", () => {
    assert.equal(since.parse(["0"], "since"), "1970-01-01T00:00:00.000000000Z");
    assert.equal(until.parse(["0"], "until"), undefined);
    assert.equal(since.parse([], "since"), undefined);
  });

  it("prints what it can read again", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }), (instant) => {
        assert.equal(parseInstant(formatInstant(instant), NOW), instant);
      }),
    );
  });
});
