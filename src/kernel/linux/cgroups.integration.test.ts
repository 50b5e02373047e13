import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { cgroupLayout, readV2Controllers } from "./cgroup-hierarchies.ts";
import { linuxKernel } from "./index.ts";

const { cgroups, mounts } = linuxKernel();
const { mode, hierarchies } = cgroupLayout(mounts.list(), readV2Controllers);
/** The trees a runtime would use. */
const trees = hierarchies.filter(({ version }) => version === (mode === "v2" ? 2 : 1));

let group: string;
let child: ChildProcess | undefined;
let made = 0;

/** A process that counts, in a group of its own below the test's. */
async function inhabit(path: string): Promise<ChildProcess> {
  for (const { root, version, controllers } of trees) {
    mkdirSync(root + path, { recursive: true });
    if (version === 1 && controllers.includes("cpuset")) inheritCpuset(root, path);
  }
  const process = spawn("sh", ["-c", "while :; do sleep 0.01; done"], { stdio: "ignore" });
  await once(process, "spawn");
  for (const { root } of trees) writeFileSync(`${root}${path}/cgroup.procs`, String(process.pid));
  return process;
}

/** A new v1 cpuset has no processors and no memory, and refuses processes. */
function inheritCpuset(root: string, path: string): void {
  const steps = path.split("/").slice(1);
  for (const [at] of steps.entries()) {
    const directory = `${root}/${steps.slice(0, at + 1).join("/")}`;
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      writeFileSync(`${directory}/${file}`, readFileSync(`${directory}/../${file}`));
    }
  }
}

beforeEach(() => {
  group = `/wharf-test-${process.pid}-${made++}`;
});
afterEach(async () => {
  child?.kill("SIGKILL");
  child = undefined;
  await cgroups.killAll(group);
  await cgroups.remove(group);
});

describe("control groups", () => {
  it("knows the mode and the controllers of this machine", () => {
    assert.equal(cgroups.mode, mode);
    assert.ok(["cpu", "memory", "pids"].every((name) => cgroups.controllers.has(name)));
  });

  it("lists processes and children over all trees", async () => {
    child = await inhabit(`${group}/inner`);
    assert.ok(cgroups.processes(`${group}/inner`).includes(child.pid!));
    assert.deepEqual(cgroups.processes(group), []);
    assert.deepEqual(cgroups.children(group), ["inner"]);
    assert.ok(cgroups.children("/").includes(group.slice(1)));
    assert.deepEqual(cgroups.children(`${group}/none`), []);
    assert.deepEqual(cgroups.processes(`${group}/none`), []);
  });

  it("freezes and thaws, again and again", async () => {
    child = await inhabit(group);
    const state = () => readFileSync(`/proc/${child!.pid}/stat`, "utf8").split(" ").slice(13, 15).join();
    for (let round = 0; round < 3; round++) {
      await cgroups.freeze(group, true);
      await cgroups.freeze(group, true);
      const used = state();
      for (let i = 0; i < 1e6; i++) Math.sqrt(i);
      assert.equal(state(), used);
      await cgroups.freeze(group, false);
      await cgroups.freeze(group, false);
    }
    await assert.rejects(cgroups.freeze(`${group}/none`, true), { name: "KernelError", code: "ENOENT" });
  });

  it("kills everything in it, also what is frozen or further down", async () => {
    child = await inhabit(`${group}/a/b`);
    await cgroups.freeze(`${group}/a/b`, true);
    await cgroups.killAll(group);
    assert.deepEqual(cgroups.processes(`${group}/a/b`), []);
    await cgroups.killAll(`${group}/none`);
  });

  it("removes the group with its children from every tree", async () => {
    await inhabit(`${group}/a/b`);
    await cgroups.killAll(group);
    assert.equal(await cgroups.remove(group), true);
    assert.ok(hierarchies.every(({ root }) => !existsSync(root + group)));
    assert.equal(await cgroups.remove(group), false);
  });

  it("says who keeps a group alive", async () => {
    child = await inhabit(group);
    await assert.rejects(cgroups.remove(group), {
      name: "KernelError",
      code: "EBUSY",
      message: new RegExp(`${child.pid}`),
    });
  });

  it("refuses the root and paths that lead elsewhere", async () => {
    for (const path of ["/", "", "relative", "/..", "/a/../..", "/a//b", "/a/."]) {
      await assert.rejects(cgroups.killAll(path), { name: "KernelError", code: "EINVAL" }, path);
      await assert.rejects(cgroups.remove(path), { code: "EINVAL" }, path);
      await assert.rejects(cgroups.freeze(path, true), { code: "EINVAL" }, path);
    }
  });
});
