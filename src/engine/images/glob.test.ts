import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGlob } from "./glob.ts";

const CASES: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ["busybox", "busybox", true],
  ["busy*", "busybox", true],
  ["*", "library/busybox", false],
  ["*/*", "library/busybox", true],
  ["b?sybox", "busybox", true],
  ["?", "/", false],
  ["[a-c]x", "bx", true],
  ["[^a-c]x", "bx", false],
  ["[^a]", "/", false],
  ["{a,b}", "a", false],
  ["{a,b}", "{a,b}", true],
  ["a\\*", "a*", true],
  ["a\\*", "ab", false],
  ["**", "a/b", false],
  ["127.0.0.1:*/x:1.?", "127.0.0.1:5000/x:1.0", true],
  ["x+y", "xxy", false],
];

test("patterns match as Go's path.Match does", () => {
  for (const [pattern, text, matches] of CASES)
    assert.equal(compileGlob(pattern)(text), matches, `${pattern} on ${text}`);
});

test("malformed patterns are refused", () => {
  for (const pattern of ["[", "[]", "[a", "[a-", "[-a]", "a\\", "[z-a]"])
    assert.throws(() => compileGlob(pattern), /syntax error in pattern/, pattern);
});
