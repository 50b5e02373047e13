import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Router } from "./router.ts";

const router = new Router([
  { method: "GET", path: "/images/{name:.*}/json" },
  { method: "GET", path: "/images/{name:.*}/get" },
  { method: "GET", path: "/images/get" },
  { method: "DELETE", path: "/images/{name:.*}" },
  { method: "GET", path: "/nodes/{id}" },
  { method: "GET", path: "/nodes", also: "/nodes/" },
]);
const find = (method: string, path: string) => {
  const match = router.match(method, path);
  return match && [match.row.path, { ...match.params }];
};

describe("router", () => {
  it("lets names contain slashes", () => {
    assert.deepEqual(find("GET", "/images/host:5000/a/b/json"), [
      "/images/{name:.*}/json",
      { name: "host:5000/a/b" },
    ]);
    assert.deepEqual(find("DELETE", "/images/a/json"), ["/images/{name:.*}", { name: "a/json" }]);
  });

  it("prefers a path without parameters", () => {
    assert.deepEqual(find("GET", "/images/get"), ["/images/get", {}]);
    assert.deepEqual(find("GET", "/images/x/get"), ["/images/{name:.*}/get", { name: "x" }]);
  });

  it("knows a row by its other path", () => {
    assert.deepEqual(find("GET", "/nodes/"), ["/nodes", {}]);
    assert.deepEqual(find("GET", "/nodes"), ["/nodes", {}]);
  });

  it("keeps a plain parameter within its segment", () => {
    assert.deepEqual(find("GET", "/nodes/a"), ["/nodes/{id}", { id: "a" }]);
    assert.equal(find("GET", "/nodes/a/b"), undefined);
  });

  it("finds nothing for other methods and paths", () => {
    for (const [method, path] of [
      ["POST", "/images/get"],
      ["HEAD", "/nodes/a"],
      ["GET", "/"],
      ["GET", ""],
    ] as const) {
      assert.equal(find(method, path), undefined);
    }
  });
});
