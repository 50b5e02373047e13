import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ContainerState, ContainerView } from "../ports.ts";
import { sampleContainer, sampleFacts } from "../testing/memory-engine.ts";
import { encodeInspect, encodeSummary } from "./container.ts";
import { encodeState, statusText } from "./container-state.ts";
import { humanDuration } from "./human-duration.ts";
import { encodeEvent, encodeInfo, encodeVersion } from "./system.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-11-21T07:18:13.100Z");
const withState = (state: ContainerState, more: Partial<ContainerView> = {}): ContainerView => ({
  ...sampleContainer,
  state,
  ...more,
});

describe("durations in words", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "Less than a second"],
    [SECOND, "1 second"],
    [59 * SECOND, "59 seconds"],
    [60 * SECOND, "About a minute"],
    [5 * 60 * SECOND, "5 minutes"],
    [HOUR, "About an hour"],
    [1.6 * HOUR, "2 hours"],
    [47 * HOUR, "47 hours"],
    [48 * HOUR, "2 days"],
    [14 * DAY, "2 weeks"],
    [60 * DAY, "2 months"],
    [729 * DAY, "24 months"],
    [731 * DAY, "2 years"],
  ];
  for (const [milliseconds, text] of cases) it(text, () => assert.equal(humanDuration(milliseconds), text));
});

describe("container state", () => {
  const finished = { startedAt: "2026-11-21T07:13:13Z", finishedAt: "2026-11-21T07:18:10Z" } as const;
  const exited = { status: "exited", exitCode: 3, oomKilled: false, ...finished } as const;
  const rows: readonly (readonly [ContainerView, string])[] = [
    [withState({ status: "created" }), "Created"],
    [sampleContainer, "Up 5 minutes"],
    [
      withState(sampleContainer.state, { health: { status: "starting", failingStreak: 0, log: [] } }),
      "Up 5 minutes (health: starting)",
    ],
    [withState({ status: "paused", pid: 1, startedAt: finished.startedAt }), "Up 5 minutes (Paused)"],
    [withState(exited), "Exited (3) 3 seconds ago"],
    [withState({ ...exited, status: "restarting" }), "Restarting (3) 3 seconds ago"],
    [withState({ status: "removing", exitCode: 0, ...finished }), "Removal In Progress"],
    [withState({ status: "dead", exitCode: 0, ...finished }), "Dead"],
  ];
  for (const [view, text] of rows) it(text, () => assert.equal(statusText(view, NOW), text));

  it("has Docker's flags", () => {
    const paused = encodeState(withState({ status: "paused", pid: 7, startedAt: finished.startedAt }));
    assert.deepEqual([paused.Running, paused.Paused, paused.Pid], [true, true, 7]);
    const created = encodeState(withState({ status: "created", exitCode: 127, error: "not found" }));
    assert.deepEqual([created.Running, created.ExitCode, created.Error], [false, 127, "not found"]);
    assert.equal(created.StartedAt, "0001-01-01T00:00:00Z");
  });
});

describe("container answers", () => {
  it("lists published and exposed ports, and quotes arguments with blanks", () => {
    const row = encodeSummary(sampleContainer, NOW);
    assert.equal(row.Command, "sh -c 'echo hi'");
    assert.deepEqual(row.Ports, [
      { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
      { PrivatePort: 81, Type: "tcp" },
    ]);
    assert.deepEqual(row.Names, ["/web"]);
    assert.ok(!("SizeRw" in row));
    assert.equal(encodeSummary(sampleContainer, NOW, { rw: 1, rootFs: 2 }).SizeRootFs, 2);
  });

  it("lists a port's IPv4 address before its IPv6 address", () => {
    const [port] = sampleContainer.network.ports;
    assert.ok(port);
    const ports = [port, { ...port, hostIp: "::" }];
    const { Ports } = encodeSummary(
      { ...sampleContainer, network: { ...sampleContainer.network, ports } },
      NOW,
    );
    assert.deepEqual(
      Ports.map(({ IP }) => IP),
      ["0.0.0.0", "::", undefined],
    );
  });

  it("shows a port once that is exposed with and without its protocol", () => {
    const config = { ...sampleContainer.config, ExposedPorts: { "81": {}, "81/tcp": {}, "82": {} } };
    const { Ports } = encodeInspect({ ...sampleContainer, config }).NetworkSettings;
    assert.deepEqual(Object.keys(Ports ?? {}), ["81/tcp", "82/tcp", "80/tcp"]);
  });

  it("shows the ports of a stopped container as none", () => {
    const view = withState({ status: "created" }, { network: { ...sampleContainer.network, ports: [] } });
    assert.deepEqual(encodeInspect(view).NetworkSettings.Ports, {});
  });

  it("shows the MAC address asked for on the mode's network where older clients look for it", () => {
    const { network } = sampleContainer;
    const bridge = { ...network.endpoints["bridge"]!, request: { MacAddress: "02:42:ac:11:00:42" } };
    const view = withState({ status: "created" }, { network: { ...network, endpoints: { bridge } } });
    assert.equal(encodeInspect(view).Config.MacAddress, "02:42:ac:11:00:42");
    assert.ok(!encodeInspect(sampleContainer).Config.MacAddress);
  });

  it("fills what the client left out with Go's zero values", () => {
    const { Config, HostConfig, NetworkSettings } = encodeInspect(sampleContainer);
    assert.equal(Config.Hostname, "");
    assert.equal(Config.Entrypoint, null);
    assert.deepEqual(Config.Labels, {});
    assert.equal(HostConfig.ShmSize, 67_108_864);
    assert.equal(HostConfig.PidsLimit, null);
    assert.deepEqual(HostConfig.RestartPolicy, { Name: "no", MaximumRetryCount: 0 });
    assert.equal(NetworkSettings.IPAddress, "172.17.0.2");
    assert.deepEqual(NetworkSettings.Ports, {
      "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }],
      "81/tcp": null,
    });
  });
});

describe("system answers", () => {
  it("writes event times with all their digits", () => {
    const event = encodeEvent({
      type: "container",
      action: "start",
      actor: { id: "abc", attributes: { image: "busybox" } },
      timeNano: 1_795_245_158_367_741_412n,
    });
    const text = JSON.stringify(event);
    assert.match(text, /"timeNano":1795245158367741412}$/);
    assert.match(text, /^{"status":"start","id":"abc","from":"busybox","Type":"container"/);
  });

  it("names the versions and counts the containers", () => {
    const version = encodeVersion(sampleFacts);
    assert.equal(version.GoVersion, "node26.10.0");
    assert.equal(version.Arch, "amd64");
    assert.equal(version.Components[0]?.Name, "Engine");
    const info = encodeInfo({ ...sampleFacts, insecureRegistries: ["10.0.0.0/8", "reg:5000"] });
    assert.equal(info.Containers, 1);
    assert.deepEqual(info.RegistryConfig.InsecureRegistryCIDRs, ["::1/128", "127.0.0.0/8", "10.0.0.0/8"]);
    assert.equal(info.RegistryConfig.IndexConfigs["reg:5000"]?.Secure, false);
  });
});
