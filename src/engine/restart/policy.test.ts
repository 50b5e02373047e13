import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ExitFacts, restartDelay, restartsWithEngine } from "./policy.ts";

const facts: ExitFacts = {
  policy: { Name: "always" },
  exitCode: 1,
  manuallyStopped: false,
  restartCount: 0,
  ran: 50,
  lastDelay: 0,
};

describe("restart policy", () => {
  it("begins with 100 ms, doubles up to a minute, and begins again after ten good seconds", () => {
    assert.equal(restartDelay(facts), 100);
    assert.equal(restartDelay({ ...facts, lastDelay: 100 }), 200);
    assert.equal(restartDelay({ ...facts, lastDelay: 51_200 }), 60_000);
    assert.equal(restartDelay({ ...facts, lastDelay: 60_000, ran: 10_000 }), 100);
  });

  it("leaves alone what was stopped by hand, whatever it says", () => {
    for (const Name of ["always", "unless-stopped", "on-failure"]) {
      assert.equal(restartDelay({ ...facts, policy: { Name }, manuallyStopped: true }), undefined);
    }
  });

  it("restarts on failure only after a failure, and only so often", () => {
    const policy = { Name: "on-failure", MaximumRetryCount: 2 };
    assert.equal(restartDelay({ ...facts, policy, exitCode: 0 }), undefined);
    assert.equal(restartDelay({ ...facts, policy, restartCount: 1 }), 100);
    assert.equal(restartDelay({ ...facts, policy, restartCount: 2 }), undefined);
    assert.equal(restartDelay({ ...facts, policy: { Name: "on-failure" }, restartCount: 99 }), 100);
  });

  it("does nothing without a policy", () => {
    for (const policy of [undefined, null, {}, { Name: "no" }])
      assert.equal(restartDelay({ ...facts, policy }), undefined);
  });

  it("brings back with the engine what always runs, even if it was stopped by hand", () => {
    const stopped = { ...facts, manuallyStopped: true };
    assert.equal(restartsWithEngine(stopped), true);
    assert.equal(restartsWithEngine({ ...stopped, policy: { Name: "unless-stopped" } }), false);
    assert.equal(restartsWithEngine({ ...facts, policy: { Name: "unless-stopped" } }), true);
  });
});
