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

  it("is idle when what was queued meanwhile is over, too", async () => {
    const queue = new KeyedQueue();
    const seen: string[] = [];
    queue
      .run("a", async () => {
        void queue.run("b", async () => void seen.push("b"));
        seen.push("a");
        throw new Error("no matter");
      })
      .catch(() => undefined);
    await queue.idle();
    assert.deepEqual(seen, ["a", "b"]);
  });
});

describe("Semaphore", () => {
  it("asks for its limit anew, and lets those who wait go when they are told to", async () => {
    let limit = 1;
    const semaphore = new Semaphore(() => limit);
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    let running = 0;
    const body = (index: number) => async () => {
      running++;
      await gates[index]?.promise;
      running--;
    };
    const first = semaphore.run(body(0));
    const leave = new AbortController();
    const second = semaphore.run(body(1), leave.signal);
    const others = [2, 3].map((index) => semaphore.run(body(index)));
    leave.abort();
    await assert.rejects(second, /cancelled/);
    assert.equal(running, 1);
    limit = 2;
    gates[0]?.resolve();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(running, 2);
    for (const { resolve } of gates) resolve();
    await Promise.all(others);
    assert.equal(running, 0);
  });

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
