import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Turns } from "./turns.ts";

describe("turns of the event loop", () => {
  it("are given to one caller each, in order", async () => {
    const turns = new Turns();
    const done: number[] = [];
    const all = [0, 1, 2, 3].map((index) => turns.next().then(() => done.push(index)));
    await Promise.resolve();
    assert.deepEqual(done, [0]);
    await turn();
    assert.ok(done.length < 4, "others come in between");
    await Promise.all(all);
    assert.deepEqual(done, [0, 1, 2, 3]);
  });

  it("cost nothing when nobody else is there", async () => {
    const turns = new Turns();
    await turns.next();
    await turn();
    await turn();
    let free = false;
    void turns.next().then(() => {
      free = true;
    });
    await Promise.resolve();
    assert.ok(free);
  });
});
