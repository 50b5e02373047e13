import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Health, nextHealth, START } from "./judge.ts";
import { planHealth } from "./plan.ts";

const probe = (exitCode: number) => ({ start: "s", end: "e", exitCode, output: "" });
const after = (codes: readonly number[], inStartPeriod = false): Health =>
  codes.reduce((health, code) => nextHealth(health, probe(code), 3, inStartPeriod), START);

describe("health", () => {
  it("is healthy after one success and unhealthy after so many failures in a row", () => {
    assert.equal(after([0]).status, "healthy");
    assert.equal(after([1, 1]).status, "starting");
    assert.equal(after([1, 1, 1]).status, "unhealthy");
    assert.equal(after([0, 1, 1]).status, "healthy");
    assert.deepEqual([after([1, 1, 1, 0]).status, after([1, 1, 1, 0]).failingStreak], ["healthy", 0]);
  });

  it("does not count failures in the start period", () => {
    assert.deepEqual(
      [after([1, 1, 1, 1], true).status, after([1, 1, 1, 1], true).failingStreak],
      ["starting", 0],
    );
  });

  it("keeps the last five results", () => {
    assert.deepEqual(
      after([1, 2, 3, 4, 5, 6]).log.map(({ ExitCode }) => ExitCode),
      [2, 3, 4, 5, 6],
    );
  });

  it("is not probed without a test", () => {
    for (const Test of [undefined, null, [], ["NONE"], ["CMD"]])
      assert.equal(planHealth({ Test }), undefined);
    const plan = planHealth({ Test: ["CMD-SHELL", "true"], Interval: 2e9 });
    assert.deepEqual(plan?.command, { kind: "shell", line: "true" });
    assert.deepEqual([plan?.interval, plan?.timeout, plan?.retries], [2000, 30_000, 3]);
  });
});
