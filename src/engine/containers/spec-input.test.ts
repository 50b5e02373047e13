import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MountWish } from "../../volume/index.ts";
import type { EngineDeps } from "../ports.ts";
import type { ContainerConfig, HostConfig } from "./documents.ts";
import { networkFiles, tmpfsOptions } from "./mounts.ts";
import type { ContainerRecord } from "./record.ts";
import { sandboxRequest } from "./sandbox-request.ts";
import { cgroupPath, type Settled, specInput } from "./spec-input.ts";

const ID = "0123456789ab".padEnd(64, "0");
const settings: EngineDeps["settings"] = {
  dataRoot: "/",
  containersFolder: "/c",
  hostname: "host",
  cpus: 2,
  cgroupParent: "/wharf",
  defaultShmSize: 64,
  defaultUlimits: [],
  logDriver: "json-file",
  logOptions: {},
  dns: { servers: ["9.9.9.9"], search: [], options: [] },
  initBinary: "/init",
  defaultInit: false,
  stopTimeout: 10,
};
const hostInfo: EngineDeps["hostInfo"] = {
  cgroupMode: "v2",
  controllers: new Set(),
  architecture: "amd64",
  hardLimits: {},
  capabilities: new Set(),
  kernel: "6",
  seccomp: true,
  apparmor: false,
};

const record = (config: ContainerConfig, hostConfig: HostConfig, networks = {}): ContainerRecord => ({
  id: ID,
  name: "c1",
  document: {
    created: "",
    image: "",
    imageName: "",
    config,
    hostConfig,
    networks,
    mounts: [],
    driver: "",
    platform: "linux",
  },
  life: { state: { status: "created" }, restartCount: 0, manuallyStopped: false },
});

const settled: Settled = {
  rootfs: "/merged",
  user: { uid: 1, gid: 2, additionalGids: [3], home: "/home/u" },
  network: { path: "/netns/x" },
  pid: "new",
  ipc: "new",
  mounts: [],
  shmFolder: undefined,
};
const input = (config: ContainerConfig, host: HostConfig = {}) =>
  specInput(record(config, host), settled, { settings, hostInfo });

describe("input of the OCI spec", () => {
  it("has command, folder, user, environment and namespaces settled", () => {
    const spec = input({ Entrypoint: ["a"], Cmd: ["b"], Hostname: "box", WorkingDir: "/w", Tty: true });
    assert.deepEqual(spec.args, ["a", "b"]);
    assert.equal(spec.cwd, "/w");
    assert.equal(spec.hostname, "box");
    assert.ok(
      spec.env.includes("HOSTNAME=box") &&
        spec.env.includes("HOME=/home/u") &&
        spec.env.includes("TERM=xterm"),
    );
    assert.deepEqual(spec.namespaces, {
      network: { path: "/netns/x" },
      pid: "new",
      ipc: "new",
      uts: "new",
      cgroup: "host",
      user: "host",
    });
    assert.equal(spec.initBinary, undefined);
  });

  it("follows the modes", () => {
    const spec = input({}, { UTSMode: "host", CgroupnsMode: "private", Init: true, ConsoleSize: [24, 80] });
    assert.deepEqual(
      [spec.namespaces.uts, spec.namespaces.cgroup, spec.initBinary],
      ["host", "new", "/init"],
    );
    assert.deepEqual(spec.consoleSize, { height: 24, width: 80 });
    assert.equal(input({}, { ConsoleSize: [0, 0] }).consoleSize, undefined);
  });

  it("puts the cgroup below the engine's or the asked parent", () => {
    assert.equal(cgroupPath("id", {}, "/wharf"), "/wharf/id");
    assert.equal(cgroupPath("id", { CgroupParent: "mine" }, "/wharf"), "/mine/id");
  });

  it("has the engine's ulimits of now beside the container's own", () => {
    const own = { Name: "nofile", Soft: 9, Hard: 9 };
    const core = { Name: "core", Soft: 3, Hard: 4 };
    const defaultUlimits = [{ Name: "nofile", Soft: 1, Hard: 2 }, core];
    const { host } = specInput(record({}, { Ulimits: [own] }), settled, {
      settings: { ...settings, defaultUlimits },
      hostInfo,
    });
    assert.deepEqual(host.Ulimits, [own, core]);
  });

  it("completes devices", () => {
    const { Devices } = input({}, { Devices: [{ PathOnHost: "/dev/fuse" }] }).host;
    assert.deepEqual(Devices, [
      { PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" },
    ]);
  });
});

describe("mounts of a container", () => {
  const wish: MountWish = {
    type: "tmpfs",
    source: "",
    destination: "/t",
    readonly: true,
    propagation: "",
    nonRecursive: false,
    createSource: false,
    noCopy: false,
    subpath: "",
    volumeDriver: "",
    volumeOptions: {},
    volumeLabels: {},
    tmpfsSize: 100,
    tmpfsMode: 0o1777,
    mode: "",
  };

  it("give tmpfs its options", () => {
    assert.deepEqual(tmpfsOptions([wish, { ...wish, type: "bind" }]), { "/t": "ro,mode=1777,size=100" });
  });

  it("have the network's files where the client mounts nothing", () => {
    const files = { hosts: "/h", resolvConf: "/r", hostname: "/n" };
    const own = [{ source: "/x", destination: "/etc/hosts" }];
    assert.deepEqual(
      networkFiles(files, own, false).map(({ destination }) => destination),
      ["/etc/resolv.conf", "/etc/hostname"],
    );
  });
});

describe("request for a sandbox", () => {
  it("asks for the networks, ports and names of the container", () => {
    const asked = sandboxRequest(
      record(
        { Hostname: "box" },
        { PortBindings: { "80/tcp": [{ HostPort: "8080" }] }, DnsSearch: ["example"] },
        { net1: { Aliases: ["a"] } },
      ),
      settings,
    );
    assert.deepEqual(asked?.mode, { networks: { net1: { Aliases: ["a"] } } });
    assert.deepEqual(
      asked?.ports.map(({ hostPort }) => hostPort),
      [8080],
    );
    assert.deepEqual(asked?.dns, { servers: ["9.9.9.9"], search: ["example"], options: [] });
    assert.equal(asked?.filesFolder, `/c/${ID}`);
  });

  it("is none for a container in another one's network, and without ports on the host's", () => {
    assert.equal(sandboxRequest(record({}, { NetworkMode: "container:x" }), settings), undefined);
    const onHost = sandboxRequest(
      record({}, { NetworkMode: "host", PortBindings: { "80/tcp": [{}] } }, { host: {} }),
      settings,
    );
    assert.deepEqual([onHost?.mode, onHost?.ports], ["host", []]);
    assert.equal(sandboxRequest(record({}, {}, {}), settings)?.mode, "none");
  });
});
