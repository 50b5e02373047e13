import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EVERY_LIMIT } from "../testing/limits.ts";
import { discardLimits } from "./discard-limits.ts";
import type { HostConfig } from "./documents.ts";

const lacking = (host: HostConfig, lost: Partial<typeof EVERY_LIMIT>) =>
  discardLimits(host, { ...EVERY_LIMIT, ...lost });

describe("limits that this host cannot keep", () => {
  it("are none where it can keep all", () => {
    const host = {
      Memory: 1e7,
      MemorySwappiness: 0,
      OomKillDisable: true,
      BlkioWeight: 500,
      CpusetMems: "0",
    };
    assert.deepEqual(lacking(host, {}), { host, warnings: [] });
  });
  it("are taken out with one warning each", () => {
    const BlkioWeightDevice = [{ Path: "/dev/sda", Weight: 9 }];
    const host = { BlkioWeightDevice, CpuPeriod: 5000, CpuQuota: 5000, CpusetCpus: "0", CpuShares: 2 };
    const { host: kept, warnings } = lacking(host, {
      blkioWeightDevice: false,
      cpuQuota: false,
      cpuset: false,
    });
    assert.deepEqual(kept, { CpuShares: 2, BlkioWeightDevice: [] });
    assert.deepEqual(
      warnings.map((text) => text.replace(/ or the cgroup is not mounted/, "")),
      [
        "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
        "Your kernel does not support cpuset. Cpuset discarded.",
        "Your kernel does not support Block I/O weight_device. Weight-device discarded.",
      ],
    );
  });
  it("go without a word when nothing was asked", () => {
    const host = { OomKillDisable: false, MemorySwappiness: -1, PidsLimit: -1, BlkioDeviceReadBps: [] };
    const lost = { oomKillDisable: false, swappiness: false, pids: false, blkioThrottle: false };
    assert.deepEqual(lacking(host, lost), { host, warnings: [] });
  });
  it("of swappiness and the OOM killer are what cgroup v2 has not, zero being a value", () => {
    const { warnings } = lacking(
      { MemorySwappiness: 0, OomKillDisable: true },
      { swappiness: false, oomKillDisable: false },
    );
    assert.deepEqual(warnings, [
      "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.",
      "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
    ]);
  });
  it("of swap leave memory limited without it", () => {
    const found = lacking({ Memory: 1e7, MemorySwap: 2e7 }, { swap: false });
    assert.deepEqual(found.host, { Memory: 1e7, MemorySwap: -1 });
    assert.match(found.warnings.join(), /Memory limited without swap\.$/);
  });
  it("of memory leave swap unlimited, too", () => {
    const { host, warnings } = lacking({ Memory: 1e7, MemorySwap: 2e7 }, { memory: false });
    assert.deepEqual(host, { MemorySwap: -1 });
    assert.equal(warnings.length, 1);
  });
  it("do not make a container without OOM killer and memory limit safe", () => {
    assert.match(
      lacking({ OomKillDisable: true }, {}).warnings.join(),
      /^OOM killer is disabled .* no memory limit/,
    );
    assert.deepEqual(lacking({ OomKillDisable: true, Memory: 1e7 }, {}).warnings, []);
  });
});
