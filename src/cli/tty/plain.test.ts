import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { colouredText, plainText } from "./plain.ts";

describe("text of strangers", () => {
  const hostile = "a\x1b[2Jb\x1b]0;title\x07c\x1b[31mred\x9b5md\rback\u202egnp\tend\x08";

  it("loses everything that a terminal obeys", () => {
    const shown = plainText(hostile);
    assert.doesNotMatch(shown, /\p{Cc}|\u202e/u);
    assert.match(shown, /^abcred.*backgnp {4}end$/);
    assert.equal(plainText("größer 文字 😀"), "größer 文字 😀");
  });

  it("may keep its colours, which end with it", () => {
    const shown = colouredText(hostile);
    assert.ok(shown.startsWith("abc\x1b[31mred"));
    assert.ok(shown.endsWith("end\x1b[0m"));
    assert.doesNotMatch(shown.replaceAll("\x1b[31m", "").replaceAll("\x1b[0m", ""), /\p{Cc}/u);
  });
});
