import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Survivor } from "../../runtime/index.ts";
import type { ContainerRecord } from "../containers/record.ts";
import type { ContainerState } from "../containers/state.ts";
import { type Observed, planRecovery, runningAfter } from "./plan.ts";

const T1 = "2026-01-01T00:00:01.000Z";
const NOW = "2026-01-02T00:00:00.000Z";

const record = (id: string, state: ContainerState): ContainerRecord => ({
  id,
  name: `name_${id}`,
  document: {
    created: T1,
    image: "",
    imageName: "x",
    config: {},
    hostConfig: {},
    networks: {},
    mounts: [],
    driver: "overlay2",
    platform: "linux",
  },
  life: { state, restartCount: 0, manuallyStopped: false },
});

const RUNNING: ContainerState = { status: "running", pid: 7, startedAt: T1 };
const EXITED: ContainerState = {
  status: "exited",
  exitCode: 0,
  startedAt: T1,
  finishedAt: T1,
  oomKilled: false,
};

function planned(state: ContainerState, survivor?: Survivor, more: Partial<Observed> = {}) {
  const survivors = new Map(survivor ? [["a", survivor]] : []);
  const steps = planRecovery({
    records: [record("a", state)],
    survivors,
    traces: [],
    shm: [],
    now: NOW,
    ...more,
  });
  return steps.map(({ why: _why, ...step }) => step);
}

describe("recovery plan", () => {
  it("adopts what runs on", () => {
    assert.deepEqual(planned(RUNNING, { status: "running", pid: 9, monitorPid: 8 }), [
      { do: "adopt", id: "a", pid: 9 },
    ]);
    assert.deepEqual(
      planned({ ...RUNNING, status: "paused" }, { status: "running", pid: 7, monitorPid: 8 }),
      [{ do: "adopt", id: "a", pid: 7 }],
    );
  });

  it("records an exit that nobody saw", () => {
    const exit = { code: 3, at: T1, oomKilled: false };
    assert.deepEqual(planned(RUNNING, { status: "exited", exit }), [{ do: "recordExit", id: "a", exit }]);
  });

  it("takes what is gone without a word for ended now, with 255", () => {
    const exit = { code: 255, at: NOW, oomKilled: false, evidence: { monitorLost: true } };
    for (const survivor of [undefined, { status: "lost" }] as const) {
      assert.deepEqual(planned(RUNNING, survivor), [{ do: "recordExit", id: "a", exit }]);
    }
  });

  it("takes back a start that was never acknowledged", () => {
    for (const state of [{ status: "created" }, EXITED] as const) {
      assert.deepEqual(planned(state, { status: "running", pid: 9, monitorPid: 8 }), [
        { do: "clear", id: "a" },
      ]);
      assert.deepEqual(planned(state, { status: "created", pid: 9, monitorPid: 8 }), [
        { do: "clear", id: "a" },
      ]);
      assert.deepEqual(planned(state, { status: "lost" }, { traces: ["a"] }), [{ do: "clear", id: "a" }]);
    }
  });

  it("leaves alone what rests", () => {
    assert.deepEqual(planned({ status: "created" }), []);
    assert.deepEqual(planned(EXITED, { status: "lost" }), []);
  });

  it("finishes a removal that was interrupted, whatever is left of it", () => {
    const removing: ContainerState = { status: "removing", exitCode: 0, startedAt: T1, finishedAt: T1 };
    for (const survivor of [undefined, { status: "running", pid: 9, monitorPid: 8 }] as const) {
      assert.deepEqual(planned(removing, survivor), [{ do: "finishRemoval", id: "a" }]);
    }
  });

  it("removes what no record knows, once", () => {
    assert.deepEqual(planned({ status: "created" }, undefined, { traces: ["b", "a"], shm: ["b", "c"] }), [
      { do: "clear", id: "a" },
      { do: "removeTraces", id: "b" },
      { do: "removeTraces", id: "c" },
    ]);
  });

  it("says which containers keep their network", () => {
    const steps = planRecovery({
      records: [record("a", RUNNING), record("b", RUNNING)],
      survivors: new Map([["a", { status: "running", pid: 9, monitorPid: 8 }]]),
      traces: ["a"],
      shm: [],
      now: NOW,
    });
    assert.deepEqual([...runningAfter(steps)], ["a"]);
  });
});
