import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NetworkRecord } from "../network.ts";
import { chooseGateway } from "./gateway.ts";

const on = (name: string, priority = 0, internal = false, gateway = "10.0.0.1", gateway6 = "") => ({
  network: { name, internal } as NetworkRecord,
  gateway,
  gateway6,
  priority,
});
const chosen = (candidates: readonly ReturnType<typeof on>[], key: "gateway" | "gateway6" = "gateway") =>
  chooseGateway(candidates, key)?.network.name;

describe("the default gateway", () => {
  it("is of the highest priority, then of the first name, whatever the order of connecting", () => {
    assert.equal(chosen([on("b"), on("a")]), "a");
    assert.equal(chosen([on("a"), on("b", 1)]), "b");
  });

  it("is never an internal network's, or one without a gateway", () => {
    assert.equal(chosen([on("a", 5, true), on("b", 4, false, ""), on("c")]), "c");
    assert.equal(chosen([on("a", 0, true)]), undefined);
  });

  it("is of a network of both families before those of one, unless the priority says otherwise", () => {
    const both = on("z", 0, false, "10.0.0.1", "fd00::1");
    const six = (priority: number) => on("b", priority, false, "", "fd01::1");
    assert.equal(chosen([on("a"), both]), "z");
    assert.equal(chosen([on("a", 1), both]), "a");
    assert.equal(chosen([on("a", 1), both], "gateway6"), "z");
    assert.equal(chosen([both, six(0)], "gateway6"), "z");
    assert.equal(chosen([both, six(1)], "gateway6"), "b");
  });
});
