import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Tag } from "../metadata/tags.ts";
import { matchesPattern } from "./patterns.ts";
import { expiredTags } from "./retention.ts";

describe("patterns", () => {
  it("stand for parts of names", () => {
    const cases = [
      ["v*", "v1.2", true],
      ["v*", "1.v", false],
      ["*", "a/b", false],
      ["**", "a/b", true],
      ["team/*", "team/app", true],
      ["team/*", "team/a/b", false],
      ["**/app", "x/y/app", true],
      ["release-?", "release-1", true],
      ["release-?", "release-12", false],
      ["a.b", "axb", false],
      ["", "", true],
      ["*", "", true],
    ] as const;
    for (const [pattern, text, expected] of cases)
      assert.equal(matchesPattern(pattern, text), expected, pattern);
  });

  it("mean the same as regular expressions, whatever they are made of", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "?", "."), maxLength: 12 });
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "/", "."), maxLength: 12 });
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const source = pattern
          .replace(/\*{3,}/g, "**")
          .replace(
            /\*\*|\*|\?|\./g,
            (part) => ({ "**": ".*", "*": "[^/]*", "?": "[^/]", ".": "\\." })[part] ?? "",
          );
        assert.equal(matchesPattern(pattern, text), new RegExp(`^${source}$`).test(text));
      }),
    );
  });

  it("take no longer for patterns made to be slow", () => {
    assert.equal(matchesPattern("*a".repeat(60), `${"a".repeat(120)}b`), false);
  });
});

describe("retention", () => {
  const DAY = 86_400_000;
  const now = 100 * DAY;
  const tag = (name: string, pushedDaysAgo: number, pulledDaysAgo?: number): Tag => ({
    name,
    digest: `sha256:${name}`,
    updated: now - pushedDaysAgo * DAY,
    updatedBy: "someone",
    pulled: pulledDaysAgo === undefined ? undefined : now - pulledDaysAgo * DAY,
    checked: undefined,
  });
  const tags = [tag("a", 1), tag("b", 10), tag("c", 20, 2), tag("d", 30)];
  const names = (rule: Parameters<typeof expiredTags>[1]) =>
    expiredTags(tags, rule, now).map(({ name }) => name);

  it("keeps what any condition keeps", () => {
    assert.deepEqual(names({ keepNewest: 2 }), ["c", "d"]);
    assert.deepEqual(names({ keepPushedWithinDays: 15 }), ["c", "d"]);
    assert.deepEqual(names({ keepPulledWithinDays: 5, keepNewest: 1 }), ["b", "d"]);
    assert.deepEqual(names({ keepNewest: 0 }), ["a", "b", "c", "d"]);
  });

  it("keeps all without a condition, and what its patterns leave out", () => {
    assert.deepEqual(names({}), []);
    assert.deepEqual(names({ tags: ["d"], keepNewest: 0 }), ["d"]);
  });
});
