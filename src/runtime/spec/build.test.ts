import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildSpec } from "./build.ts";
import { ALL_CAPABILITIES } from "./capabilities.ts";
import type { DeviceLookup } from "./devices.ts";
import type { HostDocument, HostInfo, SpecInput } from "./input.ts";
import { type OciDevice, serializeSpec } from "./oci-spec.ts";
import { tmpfsOptions } from "./tmpfs-options.ts";

const DEVICES: readonly OciDevice[] = [
  { path: "/dev/sda", type: "b", major: 8, minor: 0, fileMode: 0o660, uid: 0, gid: 6 },
  { path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 },
  { path: "/dev/snd/timer", type: "c", major: 116, minor: 33, fileMode: 0o660, uid: 0, gid: 29 },
];
const lookup: DeviceLookup = {
  at: (path) => DEVICES.filter((device) => device.path === path || device.path.startsWith(`${path}/`)),
  all: () => DEVICES,
};

const HOST: HostInfo = {
  cgroupMode: "v1",
  controllers: new Set(["cpu", "cpuset", "memory", "pids", "blkio", "devices"]),
  architecture: "amd64",
  hardLimits: { nofile: 20_000n, core: 2n ** 64n - 1n },
  capabilities: new Set(ALL_CAPABILITIES.filter((name) => name !== "SYS_RESOURCE")),
  kernel: "6.1.0-13-amd64",
  seccomp: true,
  apparmor: false,
};

const input = (host: HostDocument = {}, change: Partial<SpecInput> = {}): SpecInput => ({
  id: "4f1c",
  args: ["sh", "-c", "true"],
  env: ["PATH=/bin"],
  cwd: "/work",
  user: { uid: 5, gid: 6, additionalGids: [7] },
  process: {},
  host,
  rootfs: "/layers/merged",
  hostname: "4f1c",
  cgroupPath: "/wharf/4f1c",
  namespaces: {
    network: { path: "/run/netns/x" },
    pid: "new",
    ipc: "new",
    uts: "new",
    cgroup: "host",
    user: "host",
  },
  mounts: [],
  hostInfo: HOST,
  ...change,
});
const build = (host?: HostDocument, change?: Partial<SpecInput>) => buildSpec(input(host, change), lookup);
const caps = (host: HostDocument) => build(host).process?.capabilities?.bounding.map((name) => name.slice(4));
const mountAt = (host: HostDocument, path: string, change?: Partial<SpecInput>) =>
  build(host, change).mounts?.find(({ destination }) => destination === path);
const refused = (host: HostDocument, message: RegExp) =>
  assert.throws(
    () => build(host),
    (error: Error & { kind?: string }) => error.kind === "invalidParameter" && message.test(error.message),
  );

describe("OCI spec", () => {
  it("has Docker's defaults", () => {
    const { linux, ...rest } = build();
    const { seccomp, ...plain } = linux!;
    const sets = [
      "CAP_CHOWN",
      "CAP_DAC_OVERRIDE",
      "CAP_FSETID",
      "CAP_FOWNER",
      "CAP_MKNOD",
      "CAP_NET_RAW",
      "CAP_SETGID",
      "CAP_SETUID",
      "CAP_SETFCAP",
      "CAP_SETPCAP",
      "CAP_NET_BIND_SERVICE",
      "CAP_SYS_CHROOT",
      "CAP_KILL",
      "CAP_AUDIT_WRITE",
    ];
    assert.deepEqual(rest, {
      ociVersion: "1.0.2",
      process: {
        user: { uid: 5, gid: 6, additionalGids: [7] },
        args: ["sh", "-c", "true"],
        env: ["PATH=/bin"],
        cwd: "/work",
        capabilities: { bounding: sets, effective: sets, permitted: sets },
        noNewPrivileges: false,
      },
      root: { path: "/layers/merged", readonly: false },
      hostname: "4f1c",
      mounts: [
        { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
        {
          destination: "/dev",
          type: "tmpfs",
          source: "tmpfs",
          options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
        },
        {
          destination: "/dev/pts",
          type: "devpts",
          source: "devpts",
          options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        },
        { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
        {
          destination: "/sys/fs/cgroup",
          type: "cgroup",
          source: "cgroup",
          options: ["ro", "nosuid", "noexec", "nodev"],
        },
        {
          destination: "/dev/mqueue",
          type: "mqueue",
          source: "mqueue",
          options: ["nosuid", "noexec", "nodev"],
        },
        {
          destination: "/dev/shm",
          type: "tmpfs",
          source: "shm",
          options: ["nosuid", "noexec", "nodev", "mode=1777", "size=67108864"],
        },
      ],
    });
    const allow = (major: number, minor: number) => ({ allow: true, type: "c", major, minor, access: "rwm" });
    assert.deepEqual(plain, {
      namespaces: [
        { type: "mount" },
        { type: "network", path: "/run/netns/x" },
        { type: "pid" },
        { type: "ipc" },
        { type: "uts" },
      ],
      cgroupsPath: "/wharf/4f1c",
      resources: {
        devices: [
          { allow: false, access: "rwm" },
          allow(1, 5),
          allow(1, 3),
          allow(1, 9),
          allow(1, 8),
          allow(5, 0),
          allow(5, 1),
          { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
        ],
      },
      sysctl: { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" },
      maskedPaths: [
        "/proc/asound",
        "/proc/acpi",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/sys/firmware",
        "/sys/devices/virtual/powercap",
      ],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    });
    assert.deepEqual(seccomp?.architectures, ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]);
  });

  it("gives capabilities as asked, never more than the engine has", () => {
    assert.deepEqual(caps({ CapDrop: ["ALL"], CapAdd: ["net_admin", "CAP_CHOWN"] }), ["CHOWN", "NET_ADMIN"]);
    assert.equal(caps({ CapDrop: ["CHOWN"] })?.includes("CHOWN"), false);
    assert.equal(caps({ CapAdd: ["ALL"], CapDrop: ["SYS_ADMIN"] })?.includes("SYS_ADMIN"), false);
    assert.equal(caps({ Privileged: true })?.length, 40);
    refused({ CapAdd: ["FLY"] }, /^invalid CapAdd: unknown capability: "CAP_FLY"$/);
  });

  it("limits memory, processors, processes and block devices", () => {
    const resources = build({
      Memory: 1000,
      MemoryReservation: 500,
      MemorySwappiness: 0,
      OomKillDisable: true,
      NanoCpus: 1.5e9,
      CpuShares: 512,
      CpusetCpus: "0-1",
      CpusetMems: "0",
      PidsLimit: 10,
      BlkioWeight: 300,
      BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 42 }],
      BlkioWeightDevice: [{ Path: "/dev/sda", Weight: 7 }],
    }).linux?.resources;
    assert.deepEqual(resources?.memory, {
      limit: 1000,
      reservation: 500,
      swap: 2000,
      swappiness: 0,
      disableOOMKiller: true,
    });
    assert.deepEqual(resources?.cpu, {
      shares: 512,
      period: 100_000,
      quota: 150_000,
      cpus: "0-1",
      mems: "0",
    });
    assert.deepEqual(resources?.pids, { limit: 10 });
    assert.deepEqual(resources?.blockIO, {
      weight: 300,
      weightDevice: [{ major: 8, minor: 0, weight: 7 }],
      throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 42 }],
    });
    assert.equal(build({ Memory: 9, MemorySwap: -1 }).linux?.resources?.memory?.swap, -1);
    assert.equal(build({ PidsLimit: -1 }).linux?.resources?.pids, undefined);
    refused({ BlkioDeviceReadBps: [{ Path: "/dev/fuse", Rate: 1 }] }, /not a block device/);
  });

  it("leaves out limits whose controller the host lacks", () => {
    const hostInfo = { ...HOST, controllers: new Set(["cpu"]) };
    const resources = build({ Memory: 5, CpuShares: 2, CpusetCpus: "0", PidsLimit: 3 }, { hostInfo }).linux
      ?.resources;
    assert.deepEqual(Object.keys(resources ?? {}), ["devices", "cpu"]);
    assert.deepEqual(resources?.cpu, { shares: 2 });
  });

  it("sets ulimits, but none that this engine could not raise", () => {
    const spec = build({
      Ulimits: [
        { Name: "nofile", Soft: 10, Hard: 20 },
        { Name: "core", Soft: -1, Hard: -1 },
      ],
    });
    assert.match(
      serializeSpec(spec),
      /"type":"RLIMIT_CORE","soft":18446744073709551615,"hard":18446744073709551615/,
    );
    refused(
      { Ulimits: [{ Name: "nofile", Soft: 1, Hard: 30_000 }] },
      /^ulimit nofile: hard limit 30000 is above the engine's own of 20000/,
    );
    refused(
      { Ulimits: [{ Name: "nofile", Soft: 5, Hard: 3 }] },
      /^ulimit soft limit must be less than or equal to hard limit: 5 > 3$/,
    );
    refused({ Ulimits: [{ Name: "speed", Soft: 5, Hard: 5 }] }, /^invalid ulimit type: speed$/);
  });

  it("maps devices, and folders of them, with their permissions", () => {
    const { linux } = build({
      Devices: [
        { PathOnHost: "/dev/fuse", PathInContainer: "/dev/f", CgroupPermissions: "rw" },
        { PathOnHost: "/dev/snd", PathInContainer: "/dev/sound", CgroupPermissions: "rwm" },
      ],
      DeviceCgroupRules: ["b 8:* rw"],
    });
    assert.deepEqual(
      linux?.devices?.map(({ path }) => path),
      ["/dev/f", "/dev/sound/timer"],
    );
    assert.deepEqual(linux?.resources?.devices?.slice(-3), [
      { allow: true, type: "c", major: 10, minor: 229, access: "rw" },
      { allow: true, type: "c", major: 116, minor: 33, access: "rwm" },
      { allow: true, type: "b", major: 8, access: "rw" },
    ]);
    refused({ DeviceCgroupRules: ["b 8"] }, /^invalid device cgroup rule format: 'b 8'$/);
  });

  it("opens everything to a privileged container", () => {
    const { linux, mounts } = build({ Privileged: true });
    assert.equal(linux?.seccomp, undefined);
    assert.deepEqual(linux?.maskedPaths, []);
    assert.deepEqual(linux?.resources?.devices, [{ allow: true, access: "rwm" }]);
    assert.deepEqual(linux?.devices, DEVICES);
    assert.ok(mounts?.every(({ options }) => !options?.includes("ro")));
  });

  it("mounts what the user wants, in order of depth, in place of defaults", () => {
    const { mounts } = build(
      { Tmpfs: { "/run": "size=1m,exec" } },
      {
        mounts: [
          { source: "/h/deep", destination: "/a/b/c" },
          { source: "/h/shm", destination: "/dev/shm", readonly: true },
          { source: "/h/a", destination: "/a", propagation: "rshared", nonRecursive: true },
        ],
        initBinary: "/usr/bin/tini-static",
      },
    );
    assert.deepEqual(mounts?.slice(6), [
      { destination: "/a", type: "bind", source: "/h/a", options: ["bind", "rw", "shared"] },
      {
        destination: "/run",
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "nodev", "rprivate", "size=1m", "exec"],
      },
      {
        destination: "/dev/shm",
        type: "bind",
        source: "/h/shm",
        options: ["rbind", "ro", "rro", "rprivate"],
      },
      {
        destination: "/sbin/docker-init",
        type: "bind",
        source: "/usr/bin/tini-static",
        options: ["bind", "ro", "private"],
      },
      { destination: "/a/b/c", type: "bind", source: "/h/deep", options: ["rbind", "rw", "rprivate"] },
    ]);
  });

  it("runs the init program in front of the command", () => {
    assert.deepEqual(build({}, { initBinary: "/t" }).process?.args, [
      "/sbin/docker-init",
      "--",
      "sh",
      "-c",
      "true",
    ]);
  });

  it("drops the defaults below a /dev of the user's own", () => {
    const { mounts } = build({}, { mounts: [{ source: "/dev", destination: "/dev" }] });
    assert.deepEqual(
      mounts?.map(({ destination }) => destination),
      ["/proc", "/sys", "/sys/fs/cgroup", "/dev"],
    );
  });

  it("keeps the container's own folders writable on a read-only root", () => {
    const host = { ReadonlyRootfs: true };
    assert.equal(build(host).root.readonly, true);
    assert.equal(mountAt(host, "/dev/shm")?.options?.includes("ro"), false);
  });

  it("takes namespaces from the host or from others", () => {
    const namespaces = {
      network: "host",
      pid: "host",
      ipc: { path: "/proc/7/ns/ipc" },
      uts: "host",
      cgroup: "new",
      user: "host",
    } as const;
    const { linux, hostname } = build(
      { Sysctls: { "kernel.msgmax": "1" } },
      { namespaces, shmFolder: "/run/shm/7" },
    );
    assert.deepEqual(linux?.namespaces, [
      { type: "mount" },
      { type: "ipc", path: "/proc/7/ns/ipc" },
      { type: "cgroup" },
    ]);
    assert.equal(hostname, undefined);
    assert.deepEqual(linux?.sysctl, { "kernel.msgmax": "1" });
    assert.equal(mountAt({}, "/dev/shm", { namespaces, shmFolder: "/run/shm/7" })?.source, "/run/shm/7");
    assert.equal(mountAt({}, "/dev/mqueue", { namespaces: { ...namespaces, ipc: "host" } })?.type, "mqueue");
  });

  it("does not touch the sysctls of another container's network", () => {
    assert.deepEqual(build({ NetworkMode: "container:x" }).linux?.sysctl, {});
  });

  it("obeys security options", () => {
    assert.equal(build({ SecurityOpt: ["no-new-privileges"] }).process?.noNewPrivileges, true);
    assert.equal(build({ SecurityOpt: ["no-new-privileges:false"] }).process?.noNewPrivileges, false);
    assert.equal(build({ SecurityOpt: ["seccomp=unconfined"] }).linux?.seccomp, undefined);
    refused({ SecurityOpt: ["seccomp={"] }, /^Decoding seccomp profile failed/);
    refused({ SecurityOpt: ["colour=red"] }, /^invalid --security-opt 2: "colour=red"$/);
    refused({ SecurityOpt: ["apparmor=mine"] }, /AppArmor is not enabled/);
    assert.deepEqual(build({ MaskedPaths: [], ReadonlyPaths: [] }).linux?.maskedPaths, []);
  });

  it("resolves a seccomp profile for the container's capabilities and this machine", () => {
    const profile = {
      defaultAction: "SCMP_ACT_ALLOW",
      archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
      syscalls: [
        { names: ["a"], action: "SCMP_ACT_ERRNO", includes: { caps: ["CAP_SYS_ADMIN"] } },
        { names: ["b"], action: "SCMP_ACT_ERRNO", excludes: { caps: ["CAP_SYS_ADMIN"] } },
        { names: ["c"], action: "SCMP_ACT_ERRNO", includes: { arches: ["arm64"] } },
        { name: "d", action: "SCMP_ACT_ERRNO", includes: { minKernel: "4.8" } },
      ],
    };
    const names = (host: HostDocument) =>
      build({ SecurityOpt: [`seccomp=${JSON.stringify(profile)}`], ...host }).linux?.seccomp;
    assert.deepEqual(names({}), {
      defaultAction: "SCMP_ACT_ALLOW",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      syscalls: [
        { names: ["b"], action: "SCMP_ACT_ERRNO" },
        { names: ["d"], action: "SCMP_ACT_ERRNO" },
      ],
    });
    assert.equal(names({ CapAdd: ["SYS_ADMIN"] })?.syscalls?.[0]?.names[0], "a");
  });

  it("refuses a seccomp profile that says one thing in two ways", () => {
    const refusedProfile = (parts: object, message: RegExp) =>
      refused(
        { SecurityOpt: [`seccomp=${JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", ...parts })}`] },
        message,
      );
    const archMap = [{ architecture: "SCMP_ARCH_X86_64" }];
    refusedProfile({ architectures: ["SCMP_ARCH_X86"], archMap }, /use either 'architectures' or 'archMap'$/);
    const rule = { name: "chmod", names: ["fchmod"], action: "SCMP_ACT_ERRNO" };
    refusedProfile({ syscalls: [rule] }, /use either 'name' or 'names'$/);
  });

  it("sets terminal, its size, OOM score and annotations", () => {
    const { process, annotations } = build(
      { OomScoreAdj: 200, Annotations: { a: "b" } },
      { process: { Tty: true }, consoleSize: { width: 8, height: 9 } },
    );
    assert.equal(process?.terminal, true);
    assert.deepEqual(process?.consoleSize, { width: 8, height: 9 });
    assert.equal(process?.oomScoreAdj, 200);
    assert.deepEqual(annotations, { a: "b" });
    refused({ OomScoreAdj: -5 }, /^cannot set the OOM score adjustment to -5/);
  });

  it("mounts nothing into /proc but over the files that tell of the machine's size", () => {
    refused({ Tmpfs: { "/proc//sys": "" } }, /^"\/proc\/sys" cannot be mounted because it is inside \/proc$/);
    build({ Tmpfs: { "/proc/cpuinfo": "" } });
  });

  it("merges tmpfs options, the later ones count", () => {
    assert.deepEqual(tmpfsOptions(""), ["noexec", "nosuid", "nodev", "rprivate"]);
    assert.deepEqual(tmpfsOptions("exec,noexec,mode=700,mode=1777"), [
      "nosuid",
      "nodev",
      "rprivate",
      "noexec",
      "mode=1777",
    ]);
    assert.throws(() => tmpfsOptions("sise=5"), /^EngineError: Invalid tmpfs option "sise=5"$/);
  });
});
