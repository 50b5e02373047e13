import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chainIdAbove, chainIds } from "./chain-id.ts";
import { digestFromHex, digestOf, hexOf, isDigest, parseDigest } from "./digest.ts";
import {
  bestPlatform,
  formatPlatform,
  hostPlatform,
  normalizePlatform,
  parsePlatform,
  platformScore,
} from "./platform.ts";

describe("digests", () => {
  const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  it("hashes, splits and joins", () => {
    assert.equal(digestOf(""), empty);
    assert.equal(digestFromHex(hexOf(parseDigest(empty))), empty);
  });
  it("refuses other algorithms, lengths and upper case", () => {
    assert.throws(() => parseDigest("md5:00"), /unsupported digest algorithm "md5"/);
    assert.throws(() => parseDigest("sha256:00"), /invalid digest/);
    assert.equal(isDigest(empty.toUpperCase()), false);
    assert.equal(isDigest(`${empty}\n`), false);
  });
});

describe("chainIds", () => {
  it("starts with the diffID and hashes pairs from there on", () => {
    const [a, b, c] = [digestOf("a"), digestOf("b"), digestOf("c")];
    const second = digestOf(`${a} ${b}`);
    assert.deepEqual(chainIds([a, b, c]), [a, second, digestOf(`${second} ${c}`)]);
    assert.equal(chainIdAbove(undefined, a), a);
    assert.deepEqual(chainIds([]), []);
  });
});

describe("platforms", () => {
  it("reads the forms people write", () => {
    assert.deepEqual(parsePlatform("linux/arm64/v8"), { os: "linux", architecture: "arm64" });
    assert.deepEqual(parsePlatform("Linux/x86_64"), { os: "linux", architecture: "amd64" });
    assert.deepEqual(parsePlatform("linux/arm"), { os: "linux", architecture: "arm", variant: "v7" });
    assert.deepEqual(parsePlatform("linux/arm/6"), { os: "linux", architecture: "arm", variant: "v6" });
    assert.deepEqual(parsePlatform("armhf"), { os: "linux", architecture: "arm", variant: "v7" });
    assert.deepEqual(parsePlatform("linux"), hostPlatform());
    assert.equal(formatPlatform(parsePlatform("linux/arm/v7")), "linux/arm/v7");
  });
  it("refuses what is no platform", () => {
    for (const text of ["", "a/b/c/d", "linux//v7", "nonsense", "linux/a b"]) {
      assert.throws(() => parsePlatform(text), { kind: "invalidParameter" }, text);
    }
  });
  it("matches own and earlier generations of one architecture only", () => {
    const v7 = parsePlatform("linux/arm/v7");
    assert.ok(platformScore(v7, v7) > platformScore(v7, parsePlatform("linux/arm/v6")));
    assert.ok(
      platformScore(v7, parsePlatform("linux/arm/v6")) > platformScore(v7, parsePlatform("linux/arm/v5")),
    );
    assert.equal(platformScore(parsePlatform("linux/arm/v6"), v7), 0);
    assert.equal(
      platformScore(parsePlatform("linux/amd64"), { os: "linux", architecture: "amd64", variant: "v3" }),
      0,
    );
    assert.ok(
      platformScore({ os: "linux", architecture: "amd64", variant: "v3" }, parsePlatform("linux/amd64")) > 0,
    );
    assert.equal(platformScore(parsePlatform("linux/amd64"), parsePlatform("linux/arm64")), 0);
  });
  it("chooses the best candidate", () => {
    const offered = ["linux/arm/v5", "linux/arm/v6", "linux/amd64"];
    assert.equal(bestPlatform(parsePlatform("linux/arm/v7"), offered, parsePlatform), "linux/arm/v6");
    assert.equal(bestPlatform(parsePlatform("linux/s390x"), offered, parsePlatform), undefined);
  });
  it("keeps what it does not know", () => {
    assert.deepEqual(normalizePlatform({ os: "windows", architecture: "amd64", "os.version": "10" }), {
      os: "windows",
      architecture: "amd64",
      "os.version": "10",
    });
  });
});
