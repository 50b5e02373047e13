import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Slots } from "./slots.ts";

const filled = (count: number, items: number, soonest = 0) => {
  const slots = new Slots<number>(count);
  for (let item = 0; item < items; item++) slots.add(item, soonest);
  return slots;
};

describe("slots of a period", () => {
  it("are filled evenly, the soonest first", () => {
    const slots = filled(5, 12, 8);
    assert.deepEqual(
      [8, 9, 10, 11, 12].map((slot) => slots.at(slot).size),
      [3, 3, 2, 2, 2],
    );
    assert.deepEqual([...slots.at(8)], [0, 5, 10]);
    assert.deepEqual([...slots.at(8 + 5)], [0, 5, 10], "again in the next period");
  });
  it("take what comes into the place that was given back", () => {
    const slots = filled(3, 6);
    slots.delete(1);
    slots.delete(1);
    slots.add(7, 0);
    assert.deepEqual([...slots.at(1)], [4, 7]);
    assert.equal(slots.size, 6);
  });
  it("have each thing once", () => {
    const slots = filled(3, 1);
    slots.add(0, 2);
    assert.equal(slots.size, 1);
  });
  it("tell which comes next, round the period", () => {
    const slots = filled(4, 1, 6);
    assert.equal(slots.nextAfter(0), 2);
    assert.equal(slots.nextAfter(2), 6);
    assert.equal(new Slots(4).nextAfter(0), undefined);
  });
});
