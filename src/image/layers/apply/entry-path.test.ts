import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isOverlayXattr, markerOf, parseEntryPath } from "./entry-path.ts";

describe("parseEntryPath", () => {
  it("starts at the layer's root whatever the name starts with", () => {
    assert.deepEqual(parseEntryPath("./etc//passwd"), { parents: ["etc"], name: "passwd" });
    assert.deepEqual(parseEntryPath("/etc/passwd"), { parents: ["etc"], name: "passwd" });
    assert.deepEqual(parseEntryPath("a/../b/"), { parents: [], name: "b" });
    for (const root of ["", ".", "./", "/", "a/.."]) assert.equal(parseEntryPath(root).name, undefined, root);
  });
  it("refuses names that lead out", () => {
    for (const name of ["..", "../x", "/../x", "a/../../x", "./../x"])
      assert.throws(() => parseEntryPath(name), /leads out/, name);
  });
  it("never gives a component with a slash or a way up", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "/", "."), maxLength: 30 }), (text) => {
        try {
          const { parents, name } = parseEntryPath(text);
          for (const part of [...parents, name ?? "x"]) assert.match(part, /^(?!\.\.?$)[^/]+$/);
        } catch (error) {
          assert.match(String(error), /leads out/);
        }
      }),
    );
  });
});

describe("markerOf", () => {
  it("tells whiteouts, opaque markers and leftovers", () => {
    assert.equal(markerOf("a"), undefined);
    assert.deepEqual(markerOf(".wh.a"), { kind: "whiteout", name: "a" });
    assert.deepEqual(markerOf(".wh..wh..opq"), { kind: "opaque" });
    assert.deepEqual(markerOf(".wh..wh.plnk"), { kind: "ignored" });
    for (const name of [".wh.", ".wh..", ".wh..."])
      assert.throws(() => markerOf(name), /names no entry/, name);
  });
  it("knows the union filesystem's own attributes", () => {
    assert.ok(isOverlayXattr("trusted.overlay.redirect") && isOverlayXattr("user.overlay.opaque"));
    assert.ok(!isOverlayXattr("trusted.other") && !isOverlayXattr("security.capability"));
  });
});
