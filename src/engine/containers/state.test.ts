import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ContainerState, isActive, isRunning, NEVER, type StateEvent, transition } from "./state.ts";

const T1 = "2026-01-01T00:00:01.000Z";
const T2 = "2026-01-01T00:00:02.000Z";
const created: ContainerState = { status: "created" };
const running: ContainerState = { status: "running", pid: 7, startedAt: T1 };
const paused: ContainerState = { status: "paused", pid: 7, startedAt: T1 };
const exited: ContainerState = {
  status: "exited",
  exitCode: 3,
  startedAt: T1,
  finishedAt: T2,
  oomKilled: false,
};
const restarting: ContainerState = { ...exited, status: "restarting" };
const removing: ContainerState = { status: "removing", exitCode: 3, startedAt: T1, finishedAt: T2 };

const exit = (next: "restart" | "remove" | "rest"): StateEvent => ({
  type: "exited",
  exitCode: 3,
  at: T2,
  oomKilled: false,
  next,
});

describe("container state", () => {
  it("runs after a start, from wherever a start is possible", () => {
    for (const state of [created, exited, restarting]) {
      assert.deepEqual(transition(state, { type: "started", pid: 7, at: T1 }), {
        state: running,
        effects: [],
      });
    }
  });

  it("rests, restarts or is removed after an exit, and tells those who wait first", () => {
    assert.deepEqual(transition(running, exit("rest")), {
      state: exited,
      effects: ["answerExitWaits", "tearDown"],
    });
    assert.deepEqual(transition(paused, exit("remove")), {
      state: exited,
      effects: ["answerExitWaits", "autoRemove"],
    });
    assert.deepEqual(transition(running, exit("restart")), {
      state: restarting,
      effects: ["answerExitWaits", "scheduleRestart"],
    });
  });

  it("takes an exit only from a process that runs", () => {
    for (const state of [created, exited, restarting, removing]) {
      assert.deepEqual(transition(state, exit("rest")), { state, effects: [] });
    }
  });

  it("stays created when its first start fails, and exited when a later one does", () => {
    const failure: StateEvent = { type: "startFailed", exitCode: 127, error: "no such program", at: T2 };
    assert.deepEqual(transition(created, failure).state, {
      status: "created",
      exitCode: 127,
      error: "no such program",
    });
    assert.deepEqual(transition(restarting, failure).state, {
      ...exited,
      exitCode: 127,
      error: "no such program",
    });
  });

  it("pauses only what runs and resumes only what is paused", () => {
    assert.deepEqual(transition(running, { type: "paused" }).state, paused);
    assert.deepEqual(transition(paused, { type: "resumed" }).state, running);
    assert.equal(transition(exited, { type: "paused" }).state, exited);
    assert.equal(transition(running, { type: "resumed" }).state, running);
  });

  it("remembers until the next start that memory ran out, whether it went on or not", () => {
    const short = transition(running, { type: "outOfMemory" }).state;
    assert.deepEqual(short, { ...running, oomKilled: true });
    const thawed = transition(transition(short, { type: "paused" }).state, { type: "resumed" }).state;
    assert.deepEqual(thawed, short);
    const ended = transition(thawed, exit("rest")).state;
    assert.deepEqual(ended, { ...exited, oomKilled: true });
    assert.deepEqual(transition(ended, { type: "started", pid: 7, at: T1 }).state, running);
    assert.equal(transition(exited, { type: "outOfMemory" }).state, exited);
  });

  it("keeps what is known through a removal that fails", () => {
    assert.deepEqual(transition(exited, { type: "removalStarted" }).state, removing);
    assert.deepEqual(transition(removing, { type: "removalFailed" }).state, { ...removing, status: "dead" });
    assert.deepEqual(transition(created, { type: "removalStarted" }).state, {
      status: "removing",
      exitCode: 0,
      startedAt: NEVER,
      finishedAt: NEVER,
    });
  });

  it("is exited when its restart is cancelled", () => {
    assert.deepEqual(transition(restarting, { type: "restartCancelled" }).state, exited);
    assert.equal(transition(running, { type: "restartCancelled" }).state, running);
  });

  it("counts waiting for a restart as active, not as running", () => {
    assert.deepEqual([running, paused, restarting, exited].map(isActive), [true, true, true, false]);
    assert.deepEqual([running, paused, restarting, exited].map(isRunning), [true, true, false, false]);
  });
});
