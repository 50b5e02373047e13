import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSignal } from "./signals.ts";

describe("signals", () => {
  it("are known by name, with and without SIG, in any case, and by number", () => {
    assert.deepEqual(["SIGTERM", "term", "15", "Kill", "HUP", "9"].map(parseSignal), [15, 15, 15, 9, 1, 9]);
  });

  it("include the real-time ones", () => {
    assert.deepEqual(["RTMIN", "SIGRTMIN+3", "RTMAX-1", "SIGRTMAX"].map(parseSignal), [34, 37, 63, 64]);
  });

  it("are refused when there is no such", () => {
    for (const text of ["FOO", "0", "65", "-1", "", "SIG", "RTMIN+99", "__proto__", "1e1"]) {
      assert.throws(() => parseSignal(text), {
        kind: "invalidParameter",
        message: `Invalid signal: ${text}`,
      });
    }
  });
});
