import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EVERY_LIMIT } from "../testing/limits.ts";
import type { ContainerConfig, HostConfig, NetworkingConfig } from "./documents.ts";
import { type CreateFacts, planCreate } from "./plan-create.ts";

const FACTS: CreateFacts = {
  image: { Cmd: ["sh"], Env: ["PATH=/bin"] },
  volumesFrom: [],
  dataRoot: "/var/lib/wharf",
  cpus: 2,
  limits: EVERY_LIMIT,
  devices: [],
  cgroupMode: "v1",
  runtime: "crun",
  logDriver: "json-file",
  logOptions: {},
  shmSize: 64 * 1024 * 1024,
  hasInit: false,
  defaultInit: false,
};

interface Asked {
  readonly name?: string;
  readonly hostCgroupns?: boolean;
  readonly config?: ContainerConfig;
  readonly hostConfig?: HostConfig;
  readonly networking?: NetworkingConfig;
}

const plan = (
  { name, hostCgroupns = false, config = {}, hostConfig = {}, networking = {} }: Asked,
  facts: Partial<CreateFacts> = {},
) =>
  planCreate(
    { name, platform: undefined, hostCgroupns, config: { Image: "x", ...config }, hostConfig, networking },
    { ...FACTS, ...facts },
  );

const refusals: readonly (readonly [string, Asked, RegExp])[] = [
  [
    "a bad name",
    { name: "-x" },
    /Invalid container name \(-x\), only \[a-zA-Z0-9\]\[a-zA-Z0-9_.-\] are allowed/,
  ],
  ["a name of one character", { name: "x" }, /Invalid container name/],
  [
    "a relative working folder",
    { config: { WorkingDir: "foo" } },
    /the working directory 'foo' is invalid, it needs to be an absolute path/,
  ],
  ["a variable without a name", { config: { Env: ["=x"] } }, /invalid environment variable: =x/],
  ["an unknown stop signal", { config: { StopSignal: "FOO" } }, /Invalid signal: FOO/],
  [
    "a health interval below 1 ms",
    { config: { Healthcheck: { Interval: 1000 } } },
    /Interval in Healthcheck cannot be less than 1ms/,
  ],
  ["no command", { config: { Entrypoint: [""] } }, /no command specified/],
  [
    "AutoRemove with a restart policy",
    { hostConfig: { AutoRemove: true, RestartPolicy: { Name: "always" } } },
    /can't create 'AutoRemove' container with restart policy/,
  ],
  [
    "an unknown restart policy",
    { hostConfig: { RestartPolicy: { Name: "foo" } } },
    /invalid restart policy: unknown policy 'foo'/,
  ],
  [
    "retries without on-failure",
    { hostConfig: { RestartPolicy: { Name: "always", MaximumRetryCount: 2 } } },
    /maximum retry count can only be used with 'on-failure'/,
  ],
  ["too little memory", { hostConfig: { Memory: 1024 } }, /Minimum memory limit allowed is 6MB/],
  [
    "swap without memory",
    { hostConfig: { MemorySwap: 100e6 } },
    /You should always set the Memory limit when using Memoryswap limit/,
  ],
  [
    "more CPUs than there are",
    { hostConfig: { NanoCpus: 100e9 } },
    /Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available/,
  ],
  [
    "a CPU that is not there",
    { hostConfig: { CpusetCpus: "50" } },
    /Requested CPUs are not available - requested 50, available: 0-1/,
  ],
  [
    "a memory node that is not there",
    { hostConfig: { CpusetMems: "0,9" } },
    /Requested memory nodes are not available - requested 0,9, available: 0$/,
  ],
  ["a list of memory nodes that is none", { hostConfig: { CpusetMems: "a" } }, /a for cpuset mems: invalid/],
  ["a CPU list that is none", { hostConfig: { CpusetCpus: "a" } }, /Invalid value a for cpuset cpus/],
  [
    "an OOM score out of range",
    { hostConfig: { OomScoreAdj: 2000 } },
    /Invalid value 2000, range for oom score adj is \[-1000, 1000\]/,
  ],
  [
    "an unknown log driver",
    { hostConfig: { LogConfig: { Type: "nosuch" } } },
    /error looking up logging plugin nosuch/,
  ],
  [
    "an unknown log option",
    { hostConfig: { LogConfig: { Config: { foo: "bar" } } } },
    /unknown log opt 'foo' for json-file log driver/,
  ],
  [
    "a log option without effect",
    { hostConfig: { LogConfig: { Config: { "max-length": "1m" } } } },
    /unknown log opt 'max-length' for json-file log driver/,
  ],
  ["an unknown PID mode", { hostConfig: { PidMode: "foo" } }, /invalid PID mode: foo/],
  ["an unknown IPC mode", { hostConfig: { IpcMode: "foo" } }, /invalid IPC mode: foo/],
  [
    "an isolation of another system",
    { hostConfig: { Isolation: "hyperv" } },
    /Invalid isolation: "hyperv" - linux only supports 'default'/,
  ],
  [
    "a GPU",
    { hostConfig: { DeviceRequests: [{ Capabilities: [["gpu"]] }] } },
    /could not select device driver "" with capabilities: \[\[gpu\]\]/,
  ],
  ["kernel memory", { hostConfig: { KernelMemory: 1e7 } }, /kernel memory limits are no longer supported/],
  ["an unknown storage option", { hostConfig: { StorageOpt: { speed: "9" } } }, /unknown option speed/],
  ["what only Windows has", { hostConfig: { CpuPercent: 5 } }, /CpuPercent works on Windows only/],
  ["an init that is not installed", { hostConfig: { Init: true } }, /no init binary found on this host/],
  [
    "a port that is none",
    { hostConfig: { PortBindings: { "80/foo": [{}] } } },
    /invalid port specification: "80\/foo"/,
  ],
  [
    "a host port out of range",
    { hostConfig: { PortBindings: { "80/tcp": [{ HostPort: "99999" }] } } },
    /invalid port specification: "99999"/,
  ],
  [
    "an address that is none",
    { hostConfig: { PortBindings: { "80/tcp": [{ HostIp: "foo" }] } } },
    /invalid IP address in port binding: "foo"/,
  ],
  [
    "ports in another one's network",
    { hostConfig: { NetworkMode: "container:a", PublishAllPorts: true } },
    /port publishing and the container type network mode/,
  ],
  [
    "a hostname in another one's network",
    { config: { Hostname: "h" }, hostConfig: { NetworkMode: "container:a" } },
    /conflicting options: hostname and the network mode/,
  ],
  [
    "a hostname in the host's UTS namespace",
    { config: { Hostname: "h" }, hostConfig: { UTSMode: "host" } },
    /conflicting options: hostname and the UTS mode/,
  ],
  ["a host entry without address", { hostConfig: { ExtraHosts: ["foo"] } }, /bad format for add-host: "foo"/],
  ["two mounts at one place", { hostConfig: { Binds: ["/a:/x", "/b:/x"] } }, /Duplicate mount point: \/x/],
  [
    "the host's network and another",
    { hostConfig: { NetworkMode: "host" }, networking: { EndpointsConfig: { net1: {} } } },
    /cannot be connected to network host and to other networks/,
  ],
  [
    "two MAC addresses",
    {
      config: { MacAddress: "02:00:00:00:00:01" },
      networking: { EndpointsConfig: { bridge: { MacAddress: "02:00:00:00:00:02" } } },
    },
    /the container-wide MAC address must match/,
  ],
];

describe("plan of a creation", () => {
  for (const [what, asked, message] of refusals) {
    it(`refuses ${what}`, () => {
      assert.throws(() => plan(asked), { name: "EngineError", kind: "invalidParameter", message });
    });
  }

  it("fills in what a client leaves open", () => {
    const { hostConfig, networks, config, warnings } = plan({ hostConfig: { Memory: 10e6 } });
    assert.equal(hostConfig.NetworkMode, "bridge");
    assert.equal(hostConfig.IpcMode, "private");
    assert.equal(hostConfig.CgroupnsMode, "host");
    assert.equal(hostConfig.MemorySwap, 20e6);
    assert.equal(hostConfig.Runtime, "crun");
    assert.deepEqual(hostConfig.LogConfig, { Type: "json-file", Config: {} });
    assert.deepEqual(hostConfig.RestartPolicy, { Name: "no", MaximumRetryCount: 0 });
    assert.deepEqual(networks, { bridge: {} });
    assert.deepEqual(config.Cmd, ["sh"]);
    assert.deepEqual(warnings, []);
  });

  it("gives a private cgroup namespace on cgroup v2, and on v1 only where the engine was told to", () => {
    const mode = (Privileged: boolean, facts: Parameters<typeof plan>[1]) =>
      plan({ hostConfig: { Privileged } }, facts).hostConfig.CgroupnsMode;
    for (const privileged of [false, true]) {
      assert.equal(mode(privileged, { cgroupMode: "v2" }), "private");
      assert.equal(mode(privileged, { cgroupMode: "v2", cgroupnsMode: "host" }), "host");
      assert.equal(mode(privileged, {}), "host");
    }
    assert.equal(mode(false, { cgroupnsMode: "private" }), "private");
    assert.equal(mode(true, { cgroupnsMode: "private" }), "host");
  });

  it("gives an old client's container no cgroup namespace of its own on v1, unless it asks", () => {
    const mode = (cgroupMode: CreateFacts["cgroupMode"], hostConfig = {}) =>
      plan({ hostCgroupns: true, hostConfig }, { cgroupMode, cgroupnsMode: "private" }).hostConfig
        .CgroupnsMode;
    assert.equal(mode("v1"), "host");
    assert.equal(mode("hybrid"), "host");
    assert.equal(mode("v2"), "private");
    assert.equal(mode("v1", { CgroupnsMode: "private" }), "private");
  });

  it("binds to the processors there are, which need not be counted from zero", () => {
    const limits = { ...EVERY_LIMIT, cpus: "0,2-3" };
    assert.equal(plan({ hostConfig: { CpusetCpus: "3" } }, { limits }).hostConfig.CpusetCpus, "3");
    assert.throws(() => plan({ hostConfig: { CpusetCpus: "0-1" } }, { limits }), {
      message: "Requested CPUs are not available - requested 0-1, available: 0,2-3",
    });
  });

  it("refuses real-time limits where there are none, and more time than there is", () => {
    const limits = { ...EVERY_LIMIT, cpuRealtime: false };
    assert.throws(() => plan({ hostConfig: { CpuRealtimePeriod: 1000 } }, { limits }), {
      message: "kernel does not support CPU real-time scheduler",
    });
    const hostConfig = { CpuRealtimePeriod: 1000, CpuRealtimeRuntime: 2000 };
    assert.throws(() => plan({ hostConfig }), /runtime cannot be higher than cpu real-time period/);
    assert.equal(plan({ hostConfig: { CpuRealtimeRuntime: 2000 } }).hostConfig.CpuRealtimeRuntime, 2000);
  });

  it("goes without the limits that the host cannot keep, and warns", () => {
    const limits = { ...EVERY_LIMIT, oomKillDisable: false, swappiness: false };
    const { hostConfig, warnings } = plan(
      { hostConfig: { OomKillDisable: true, MemorySwappiness: 5, Memory: 1e7 } },
      { limits },
    );
    assert.deepEqual([hostConfig.OomKillDisable, hostConfig.MemorySwappiness], [null, undefined]);
    assert.equal(warnings.length, 2);
    assert.equal(plan({}, {}).hostConfig.OomKillDisable, false);
  });

  it("warns of ports that the host's network has no use for", () => {
    const { warnings } = plan({
      hostConfig: { NetworkMode: "host", PortBindings: { "80/tcp": [{ HostPort: "80" }] } },
    });
    assert.deepEqual(warnings, ["Published ports are discarded when using host network mode"]);
  });

  it("leaves the default network out where only others are named", () => {
    const networking = { EndpointsConfig: { net1: {}, net2: { Aliases: ["n"] } } };
    assert.deepEqual(plan({ networking }).networks, { net1: {}, net2: { Aliases: ["n"] } });
    assert.deepEqual(
      Object.keys(plan({ networking: { EndpointsConfig: { net1: {}, bridge: {} } } }).networks),
      ["bridge", "net1"],
    );
  });

  it("puts the mode's network first, and takes default for the bridge", () => {
    const asked = { EndpointsConfig: { other: { Aliases: ["o"] }, net1: { Aliases: ["n"] } } };
    const named = plan({ hostConfig: { NetworkMode: "net1" }, networking: asked }).networks;
    assert.deepEqual(Object.keys(named), ["net1", "other"]);
    const viaDefault = { EndpointsConfig: { default: { MacAddress: "02:00:00:00:00:01" } } };
    assert.deepEqual(plan({ networking: viaDefault }).networks, {
      bridge: { MacAddress: "02:00:00:00:00:01" },
    });
    assert.deepEqual(plan({ hostConfig: { NetworkMode: "container:a" } }).networks, {});
    assert.deepEqual(plan({ config: { NetworkDisabled: true } }).networks, { none: {} });
  });
});
