import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { negotiate, splitVersion } from "./version.ts";

describe("version negotiation", () => {
  it("takes the prefix off the path", () => {
    assert.deepEqual(splitVersion("/v1.41/info"), { version: "1.41", rest: "/info" });
    assert.deepEqual(splitVersion("/info"), { version: "1.50", rest: "/info" });
    assert.deepEqual(splitVersion("/volumes/v1.41"), { version: "1.50", rest: "/volumes/v1.41" });
  });

  it("speaks 1.24 to 1.50", () => {
    assert.equal(negotiate("1.24"), 24);
    assert.equal(negotiate("1.50"), 50);
  });

  it("refuses the others in Docker's words", () => {
    assert.throws(() => negotiate("1.10"), {
      message:
        "client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
    });
    assert.throws(() => negotiate("1.99"), {
      message: "client version 1.99 is too new. Maximum supported API version is 1.50",
    });
    assert.throws(() => negotiate("2.0"), { kind: "invalidParameter" });
    assert.throws(() => negotiate("1"), { kind: "invalidParameter" });
  });
});
