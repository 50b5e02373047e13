import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { KeyedQueue, orAborted, runAll, Semaphore } from "./async.ts";

describe("KeyedQueue", () => {
  it("runs one key in order and other keys meanwhile", async () => {
    const queue = new KeyedQueue();
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = queue.run("a", async () => {
      await gate.promise;
      seen.push("a1");
    });
    const second = queue.run("a", async () => void seen.push("a2"));
    await queue.run("b", async () => void seen.push("b"));
    gate.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(seen, ["b", "a1", "a2"]);
  });

  it("goes on after a failure", async () => {
    const queue = new KeyedQueue();
    const failed = queue.run("a", async () => {
      throw new Error("first");
    });
    const next = queue.run("a", async () => "second");
    await assert.rejects(failed, /first/);
    assert.equal(await next, "second");
  });
});

describe("Semaphore", () => {
  it("never lets more than its limit in", async () => {
    const semaphore = new Semaphore(2);
    let inside = 0;
    let most = 0;
    const body = async () => {
      most = Math.max(most, ++inside);
      await sleep(1);
      inside--;
    };
    await Promise.all(Array.from({ length: 7 }, () => semaphore.run(body)));
    assert.equal(most, 2);
  });
});

describe("orAborted", () => {
  it("stops waiting when the signal fires", async () => {
    const controller = new AbortController();
    const waiting = orAborted(new Promise(() => undefined), controller.signal);
    controller.abort();
    await assert.rejects(waiting, { kind: "cancelled" });
  });
});

describe("runAll", () => {
  it("runs every step and reports all failures", async () => {
    const seen: number[] = [];
    const step = (n: number) => () => {
      seen.push(n);
      if (n !== 2) throw new Error(`step ${n}`);
    };
    await assert.rejects(runAll("clean-up failed", [step(1), step(2), step(3)]), (error) => {
      assert.ok(error instanceof AggregateError);
      assert.equal(error.errors.length, 2);
      return true;
    });
    assert.deepEqual(seen, [1, 2, 3]);
  });
});
