import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NetworkRecord } from "../network.ts";
import { chooseGateway } from "./gateway.ts";

const on = (name: string, priority = 0, internal = false, gateway = "10.0.0.1") => ({
  network: { name, internal } as NetworkRecord,
  gateway,
  priority,
});

describe("the default gateway", () => {
  it("is of the highest priority, then of the first name, whatever the order of connecting", () => {
    assert.equal(chooseGateway([on("b"), on("a")])?.network.name, "a");
    assert.equal(chooseGateway([on("a"), on("b", 1)])?.network.name, "b");
  });

  it("is never an internal network's, or one without a gateway", () => {
    assert.equal(chooseGateway([on("a", 5, true), on("b", 4, false, ""), on("c")])?.network.name, "c");
    assert.equal(chooseGateway([on("a", 0, true)]), undefined);
  });
});
