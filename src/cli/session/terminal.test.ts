import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { sizeTeller } from "./terminal.ts";

describe("the size of a terminal", () => {
  it("is told anew only when the one before has arrived, and as it is then", async () => {
    const told: string[] = [];
    const answers: PromiseWithResolvers<void>[] = [];
    let size: readonly [number, number] = [30, 100];
    const tell = sizeTeller(
      (height, width) => {
        told.push(`${height}x${width}`);
        const answer = Promise.withResolvers<void>();
        answers.push(answer);
        return answer.promise;
      },
      () => size,
    );
    tell();
    await turn();
    for (const next of [[20, 80] as const, [11, 77] as const]) {
      size = next;
      tell();
    }
    await turn();
    assert.deepEqual(told, ["30x100"]);
    answers[0]?.resolve();
    await turn();
    assert.deepEqual(told, ["30x100", "11x77"]);
  });

  it("is told again to a process that has not begun", async () => {
    let refusals = 2;
    const arrived = Promise.withResolvers<string>();
    const tell = sizeTeller(
      async (height, width) => {
        if (refusals-- > 0) throw new Error("is not running");
        arrived.resolve(`${height}x${width}`);
      },
      () => [30, 100],
    );
    tell();
    // The teller's own waits keep no process alive.
    const alive = setInterval(() => undefined, 1000);
    assert.equal(await arrived.promise, "30x100");
    clearInterval(alive);
  });
});
