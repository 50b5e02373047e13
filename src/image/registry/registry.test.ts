import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseChallenges } from "../../registry-client/challenge.ts";
import { ANONYMOUS, decodeAuthHeader } from "../../registry-client/credentials.ts";
import { endpointsOf, isInsecure } from "../../registry-client/endpoints.ts";
import { registryError } from "../../registry-client/errors.ts";
import { domainOfAddress } from "./login.ts";

const plain = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a challenge", () => {
  it("is read with quoted, plain and several values", () => {
    assert.deepEqual(plain('Bearer realm="https://a/t",service="r",scope="repository:a:pull,push"'), [
      ["bearer", { realm: "https://a/t", service: "r", scope: "repository:a:pull,push" }],
    ]);
    assert.deepEqual(plain('Basic realm="a \\"b\\"", Bearer realm=x'), [
      ["basic", { realm: 'a "b"' }],
      ["bearer", { realm: "x" }],
    ]);
    assert.deepEqual(plain("Negotiate"), [["negotiate", {}]]);
    assert.deepEqual(parseChallenges(undefined), []);
  });

  it("of any text ends", () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges(text))));
  });
});

describe("endpoints", () => {
  const settings = {
    mirrors: ["https://m.example.com/sub/"],
    insecure: ["10.1.0.0/16", "reg.example.com:5000", "bad/99"],
  };
  const urls = (domain: string, purpose: "pull" | "push") =>
    endpointsOf(domain, purpose, settings).map(({ url }) => url);

  it("are mirrors first for pulls of the default registry only", () => {
    assert.deepEqual(urls("docker.io", "pull"), [
      "https://m.example.com/sub",
      "https://registry-1.docker.io",
    ]);
    assert.deepEqual(urls("docker.io", "push"), ["https://registry-1.docker.io"]);
    assert.deepEqual(urls("r.example.com", "pull"), ["https://r.example.com"]);
    assert.throws(
      () => endpointsOf("docker.io", "pull", { ...settings, mirrors: ["ftp://x"] }),
      /invalid mirror/,
    );
  });

  it("use plain HTTP on this machine and where the administrator says so", () => {
    const rows: readonly (readonly [string, boolean])[] = [
      ["localhost:5000", true],
      ["127.9.9.9", true],
      ["[::1]:80", true],
      ["10.1.2.3:5000", true],
      ["10.2.2.3", false],
      ["reg.example.com:5000", true],
      ["reg.example.com", false],
      ["127.0.0.1.example.com", false],
    ];
    for (const [host, expected] of rows) assert.equal(isInsecure(host, settings.insecure), expected, host);
    assert.deepEqual(urls("10.1.2.3:5000", "push"), ["https://10.1.2.3:5000", "http://10.1.2.3:5000"]);
  });
});

describe("credentials", () => {
  it("come from the header in every form clients write", () => {
    assert.deepEqual(decodeAuthHeader(undefined), ANONYMOUS);
    assert.deepEqual(decodeAuthHeader(encode({})), ANONYMOUS);
    assert.deepEqual(decodeAuthHeader(encode({ username: "u", password: "p" })), {
      ...ANONYMOUS,
      username: "u",
      password: "p",
    });
    assert.equal(decodeAuthHeader(encode({ auth: Buffer.from("u:a:b").toString("base64") })).password, "a:b");
    assert.equal(decodeAuthHeader(encode({ identitytoken: "t" })).identityToken, "t");
    for (const bad of ["bm90IGpzb24", encode([]), encode({ username: 1 })])
      assert.throws(() => decodeAuthHeader(bad), { kind: "invalidParameter" });
  });

  it("belong to the registry of an address", () => {
    assert.equal(domainOfAddress("https://index.docker.io/v1/"), "docker.io");
    assert.equal(domainOfAddress("localhost:5000"), "localhost:5000");
    assert.equal(domainOfAddress("https://r.example.com/v2/"), "r.example.com");
  });
});

describe("a refusal", () => {
  it("is one printable line, whatever the registry sends", () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), fc.string(), (status, body) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
        return !/[\x00-\x1f]/.test(registryError(status, body, [], undefined).message);
      }),
    );
    const evil = JSON.stringify({ errors: [{ code: "A\u001b[31m", message: "b\nc" }] });
    assert.equal(registryError(400, evil, [], undefined).message, "a [31m: b c");
  });
  it("says what Docker says of servers that answer in their own way", () => {
    const message = (status: number, body: string) => registryError(status, body, [], undefined).message;
    assert.equal(
      message(401, '{"errors":[{"Code":"UNAUTHORIZED","message":"not you"}]}'),
      "unauthorized: not you",
    );
    assert.equal(message(401, '{"error":"unauthorized"}'), "unauthorized: authentication required");
    assert.equal(message(403, "no way"), 'denied: error parsing HTTP 403 response body: "no way"');
    assert.equal(message(403, "<html>"), "denied: requested access to the resource is denied");
  });
});
