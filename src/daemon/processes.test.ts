import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { groupOf } from "./processes.ts";

describe("groupOf", () => {
  it("takes a controller's group before the unified one", () => {
    assert.equal(groupOf("5:pids:/wharf/abc\n1:name=systemd:/\n0::/\n"), "/wharf/abc");
    assert.equal(groupOf("3:cpu,memory:/x/y\n0::/z\n"), "/x/y");
  });
  it("takes the unified group where there is no other", () => {
    assert.equal(groupOf("0::/wharf/abc\n"), "/wharf/abc");
  });
  it("knows the root, where everything is", () => {
    assert.equal(groupOf("5:pids:/\n0::/\n"), undefined);
  });
});
