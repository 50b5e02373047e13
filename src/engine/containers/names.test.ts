import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkName, generateName } from "./names.ts";

describe("container names", () => {
  it("are made of an adjective and a noun, and are valid", () => {
    const names = Array.from({ length: 200 }, () => generateName(() => false));
    for (const name of names) assert.match(checkName(name), /^[a-z]+_[a-z]+$/);
    assert.ok(new Set(names).size > 100, "they differ");
  });

  it("get a number when everything else is taken", () => {
    assert.match(
      generateName((name) => !/\d/.test(name)),
      /^[a-z]+_[a-z]+\d+$/,
    );
  });

  it("may be given with a leading slash", () => {
    assert.equal(checkName("/web"), "web");
    for (const text of ["/", "//web", "a b", "a/b", "_a", ""])
      assert.throws(() => checkName(text), { kind: "invalidParameter" });
  });
});
