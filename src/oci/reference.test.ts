import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EngineError } from "../base/errors.ts";
import { canonicalName, familiarName, parseReference, parseRepository } from "./reference.ts";

const digest = `sha256:${"ab".repeat(32)}`;

describe("parseReference", () => {
  const cases: readonly (readonly [text: string, canonical: string, familiar: string])[] = [
    ["nginx", "docker.io/library/nginx:latest", "nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27", "nginx:1.27"],
    ["library/nginx", "docker.io/library/nginx:latest", "nginx:latest"],
    ["docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest"],
    ["index.docker.io/library/nginx:a", "docker.io/library/nginx:a", "nginx:a"],
    ["user/app", "docker.io/user/app:latest", "user/app:latest"],
    ["docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"],
    ["localhost/x", "localhost/x:latest", "localhost/x:latest"],
    ["localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest"],
    ["localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"],
    ["[::1]:5000/x:y", "[::1]:5000/x:y", "[::1]:5000/x:y"],
    ["docker.io/a.b/c", "docker.io/a.b/c:latest", "docker.io/a.b/c:latest"],
    ["Host/x", "Host/x:latest", "Host/x:latest"],
    [`quay.io/a/b@${digest}`, `quay.io/a/b@${digest}`, `quay.io/a/b@${digest}`],
    [`a:b@${digest}`, `docker.io/library/a:b@${digest}`, `a:b@${digest}`],
    ["a__b/c-d.e--f", "docker.io/a__b/c-d.e--f:latest", "a__b/c-d.e--f:latest"],
  ];
  for (const [text, canonical, familiar] of cases) {
    it(`reads ${text}`, () => {
      const reference = parseReference(text);
      assert.equal(canonicalName(reference), canonical);
      assert.equal(familiarName(reference), familiar);
    });
  }

  const refused: readonly (readonly [text: string, message: RegExp])[] = [
    ["", /^invalid reference format$/],
    ["Nginx", /must be lowercase$/],
    ["user/App:x", /repository name \(user\/App\) must be lowercase$/],
    [":tag", /^invalid reference format$/],
    ["a:", /^invalid reference format$/],
    ["a b", /^invalid reference format$/],
    ["a//b", /^invalid reference format$/],
    ["-a", /^invalid reference format$/],
    ["a___b", /^invalid reference format$/],
    ["a..b", /^invalid reference format$/],
    ["a/../b", /^invalid reference format$/],
    [`a:${"t".repeat(129)}`, /^invalid reference format$/],
    ["a@sha256:12", /^invalid reference format$/],
    [`a@sha512:${"ab".repeat(64)}`, /unsupported digest algorithm/],
    ["ab".repeat(32), /cannot specify 64-byte hexadecimal strings/],
    [`${"a/".repeat(140)}b`, /must not be more than 255 characters/],
    ["a".repeat(100_000), /^invalid reference format$/],
    ["host:port/x", /^invalid reference format$/],
    ["a\n", /^invalid reference format$/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => parseReference(text), { name: "EngineError", kind: "invalidParameter", message });
    });
  }

  it("gives the same reference for the canonical and the familiar form of every valid name", () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?$/);
    const domain = fc.constantFrom(
      "",
      "docker.io/",
      "localhost/",
      "localhost:5000/",
      "r.example.com/",
      "index.docker.io/",
    );
    const suffix = fc.constantFrom("", ":v1", `@${digest}`, `:v1@${digest}`);
    fc.assert(
      fc.property(domain, fc.array(component, { minLength: 1, maxLength: 4 }), suffix, (host, path, tail) => {
        const reference = parseReference(host + path.join("/") + tail);
        assert.deepEqual(parseReference(canonicalName(reference)), reference);
        assert.deepEqual(parseReference(familiarName(reference)), reference);
      }),
    );
  });

  it("ends in a reference or in an error of ours for any text", () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom("a", "A", ":", "/", "@", ".", "-", "_", "[", "0") }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          const reference = parseReference(text);
          assert.deepEqual(parseReference(canonicalName(reference)), reference);
        } catch (error) {
          assert.ok(error instanceof EngineError && error.kind === "invalidParameter", String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("parseRepository", () => {
  it("takes a bare name and refuses a tag", () => {
    assert.deepEqual(parseRepository("nginx"), { domain: "docker.io", path: "library/nginx" });
    assert.throws(() => parseRepository("nginx:1"), /without tag or digest/);
  });
});
