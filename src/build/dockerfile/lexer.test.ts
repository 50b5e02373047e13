// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of a Dockerfile are written like this
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EngineError } from "../../base/errors.ts";
import { lex } from "./lexer.ts";

const variables: Readonly<Record<string, string>> = {
  A: "a",
  EMPTY: "",
  PATH: "/x/y.tar.gz",
  W: "one two",
  "1": "first",
};
const lookup = (name: string) => variables[name];
const expand = (text: string) => lex(text, lookup, { escapeToken: "\\" }).value;
const words = (text: string) => lex(text, lookup, { escapeToken: "\\" }).words;

/** Expressions and their values, as the Dockerfile reference and POSIX shells define them. */
const VALUES: readonly (readonly [text: string, value: string])[] = [
  ["$A", "a"],
  ["${A}b", "ab"],
  ["$Ab", ""],
  ["\\$A", "$A"],
  ["\\${A}", "${A}"],
  ["'$A'", "$A"],
  ['"$A"', "a"],
  ['"\\$A \\" \\x"', '$A " \\x'],
  ["a\\ b", "a b"],
  ["$", "$"],
  ["$ x", "$ x"],
  ["${NO:-d}", "d"],
  ["${NO-d}", "d"],
  ["${EMPTY:-d}", "d"],
  ["${EMPTY-d}", ""],
  ["${A:+s}", "s"],
  ["${EMPTY:+s}", ""],
  ["${EMPTY+s}", "s"],
  ["${NO:+s}", ""],
  ["${NO:-${A}x}", "ax"],
  ["${NO:-'q r'}", "q r"],
  ["${A:?no}", "a"],
  ["${PATH#*/}", "x/y.tar.gz"],
  ["${PATH##*/}", "y.tar.gz"],
  ["${PATH%.*}", "/x/y.tar"],
  ["${PATH%%.*}", "/x/y"],
  ["${PATH/x/z}", "/z/y.tar.gz"],
  ["${PATH//[/z}", "/x/y.tar.gz"],
  ["${PATH//?/z}", "zzzzzzzzzzz"],
  ["${PATH//\\//-}", "-x-y.tar.gz"],
  ["$1", "first"],
  ["é${A}ü", "éaü"],
];

describe("words of a Dockerfile", () => {
  for (const [text, value] of VALUES)
    it(`${text} is ${JSON.stringify(value)}`, () => assert.equal(expand(text), value));

  it("splits words outside quotes, also within values", () => {
    assert.deepEqual(words("a $W 'b c' \"$W\""), ["a", "one", "two", "b c", "one two"]);
    assert.deepEqual(words("$EMPTY ''"), [""]);
  });

  it("names what is wrong", () => {
    const fails = (text: string, message: RegExp) => assert.throws(() => expand(text), message);
    fails("'a", /matching single-quote/);
    fails('"a', /matching double-quote/);
    fails("${A", /missing '}'/);
    fails("${}", /bad substitution/);
    fails("${A:x}", /unsupported modifier \(:x\)/);
    fails("${NO:?gone}", /NO: gone/);
    fails("${NO?}", /NO: not allowed to be unset/);
  });

  it("leaves quotes alone in heredocs", () => {
    assert.equal(
      lex(`it's "$A" \\$A \\n`, lookup, { escapeToken: "\\", heredoc: true }).value,
      `it's "a" $A \\n`,
    );
  });

  it("returns raw text unchanged", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          assert.equal(lex(text, lookup, { escapeToken: "\\", raw: true }).value, text);
        } catch (error) {
          assert.ok(error instanceof EngineError);
        }
      }),
    );
  });

  it("takes time in proportion to hostile patterns", () => {
    const text = "a".repeat(2000);
    const value = lex(`\${X%%${"*a".repeat(40)}b}`, () => text, { escapeToken: "\\" }).value;
    assert.equal(value, text);
  });
});
