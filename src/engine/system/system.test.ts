import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEventTime } from "./system.ts";

describe("times of the window of events", () => {
  it("are read to the nanosecond, however they are written", () => {
    const wanted = 1_795_279_275_742_086_397n;
    for (const text of [
      "1795279275.742086397",
      "2026-11-21T16:41:15.742086397Z",
      "2026-11-21T17:41:15.742086397+01:00",
    ])
      assert.equal(parseEventTime(text), wanted, text);
    assert.equal(parseEventTime("1795279275.5"), 1_795_279_275_500_000_000n);
    for (const text of ["1795279275", "2026-11-21T16:41:15Z"])
      assert.equal(parseEventTime(text), 1_795_279_275_000_000_000n, text);
  });
});
