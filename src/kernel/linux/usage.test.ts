import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseOomKills, readUsageV1, readUsageV2 } from "./usage-cgroup.ts";
import { parseHostCpu, parseInterfaces } from "./usage-host.ts";

describe("accounting", () => {
  it("of a v2 group", () => {
    const files: Readonly<Record<string, string>> = {
      "cpu.stat":
        "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnr_periods 3\nnr_throttled 2\nthrottled_usec 1\n",
      "memory.current": "4096\n",
      "memory.max": "max\n",
      "memory.stat": "anon 1\ninactive_file 2\n",
      "pids.current": "5\n",
      "pids.max": "7\n",
      "io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n8:16 \n",
    };
    const usage = readUsageV2((file) => files[file]);
    assert.deepEqual(usage?.cpu.total, 10_000);
    assert.deepEqual(usage?.memory, { usage: 4096, limit: undefined, stat: { anon: 1, inactive_file: 2 } });
    assert.deepEqual(usage?.pids, { current: 5, limit: 7 });
    assert.deepEqual(usage?.blockIo.slice(0, 2), [
      { major: 8, minor: 0, operation: "read", value: 1 },
      { major: 8, minor: 0, operation: "write", value: 2 },
    ]);
    assert.equal(
      readUsageV2(() => undefined),
      undefined,
    );
  });
  it("of a v1 group", () => {
    const files: Readonly<Record<string, string>> = {
      "cpuacct.usage": "300\n",
      "cpuacct.usage_percpu": "100 200 \n",
      "cpuacct.stat": "user 1\nsystem 2\n",
      "memory.usage_in_bytes": "10\n",
      "memory.limit_in_bytes": "9223372036854771712\n",
      "blkio.throttle.io_service_bytes": "8:0 Read 5\n8:0 Total 5\nTotal 5\n",
    };
    const usage = readUsageV1((_controller, file) => files[file]);
    assert.deepEqual(usage?.cpu.perCpu, [100, 200]);
    assert.equal(usage?.cpu.system, 20_000_000);
    assert.equal(usage?.memory.limit, undefined);
    assert.deepEqual(
      usage?.blockIo.map(({ operation }) => operation),
      ["read", "total"],
    );
  });
  it("of processes killed for want of memory", () => {
    assert.equal(parseOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"), 3);
    assert.equal(parseOomKills("low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n"), 1);
    assert.equal(parseOomKills(undefined), 0);
  });
  it("of the host and of interfaces", () => {
    assert.deepEqual(parseHostCpu("cpu  1 1 1 1 1 1 1 9 9 9\ncpu0 1\ncpu1 1\nintr 1\n"), {
      cpuTime: 7e7,
      cpus: 2,
    });
    const text =
      "Inter-| Receive\n face |bytes\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0:10 2 3 4 0 0 0 0 50 6 7 8 0 0 0 0\n";
    const [only, ...rest] = parseInterfaces(text);
    assert.deepEqual(rest, []);
    assert.deepEqual([only?.name, only?.rxBytes, only?.txBytes, only?.txDropped], ["eth0", 10, 50, 8]);
  });
});
