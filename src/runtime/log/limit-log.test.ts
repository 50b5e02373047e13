import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextLook, superfluous } from "./limit-log.ts";

describe("limits of a log", () => {
  it("looks half way to the limit, within a second", () => {
    assert.equal(nextLook(500, 100, 100, 1000), 250);
    assert.equal(nextLook(0, 1, 10, 10_000_000), 1000);
    assert.equal(nextLook(999_999, 900_000, 10, 1_000_000), 10);
    assert.equal(nextLook(0, 0, 0, 1), 10);
  });

  it("takes away the oldest, but nothing that is still to be read", () => {
    assert.deepEqual(superfluous([1, 2, 3], 3, Number.POSITIVE_INFINITY), [1]);
    assert.deepEqual(superfluous([1, 2, 3], 1, Number.POSITIVE_INFINITY), [1, 2, 3]);
    assert.deepEqual(superfluous([1, 2, 3], 1, 2), [1]);
    assert.deepEqual(superfluous([], 1, 1), []);
  });
});
