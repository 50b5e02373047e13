import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compileGlob, matchGlob } from "./glob.ts";
import { ignoreRules, parseIgnoreFile } from "./ignore.ts";

const matches = (pattern: string, text: string) => matchGlob(compileGlob(pattern, { folders: false }), text);

describe("wildcards of COPY", () => {
  const cases: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ["abc", "abc", true],
    ["*", "abc", true],
    ["*c", "abc", true],
    ["a*", "a/b", false],
    ["a*b*c", "aXbYc", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["[a-c]x", "bx", true],
    ["[^a-c]x", "bx", false],
    ["[^a-c]x", "dx", true],
    ["[\\]]", "]", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["", "", true],
    ["a", "", false],
  ];
  for (const [pattern, text, expected] of cases) {
    it(`${pattern} ${expected ? "fits" : "does not fit"} "${text}"`, () =>
      assert.equal(matches(pattern, text), expected));
  }

  it("refuses patterns that mean nothing", () => {
    for (const pattern of ["[", "[]", "[a", "[a-]", "[-a]", "\\"]) {
      assert.throws(() => compileGlob(pattern, { folders: false }), /syntax error in pattern/, pattern);
    }
  });

  it("fits every text with itself when escaped", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const pattern = [...text]
          .map((char) => (/[\w/ ]/.test(char) || char.length > 1 ? char : `\\${char}`))
          .join("");
        assert.ok(matches(pattern, text));
      }),
    );
  });
});

describe(".dockerignore", () => {
  const ignores = (file: string, path: string) => parseIgnoreFile(file).ignores(path);

  it("matches like Docker's matcher", () => {
    const cases: readonly (readonly [file: string, path: string, ignored: boolean])[] = [
      ["*.log", "a.log", true],
      ["*.log", "d/a.log", false],
      ["**/*.log", "d/e/a.log", true],
      ["**/*.log", "a.log", true],
      ["d", "d/a/b", true],
      ["/d/", "d/x", true],
      ["./d", "d", true],
      ["a/**", "a/b/c", true],
      ["a/**", "a", false],
      ["**", "x/y", true],
      ["a/**/b", "a/b", true],
      ["a/**/b", "a/x/y/b", true],
      ["**/node_modules", "p/q/node_modules/z", true],
      ["# note\n\nx", "x", true],
      ["# x", "# x", false],
      ["*\n!keep", "keep", false],
      ["*\n!keep", "other", true],
      ["d\n!d/keep", "d/keep", false],
      ["d\n!d/keep", "d/other", true],
      ["*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true],
      ["*.md\n!README*.md\nREADME-secret.md", "README.md", false],
    ];
    for (const [file, path, ignored] of cases)
      assert.equal(ignores(file, path), ignored, `${JSON.stringify(file)} ${path}`);
  });

  it("refuses a lone exclamation mark", () => {
    assert.throws(() => ignoreRules(["!"]), /illegal exclusion pattern/);
  });
});
