import assert from "node:assert/strict";
import { it } from "node:test";
import { goDuration } from "./go-duration.ts";

it("durations are told as Go tells them", () => {
  const seconds = [0, 0.3, 1.5, 30, 90, 3601].map((value) => goDuration(value * 1e9));
  assert.deepEqual(seconds, ["0s", "300ms", "1.5s", "30s", "1m30s", "1h0m1s"]);
  assert.deepEqual([5, 2500].map(goDuration), ["5ns", "2.5µs"]);
});
