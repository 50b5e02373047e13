import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exitEvidence, findFault, findVictim } from "./exit-evidence.ts";

const ID = "ab".repeat(32);
const OTHER = "cd".repeat(32);
const oom = (id: string, name: string, constraint = "CONSTRAINT_MEMCG") =>
  `[11.2] oom-kill:constraint=${constraint},nodemask=(null),cpuset=${OTHER},mems_allowed=0,oom_memcg=/wharf/${id},` +
  `task_memcg=/wharf/${id},task=${name},pid=77,uid=0`;

function kernel(lines: readonly string[] = [], kills = 0) {
  const read: string[] = [];
  const said = <T>(what: string, value: T): T => {
    read.push(what);
    return value;
  };
  const usage = {
    memoryPeak: () => said("peak", 4096),
    oomKills: () => said("kills", kills),
    cgroup: () => undefined,
    interfaces: () => [],
    host: () => ({ cpuTime: 0, cpus: 1, memory: 0 }),
  };
  return { read, usage, kernelLog: { tail: () => said("log", lines) } };
}
const ended = { id: ID, record: { pid: 12, cgroup: `/wharf/${ID}` }, code: 0, sawOom: false };

describe("what is kept of an end", () => {
  it("is one number of an ordinary one, whatever its code", () => {
    for (const code of [0, 1, 143]) {
      const host = kernel();
      assert.deepEqual(exitEvidence(host, { ...ended, code }), { memoryPeak: 4096 });
      assert.deepEqual(host.read, ["peak"]);
    }
  });

  it("names who the OOM killer took, and whether the machine was short of memory", () => {
    const line = oom(ID, "my, odd=name");
    const killed = exitEvidence(kernel([line, oom(OTHER, "x")], 2), { ...ended, code: 137 });
    const victim = { name: "my, odd=name", pid: 77, machine: false };
    assert.deepEqual(killed, { memoryPeak: 4096, oomKills: 2, victim });
    assert.equal(findVictim([oom(ID, "x", "CONSTRAINT_NONE")], ID)?.machine, true);
    assert.equal(findVictim([oom(OTHER, "x")], ID), undefined);
    assert.deepEqual(exitEvidence(kernel(), { ...ended, sawOom: true }), { memoryPeak: 4096, oomKills: 1 });
    assert.deepEqual(exitEvidence(kernel([line]), { ...ended, code: 137 }), { memoryPeak: 4096 });
  });

  it("has the kernel's words about a fault of the first process alone", () => {
    const line = "[1.0] seg[12]: segfault at 0 ip 000000000040161e error 6 in seg";
    const words = "segfault at 0 ip 000000000040161e error 6 in seg";
    assert.equal(exitEvidence(kernel([line]), { ...ended, code: 139 }).fault, words);
    assert.equal(findFault([line], 13), undefined);
    assert.equal(
      findFault(["[1.0] traps: x[12] general protection fault ip:1"], 12),
      "general protection fault ip:1",
    );
    assert.equal(findFault(["[1.0] systemd[12]: hello"], 12), undefined);
  });
});
