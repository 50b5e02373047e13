import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Container } from "../containers/container.ts";
import { inOrder } from "./restart-order.ts";

describe("the order in which containers are started again", () => {
  const named = (...ids: string[]) => ids.map((id) => ({ id }) as Container);

  it("is that of their needs; the rest goes side by side, and a failure keeps nobody", async () => {
    const needs: Readonly<Record<string, readonly string[]>> = { link: ["source", "slow"], sharer: ["link"] };
    const log: string[] = [];
    await inOrder(
      named("source", "slow", "other", "link", "sharer"),
      ({ id }) => new Set(needs[id] ?? []),
      async ({ id }) => {
        log.push(`${id}?`);
        for (let turns = id === "slow" ? 5 : 1; turns > 0; turns--) await turn();
        log.push(id);
      },
    );
    assert.deepEqual(log.slice(0, 3), ["source?", "slow?", "other?"]);
    assert.deepEqual(log.slice(-5), ["slow", "link?", "link", "sharer?", "sharer"]);
  });

  it("waits for nobody in a circle", async () => {
    const started: string[] = [];
    const needs: Readonly<Record<string, string>> = { one: "two", two: "one" };
    await inOrder(
      named("one", "two"),
      ({ id }) => new Set([needs[id] ?? ""]),
      async ({ id }) => void started.push(id),
    );
    assert.deepEqual(started, ["one", "two"]);
  });
});
