import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Pattern } from "./pattern.ts";

describe("Pattern", () => {
  const cases: readonly (readonly [pattern: string, text: string])[] = [
    ["error", "an error here"],
    ["^error", "an error here"],
    ["here$", "an error here"],
    ["(GET|POST) /[a-z]+/?$", "GET /api"],
    ["\\bcat\\b", "concatenate"],
    ["\\bcat\\b", "a cat."],
    ["\\Bcat", "concatenate"],
    ["a{2,3}b", "xaaab"],
    ["a{4}", "aaa"],
    ["(?:ab)+?c", "ababc"],
    ["[^a-c]\\d\\.", "x1."],
    ["\\p{Lu}", "straße Ä"],
    ["é|ß", "straße"],
    ["^.{3}$", "a😀b"],
    ["(a*)*b", "aaa"],
    ["(a+)+$", `${"a".repeat(50)}!`],
    ["(?<word>x)y", "xy"],
    ["", ""],
    ["a|", "b"],
  ];
  for (const [pattern, text] of cases) {
    const expected = pattern === "(a+)+$" ? false : new RegExp(pattern, "u").test(text);
    it(`/${pattern}/ ${expected ? "is" : "is not"} in ${text.slice(0, 20)}`, () => {
      assert.equal(new Pattern(pattern).test(text), expected);
    });
  }

  it("agrees with the language's own expressions on patterns made at random", () => {
    const atom = fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\s", "^", "$", "\\b");
    const part: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        atom,
        fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
        fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(?:${a}|${b})`),
        fc
          .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "*?"))
          .map(([a, sign]) => `(?:${a})${sign}`),
      ),
    })).node;
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " ", "-"), maxLength: 8 });
    fc.assert(
      fc.property(part, text, (pattern, line) => {
        assert.equal(new Pattern(pattern).test(line), new RegExp(pattern, "u").test(line), pattern);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves case out of account where it is told to", () => {
    assert.equal(new Pattern("(?i)err[OÖ]r").test("ERRör"), true);
    assert.equal(new Pattern("error").test("ERROR"), false);
  });

  it("takes braces and quotation marks as they are typed", () => {
    assert.equal(new Pattern('{"level":\\"err').test('{"level":"error"}'), true);
  });

  it("finds the places, the longest at each", () => {
    assert.deepEqual(new Pattern("a+|b").find("xaaby"), [
      [1, 3],
      [3, 4],
    ]);
    assert.deepEqual(new Pattern("x*").find("abc"), []);
  });

  it("says what is wrong", () => {
    assert.throws(() => new Pattern("("), /invalid pattern "\("/);
    assert.throws(() => new Pattern("(a)\\1"), /back reference/);
    assert.throws(() => new Pattern("(?=a)"), /looking ahead/);
    assert.throws(() => new Pattern("(?:a{1000}){1000}"), /too long/);
    assert.equal(new Pattern("(){1000000000}").test(""), true);
  });
});
