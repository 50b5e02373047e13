import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { median, ninthDecile } from "./statistics.ts";

describe("statistics", () => {
  it("finds the middle and the ninth decile", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(ninthDecile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), 9);
    assert.equal(ninthDecile([5]), 5);
  });
});
