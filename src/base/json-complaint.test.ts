import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { jsonComplaint } from "./json-complaint.ts";

describe("complaints about JSON", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["{invalid", "invalid character 'i' looking for beginning of object key string"],
    ["{} x", "unexpected content after JSON"],
    ["{}{}", "unexpected content after JSON"],
    ["{", "unexpected EOF"],
    ['{"a"}', "invalid character '}' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ["nope", "invalid character 'o' in literal null (expecting 'u')"],
    ["x", "invalid character 'x' looking for beginning of value"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ["1.", "unexpected EOF"],
    ["'", "invalid character '\\'' looking for beginning of value"],
  ];
  for (const [text, complaint] of rows) it(text, () => assert.equal(jsonComplaint(text), complaint));

  it("has one for whatever is refused, and none for what is JSON", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        assert.equal(jsonComplaint(text) === "malformed", isJson);
      }),
    );
    fc.assert(fc.property(fc.json(), (text) => assert.equal(jsonComplaint(text), "malformed")));
  });

  it("does not fall for depth", () => assert.equal(jsonComplaint("[".repeat(1e6)), "exceeded max depth"));
});
