import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Changes } from "./changes.ts";

/** Written down as text; writes with "bad" in them fail. */
function open() {
  const writes: string[] = [];
  const changes = new Changes<string>({
    key: (item) => item,
    async write(removed, added) {
      await Promise.resolve();
      writes.push([...removed.map((item) => `-${item}`), ...added.map((item) => `+${item}`)].join(" "));
      if ([...removed, ...added].includes("bad")) throw new Error("bad");
    },
  });
  return { changes, writes };
}

describe("changes", () => {
  it("that are asked for while one is written are written together", async () => {
    const { changes, writes } = open();
    await Promise.all([
      changes.apply([], ["a"]),
      changes.apply([], ["b"]),
      changes.apply([], ["c"]),
      changes.apply(["a"], ["d"]),
    ]);
    assert.deepEqual(writes, ["+a", "-a +b +c +d"]);
    assert.deepEqual(changes.present, ["b", "c", "d"]);
  });

  it("write an item once, and remove it with the last that needs it", async () => {
    const { changes, writes } = open();
    await changes.apply([], ["a", "a"]);
    await changes.apply([], ["a"]);
    await changes.apply(["a"], []);
    await changes.apply(["a"], []);
    assert.deepEqual(writes, ["+a"]);
    await changes.apply(["a", "never"], []);
    assert.deepEqual(writes, ["+a", "-a"]);
  });

  it("that come and go within one group are not written at all", async () => {
    const { changes, writes } = open();
    const first = changes.apply([], ["a"]);
    const both = [changes.apply([], ["b"]), changes.apply(["b"], [])];
    await Promise.all([first, ...both]);
    assert.deepEqual(writes, ["+a"]);
  });

  it("that fail do not keep those they were written with, and leave nothing", async () => {
    const { changes, writes } = open();
    const first = changes.apply([], ["a"]);
    const results = await Promise.allSettled([changes.apply([], ["b"]), changes.apply([], ["bad"]), first]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(writes, ["+a", "+b +bad", "+b", "+bad"]);
    assert.deepEqual(changes.present, ["a", "b"]);
    await changes.apply([], ["c"]);
    assert.deepEqual(changes.present, ["a", "b", "c"]);
  });

  it("that remove are done with what they remove, also when they fail", async () => {
    const { changes } = open();
    changes.replace(["bad", "shared", "shared"]);
    await assert.rejects(changes.apply(["bad", "shared"], []), /bad/);
    assert.deepEqual(changes.present, ["shared"]);
    await changes.apply(["shared"], []);
    assert.deepEqual(changes.present, []);
  });

  it("wait for what runs alone, and it for those before", async () => {
    const { changes, writes } = open();
    const order = [
      changes.apply([], ["a"]),
      changes.apply([], ["b"]),
      changes.alone(async () => {
        writes.push("alone");
        changes.replace([...changes.present, "x"]);
      }),
      changes.apply(["x"], []),
    ];
    await Promise.all(order);
    assert.deepEqual(writes, ["+a", "+b", "alone", "-x"]);
    await assert.rejects(
      changes.alone(async () => {
        throw new Error("fails");
      }),
      /fails/,
    );
    await changes.apply([], ["z"]);
    assert.deepEqual(changes.present, ["a", "b", "z"]);
  });
});
