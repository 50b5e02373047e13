import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Layout } from "./cgroup-hierarchies.ts";
import { limitReader } from "./cgroup-limits.ts";

/** The files of a machine, by path. */
const machine = (files: Readonly<Record<string, string>>) => ({
  exists: (path: string) => path in files,
  read: (path: string) => files[path],
});

const V1: Layout = {
  mode: "v1",
  hierarchies: ["memory", "cpuset", "blkio"].map((name) => ({
    version: 1,
    root: `/cg/${name}`,
    controllers: [name],
  })),
};
const V2: Layout = {
  mode: "v2",
  hierarchies: [{ version: 2, root: "/cg", controllers: ["cpu", "cpuset", "io", "memory", "pids"] }],
};

describe("limits that can be kept", () => {
  it("are those with a control file in v1", () => {
    const files = {
      "/cg/memory/memory.limit_in_bytes": "1",
      "/cg/memory/memory.swappiness": "60",
      "/cg/cpuset/cpuset.cpus": "0-3,7\n",
      "/cg/cpuset/cpuset.mems": "0-1\n",
    };
    const found = limitReader(V1, machine(files))();
    const kept = Object.entries(found).flatMap(([name, value]) => (value === true ? [name] : []));
    assert.deepEqual(kept, ["memory", "swappiness", "cpuset"]);
    assert.deepEqual([found.cpus, found.mems], ["0-3,7", "0-1"]);
  });
  it("of block devices in v1 are not weighed by BFQ, whose files the runtimes do not write", () => {
    const found = limitReader(V1, machine({ "/cg/blkio/blkio.bfq.io_service_bytes": "" }))();
    assert.deepEqual(
      [found.blkioWeight, found.blkioWeightDevice, found.blkioThrottle],
      [false, false, false],
    );
  });
  it("are those of the controllers in v2, which has no swappiness and always an OOM killer", () => {
    const files = {
      "/proc/self/cgroup": "0::/system.slice/wharf.service\n",
      "/cg/cpuset.cpus.effective": "0-1\n",
      "/cg/cpuset.mems.effective": "0\n",
    };
    const found = limitReader(V2, machine(files))();
    const lacking = Object.entries(found).flatMap(([name, value]) => (value === false ? [name] : []));
    assert.deepEqual(lacking, ["swap", "swappiness", "oomKillDisable", "cpuRealtime"]);
    assert.deepEqual([found.cpus, found.mems], ["0-1", "0"]);
  });
  it("are looked at once, but for processors and memory nodes, which come and go", () => {
    for (const layout of [V1, V2]) {
      const asked: string[] = [];
      const note = (path: string) => void asked.push(path);
      const read = limitReader(layout, {
        exists: (path) => note(path) ?? true,
        read: (path) => note(path) ?? "0",
      });
      const first = read();
      asked.length = 0;
      assert.deepEqual(read(), first);
      assert.equal(asked.length, 2, asked.join());
    }
  });
  it("of swap in v2 are told by the engine's own group", () => {
    const own = { "/proc/self/cgroup": "0::/a\n", "/cg/a/memory.swap.max": "max\n" };
    assert.equal(limitReader(V2, machine(own))().swap, true);
    assert.equal(limitReader(V2, machine({ "/proc/self/cgroup": "0::/\n" }))().swap, true);
  });
});
