import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Container } from "../containers/container.ts";
import { StatsTicker } from "./ticker.ts";

const SAMPLE = { id: "c", name: "c", at: "2026-01-01T00:00:00Z", usage: undefined };
/** The ticker only hands containers on. */
const containers = (count: number) => Array.from({ length: count }, () => ({}) as Container);

const unexpected = (_container: Container, error: unknown) => assert.fail(String(error));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

describe("the clock of stats", () => {
  it("gives everybody else a turn after each container", async () => {
    let sinceTurn = 0;
    let most = 0;
    let heard = 0;
    const ticker = new StatsTicker(() => {
      most = Math.max(most, ++sinceTurn);
      return SAMPLE;
    }, unexpected);
    const turn = () => {
      sinceTurn = 0;
      probe = setImmediate(turn);
    };
    let probe = setImmediate(turn);
    const leave = containers(300).map((container) => ticker.listen(container, () => heard++));
    await until(() => heard >= 300);
    for (const end of leave) end();
    clearImmediate(probe);
    // Two where the order of the turns within one round of the event loop changes.
    assert.ok(most <= 2, `${most} containers in one turn`);
  });
  it("reads a container once however many listen, and not at all when nobody does", async () => {
    let reads = 0;
    let heard = 0;
    const ticker = new StatsTicker(() => {
      reads++;
      return SAMPLE;
    }, unexpected);
    const [container] = containers(1) as [Container];
    const leave = [1, 2, 3].map(() => ticker.listen(container, () => heard++));
    const begun = performance.now();
    await until(() => reads > 1);
    for (const end of leave) end();
    assert.ok(performance.now() - begun > 500, "twice within a second");
    assert.equal(heard, reads * 3);
    const before = reads;
    await sleep(1200);
    assert.equal(reads, before);
  });
  it("goes on after a reading that fails", async () => {
    let reads = 0;
    let failures = 0;
    const ticker = new StatsTicker(
      () => {
        if (++reads === 1) throw new Error("too many open files");
        return SAMPLE;
      },
      () => failures++,
    );
    let heard = 0;
    const [container] = containers(1) as [Container];
    const leave = ticker.listen(container, () => heard++);
    await until(() => heard > 0);
    leave();
    assert.equal(failures, 1);
  });
});
