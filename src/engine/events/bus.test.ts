import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineEvent } from "../views.ts";
import { EventBus } from "./bus.ts";

const signal = new AbortController().signal;
const none = new Map<string, readonly string[]>();

async function collect(events: AsyncIterable<EngineEvent>, count: number): Promise<readonly string[]> {
  const actions: string[] = [];
  for await (const { action } of events) {
    actions.push(action);
    if (actions.length === count) break;
  }
  return actions;
}

describe("event bus", () => {
  it("tells what happens from now on, in order", async () => {
    const bus = new EventBus();
    bus.publish("container", "before", "a", {});
    const stream = bus.subscribe(
      { since: undefined, until: undefined, filters: none },
      new AbortController().signal,
    );
    const seen = collect(stream, 2);
    await Promise.resolve();
    bus.publish("container", "one", "a", {});
    bus.publish("container", "two", "a", {});
    assert.deepEqual(await seen, ["one", "two"]);
    assert.equal(bus.listeners, 0);
  });

  it("tells a time that lies between what has happened and what will", async () => {
    const bus = new EventBus();
    bus.publish("container", "before", "a", {});
    const since = bus.now();
    bus.publish("container", "between", "a", {});
    const until = bus.now();
    bus.publish("container", "after", "a", {});
    assert.deepEqual(await collect(bus.subscribe({ since, until, filters: none }, signal), 2), ["between"]);
  });

  it("dates events finer than a millisecond: a window may begin between two of one millisecond", async () => {
    const bus = new EventBus();
    const { signal } = new AbortController();
    const stream = bus.subscribe({ since: undefined, until: undefined, filters: none }, signal);
    const fractions: bigint[] = [];
    const before = Date.now();
    for (let round = 0; round < 20; round++) bus.publish("image", "tag", "a", {});
    for await (const { timeNano } of stream) {
      const milliseconds = Number(timeNano / 1_000_000n);
      // Two clocks that are set apart from each other: they may differ by a little.
      assert.ok(milliseconds > before - 1000 && milliseconds < Date.now() + 1000);
      if (fractions.push(timeNano % 1_000_000n) === 20) break;
    }
    // Counting up from whole milliseconds would give numbers below 20.
    assert.ok(fractions.some((fraction) => fraction > 20n));
  });

  it("remembers the last 256, and ends at once with a window that is over", async () => {
    const bus = new EventBus();
    for (let count = 0; count < 300; count++) bus.publish("container", `e${count}`, "a", {});
    const until = BigInt(Date.now() - 60_000) * 1_000_000n;
    assert.deepEqual(await collect(bus.subscribe({ since: 0n, until, filters: none }, signal), 999), []);
    const all = await collect(bus.subscribe({ since: 0n, until: undefined, filters: none }, signal), 256);
    assert.deepEqual([all[0], all.at(-1)], ["e44", "e299"]);
  });

  it("ends when the client goes", async () => {
    const bus = new EventBus();
    const gone = new AbortController();
    const seen = collect(bus.subscribe({ since: 0n, until: undefined, filters: none }, gone.signal), 99);
    gone.abort();
    assert.deepEqual(await seen, []);
    assert.equal(bus.listeners, 0);
  });

  it("gives every event a time of its own", async () => {
    const bus = new EventBus();
    bus.publish("container", "a", "x", {});
    bus.publish("container", "b", "x", {});
    const times: bigint[] = [];
    for await (const { timeNano } of bus.subscribe(
      { since: 0n, until: undefined, filters: none },
      new AbortController().signal,
    )) {
      times.push(timeNano);
      if (times.length === 2) break;
    }
    assert.ok(times[0]! < times[1]!);
  });

  it("filters by type, action, object and label", async () => {
    const bus = new EventBus();
    bus.publish("container", "start", "abc123", { name: "web", image: "nginx:latest", tier: "front" });
    bus.publish("container", "exec_start: ls -l", "abc123", { name: "web" });
    bus.publish("network", "connect", "n1", { name: "net" });
    const matching = async (filters: Readonly<Record<string, readonly string[]>>) => {
      const stopped = new AbortController();
      const stream = bus.subscribe(
        { since: 0n, until: undefined, filters: new Map(Object.entries(filters)) },
        stopped.signal,
      );
      const actions: string[] = [];
      const work = (async () => {
        for await (const { action } of stream) actions.push(action);
      })();
      await new Promise(setImmediate);
      stopped.abort();
      await work;
      return actions;
    };
    assert.deepEqual(await matching({ type: ["network"] }), ["connect"]);
    assert.deepEqual(await matching({ event: ["exec_start"] }), ["exec_start: ls -l"]);
    assert.deepEqual(await matching({ container: ["web"] }), ["start", "exec_start: ls -l"]);
    assert.deepEqual(await matching({ container: ["abc"], event: ["start"] }), ["start"]);
    assert.deepEqual(await matching({ image: ["nginx"] }), ["start"]);
    assert.deepEqual(await matching({ label: ["tier=front"] }), ["start"]);
    assert.deepEqual(await matching({ network: ["nosuch"] }), []);
  });
});
