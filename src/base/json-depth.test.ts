import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isDeeperThan } from "./json-depth.ts";

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe("the depth of a JSON text", () => {
  it("is that of its value, whatever its strings hold", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const depth = depthOf(JSON.parse(text));
        assert.equal(isDeeperThan(text, depth), false, text);
        if (depth > 0) assert.equal(isDeeperThan(text, depth - 1), true, text);
      }),
    );
    assert.equal(isDeeperThan(String.raw`{"[[\\": "\"[[{"}`, 1), false);
  });

  it("ends with the text, also within a string", () => {
    for (const text of ["", '"', '["', "]]]]", '"\\']) assert.equal(isDeeperThan(text, 5), false, text);
    assert.equal(isDeeperThan("[".repeat(1000), 999), true);
  });
});
