import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { loadSpec, WHY_NO_SPEC } from "../contract/spec.ts";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

type Document = Readonly<Record<string, unknown>>;

/** What a field does, seen inside a container; or that it is refused, or left out with a warning, on this host; or where else it is tested, and why not here. */
type Proof =
  | {
      readonly set: unknown;
      readonly with?: Document;
      readonly config?: Document;
      readonly run: string;
      readonly shows: RegExp;
    }
  | { readonly set: unknown; readonly with?: Document; readonly refused: RegExp }
  | { readonly set: unknown; readonly warns: RegExp }
  | { readonly elsewhere: string };

/** Of a field that can be asked for in more than one way. */
type Proofs = Proof | readonly Proof[];

/** The namespace the engine under test is in, as we are: not always that of the machine's first process. */
const HOST_PIDS = new RegExp(`^pid:\\[${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}\\]$`);

const pureV2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
/** A file of the container's cgroup, by its name on v1 and on v2. */
const limit = (controller: string, v1: string, v2: string): string =>
  pureV2 ? `cat /sys/fs/cgroup/${v2}` : `cat /sys/fs/cgroup/${controller}/${v1}`;
const throttle = (file: string, key: string): string =>
  `${limit("blkio", `blkio.throttle.${file}_device`, "io.max")} # ${key}`;
const bytes = (MiB: number): number => MiB * 1024 * 1024;
const devices = readdirSync("/sys/block").filter((name) => /^(vd|sd|nvme|xvd|zram)/.test(name));
const disk = devices.find((name) => existsSync(`/dev/${name}`));
const network = (file: string) => ({ elsewhere: `test/e2e/network.test.ts and ${file}` });
const windows = (field: string) => ({ set: 1, refused: new RegExp(`${field} works on Windows only`) });
const blkio = (set: unknown, file: string, key: string, shows: RegExp): Proof =>
  disk ? { set, run: throttle(file, key), shows } : { elsewhere: "no disk here to limit" };
const rate = (value: number) => [{ Path: `/dev/${disk}`, Rate: value }];
const hasRealtime = existsSync("/sys/fs/cgroup/cpu/cpu.rt_period_us");
/** A limit without a runtime of its own: what a group may have must be its parents' first. */
const realtime = (value: number, file: string): Proof =>
  hasRealtime
    ? { set: value, run: `cat /sys/fs/cgroup/cpu/${file}`, shows: new RegExp(`^${value}$`) }
    : { set: value || 1000, refused: /^kernel does not support CPU real-time scheduler$/ };

/** A vendor's CDI specification. */
const VENDOR = {
  cdiVersion: "0.8.0",
  kind: "every.wharf/field",
  devices: [
    {
      name: "one",
      containerEdits: {
        env: ["GIVEN=by the vendor"],
        deviceNodes: [{ path: "/dev/given", hostPath: "/dev/null" }],
      },
    },
  ],
};
const status = (field: string) => `grep ${field}: /proc/self/status`;

/** Kernels have the files of one scheduler or of another, or none. */
const weighs = pureV2 || existsSync("/sys/fs/cgroup/blkio/blkio.weight");
const discarded = (what: string): RegExp => new RegExp(`^Your kernel does not support Block I/O ${what} `);
const weight: readonly Proof[] = weighs
  ? [
      { set: 5, refused: /Range of blkio weight is from 10 to 1000/ },
      {
        set: 500,
        run: "cd /sys/fs/cgroup; cat blkio/blkio.weight io.bfq.weight io.weight 2>/dev/null",
        shows: /^(default )?\d{2,}$/m,
      },
    ]
  : [{ set: 500, warns: discarded("weight") }];

const HOST_CONFIG: Readonly<Record<string, Proofs>> = {
  CpuShares: { set: 512, run: limit("cpu", "cpu.shares", "cpu.weight"), shows: /^(512|20|59)$/ },
  Memory: {
    set: bytes(32),
    run: limit("memory", "memory.limit_in_bytes", "memory.max"),
    shows: /^33554432$/,
  },
  CgroupParent: {
    set: "/every-wharf",
    run: "cat /proc/self/cgroup",
    with: { CgroupnsMode: "host" },
    shows: /:\/every-wt\w+\/[a-f0-9]{64}/,
  },
  BlkioWeight: weight,
  BlkioWeightDevice: weighs
    ? { elsewhere: "test/vm: the disk must have a scheduler that weighs" }
    : { set: [{ Path: `/dev/${disk}`, Weight: 300 }], warns: discarded("weight_device") },
  BlkioDeviceReadBps: blkio(rate(1048576), "read_bps", "rbps", /1048576/),
  BlkioDeviceWriteBps: blkio(rate(2097152), "write_bps", "wbps", /2097152/),
  BlkioDeviceReadIOps: blkio(rate(77), "read_iops", "riops", /77/),
  BlkioDeviceWriteIOps: blkio(rate(88), "write_iops", "wiops", /88/),
  CpuPeriod: { set: 50_000, run: limit("cpu", "cpu.cfs_period_us", "cpu.max"), shows: /50000$/ },
  CpuQuota: { set: 25_000, run: limit("cpu", "cpu.cfs_quota_us", "cpu.max"), shows: /^25000/ },
  CpuRealtimePeriod: realtime(500_000, "cpu.rt_period_us"),
  CpuRealtimeRuntime: [
    realtime(0, "cpu.rt_runtime_us"),
    {
      set: 2000,
      with: { CpuRealtimePeriod: 1000 },
      refused: hasRealtime ? /cannot be higher than cpu real-time period/ : /does not support CPU real-time/,
    },
  ],
  CpusetCpus: [
    { set: "0", run: "grep Cpus_allowed_list /proc/self/status", shows: /\t0$/ },
    { set: "999", refused: /^Requested CPUs are not available - requested 999, available: 0/ },
  ],
  CpusetMems: [
    { set: "0", run: "grep Mems_allowed_list /proc/self/status", shows: /\t0$/ },
    { set: "9", refused: /^Requested memory nodes are not available - requested 9, available: 0$/ },
  ],
  Devices: {
    set: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/mynull", CgroupPermissions: "r" }],
    run: "ls -l /dev/mynull; echo x 2>&1 >/dev/mynull",
    shows: /^crw.* 1, +3 /,
  },
  DeviceCgroupRules: {
    set: ["c 10:200 rwm"],
    run: "mknod /tun c 10 200 && : < /tun && echo open",
    shows: /^open$/,
  },
  DeviceRequests: [
    {
      set: [{ Driver: "cdi", DeviceIDs: ["every.wharf/field=one"] }],
      run: "echo $GIVEN; stat -c %t:%T /dev/given",
      shows: /^by the vendor\n1:3$/,
    },
    {
      set: [{ Count: -1, Capabilities: [["tpu"]] }],
      refused: /could not select device driver "" with capabilities: \[\[tpu\]\]/,
    },
  ],
  KernelMemoryTCP: { set: bytes(32), refused: /kernel memory limits are no longer supported/ },
  MemoryReservation: {
    set: bytes(16),
    run: limit("memory", "memory.soft_limit_in_bytes", "memory.low"),
    shows: /^16777216$/,
  },
  MemorySwap: {
    set: bytes(64),
    with: { Memory: bytes(32) },
    run: limit("memory", "memory.memsw.limit_in_bytes", "memory.swap.max"),
    shows: pureV2 ? /^33554432$/ : /^67108864$/,
  },
  MemorySwappiness: pureV2
    ? { set: 33, warns: /^Your kernel does not support memory swappiness/ }
    : { set: 33, run: limit("memory", "memory.swappiness", ""), shows: /^33$/ },
  NanoCpus: { set: 500_000_000, run: limit("cpu", "cpu.cfs_quota_us", "cpu.max"), shows: /^50000/ },
  OomKillDisable: pureV2
    ? { set: true, warns: /^Your kernel does not support OomKillDisable\. OomKillDisable discarded\.$/ }
    : {
        set: true,
        with: { Memory: bytes(32) },
        run: limit("memory", "memory.oom_control", ""),
        shows: /oom_kill_disable 1/,
      },
  Init: { set: true, run: "cat /proc/1/comm", shows: /init|tini|catatonit/ },
  PidsLimit: { set: 44, run: limit("pids", "pids.max", "pids.max"), shows: /^44$/ },
  Ulimits: {
    set: [{ Name: "nofile", Soft: 64, Hard: 128 }],
    run: "ulimit -n; ulimit -Hn",
    shows: /^64\n128$/,
  },
  CpuCount: windows("CpuCount"),
  CpuPercent: windows("CpuPercent"),
  IOMaximumIOps: windows("IOMaximumIOps"),
  IOMaximumBandwidth: windows("IOMaximumBandwidth"),
  Binds: {
    set: ["/every:/bound:ro"],
    run: "cat /bound/file; touch /bound/x 2>&1",
    shows: /^bound\n.*Read-only/,
  },
  ContainerIDFile: { elsewhere: "written by the client that sent it" },
  LogConfig: { elsewhere: "test/e2e/logs.test.ts" },
  NetworkMode: { set: "none", run: "ls /sys/class/net", shows: /^lo$/ },
  PortBindings: network("test/network"),
  RestartPolicy: { elsewhere: "test/e2e/lifecycle.test.ts, test/e2e/survival.test.ts" },
  AutoRemove: { elsewhere: "test/e2e/run.test.ts" },
  VolumeDriver: { elsewhere: "src/volume" },
  VolumesFrom: { set: ["donor"], run: "cat /donated/file", shows: /^donated$/ },
  Mounts: {
    set: [{ Type: "tmpfs", Target: "/scratch", TmpfsOptions: { SizeBytes: 65536 } }],
    run: "grep ' /scratch ' /proc/mounts",
    shows: /tmpfs.*size=64k/,
  },
  ConsoleSize: { set: [33, 77], config: { Tty: true }, run: "stty size", shows: /^33 77/ },
  Annotations: { elsewhere: "src/runtime/spec/build.test.ts: for the OCI runtime alone" },
  CapAdd: { set: ["SYS_TIME"], run: status("CapEff"), shows: /aa[08]425fb$/ },
  CapDrop: { set: ["ALL"], run: status("CapEff"), shows: /0000000000000000$/ },
  CgroupnsMode: { set: "private", run: "cat /proc/self/cgroup | cut -d: -f3 | sort -u", shows: /^\/$/ },
  Dns: { set: ["10.9.8.7"], run: "cat /etc/resolv.conf", shows: /nameserver 10\.9\.8\.7/ },
  DnsOptions: { set: ["ndots:3"], run: "cat /etc/resolv.conf", shows: /options .*ndots:3/ },
  DnsSearch: { set: ["example.org"], run: "cat /etc/resolv.conf", shows: /search example\.org/ },
  ExtraHosts: { set: ["friend:10.1.2.3"], run: "cat /etc/hosts", shows: /10\.1\.2\.3\tfriend/ },
  GroupAdd: { set: ["77"], run: "id -G", shows: /\b77\b/ },
  IpcMode: { set: "none", run: "ls -d /dev/shm 2>&1", shows: /No such file/ },
  Cgroup: { set: "x", refused: /Cgroup is not supported: use CgroupParent or CgroupnsMode/ },
  Links: network("the network rooms' own tests"),
  OomScoreAdj: { set: 77, run: "cat /proc/self/oom_score_adj", shows: /^77$/ },
  PidMode: { set: "host", run: "readlink /proc/self/ns/pid", shows: HOST_PIDS },
  Privileged: { set: true, run: "test -w /sys/kernel && ls /dev | wc -l", shows: /^\d{2,}$/ },
  PublishAllPorts: network("test/network"),
  ReadonlyRootfs: { set: true, run: "touch /x 2>&1", shows: /Read-only file system/ },
  SecurityOpt: { set: ["no-new-privileges"], run: status("NoNewPrivs"), shows: /\t1$/ },
  StorageOpt: { set: { nosuch: "1g" }, refused: /unknown option nosuch: --storage-opt takes size/ },
  Tmpfs: {
    set: { "/t": "size=64k,mode=1770" },
    run: "stat -c %a /t; grep ' /t ' /proc/mounts",
    shows: /^1770\n.*size=64k/,
  },
  UTSMode: { elsewhere: "test/e2e/namespaces.test.ts" },
  UsernsMode: { set: "keep-id", refused: /invalid user namespace mode: keep-id/i },
  ShmSize: { set: bytes(1), run: "grep ' /dev/shm ' /proc/mounts", shows: /size=1024k/ },
  Sysctls: {
    set: { "net.ipv4.ip_default_ttl": "77" },
    run: "cat /proc/sys/net/ipv4/ip_default_ttl",
    shows: /^77$/,
  },
  Runtime: { set: "nosuch", refused: /unknown or invalid runtime name: nosuch/ },
  Isolation: { set: "hyperv", refused: /Invalid isolation: "hyperv"/ },
  MaskedPaths: {
    set: ["/etc/passwd"],
    run: "wc -c < /etc/passwd; cat /proc/kcore | head -c 1 | wc -c",
    shows: /^0\n/,
  },
  ReadonlyPaths: { set: ["/etc"], run: "touch /etc/x 2>&1", shows: /Read-only file system/ },
};

const CONFIG: Readonly<Record<string, Proofs>> = {
  Hostname: { set: "ship", run: "hostname; cat /etc/hostname", shows: /^ship\nship$/ },
  Domainname: { set: "sea", run: "cat /proc/sys/kernel/domainname", shows: /^sea$/ },
  User: { set: "12:34", run: "id -u; id -g", shows: /^12\n34$/ },
  AttachStdin: { elsewhere: "an attached client says itself what it wants" },
  AttachStdout: { elsewhere: "an attached client says itself what it wants" },
  AttachStderr: { elsewhere: "an attached client says itself what it wants" },
  ExposedPorts: network("test/network"),
  Tty: { set: true, run: "test -t 1 && echo terminal", shows: /^terminal/ },
  OpenStdin: { elsewhere: "test/e2e/attach.test.ts" },
  StdinOnce: { elsewhere: "src/runtime/runtime.integration.test.ts" },
  Env: { set: ["A=b"], run: "echo $A", shows: /^b$/ },
  Cmd: { set: ["echo", "command"], run: "", shows: /^command$/ },
  Healthcheck: { elsewhere: "test/compat, src/engine/health" },
  ArgsEscaped: { elsewhere: "Windows only; kept and shown" },
  Image: { set: "absent:1", refused: /No such image: absent:1/ },
  Volumes: { set: { "/anon": {} }, run: "grep -c ' /anon ' /proc/mounts", shows: /^1$/ },
  WorkingDir: { set: "/made/here", run: "pwd", shows: /^\/made\/here$/ },
  Entrypoint: { set: ["/bin/sh", "-c", "echo entered"], run: "", shows: /^entered$/ },
  NetworkDisabled: { elsewhere: "kept; Docker ignores it as well where a network mode is given" },
  MacAddress: network("test/network"),
  OnBuild: { elsewhere: "of images: src/build" },
  Labels: { elsewhere: "test/compat: ps and its filters" },
  StopSignal: { elsewhere: "test/compat: states seen from outside" },
  StopTimeout: { elsewhere: "test/e2e/lifecycle.test.ts" },
  Shell: { elsewhere: "of health checks: src/engine/health" },
};

interface Properties {
  readonly properties?: Document;
  readonly allOf?: readonly (Properties & { readonly $ref?: string })[];
}

/** Names of all fields of a definition, those it takes over included. */
function fieldsOf(definitions: Document, name: string): readonly string[] {
  const own = definitions[name] as Properties;
  return (own.allOf ?? [own]).flatMap((part) => [
    ...("$ref" in part && part.$ref ? fieldsOf(definitions, part.$ref.split("/").at(-1) ?? "") : []),
    ...Object.keys(part.properties ?? {}),
  ]);
}

const spec = loadSpec();

describe("every documented field has an effect or is refused", { skip: spec ? false : WHY_NO_SPEC }, () => {
  const compare = (definition: string, proofs: Document) =>
    it(definition, () => {
      const documented = fieldsOf(spec?.definitions ?? {}, definition).filter(
        (name) => name !== "KernelMemory",
      );
      assert.deepEqual(Object.keys(proofs).toSorted(), [...new Set(documented)].toSorted());
    });
  compare("HostConfig", HOST_CONFIG);
  compare("ContainerConfig", CONFIG);
});

describe("fields of a container", { skip: withoutRoot || withoutDocker, concurrency: false }, () => {
  let engine: EngineUnderTest;
  const folders: string[] = [];
  before(async () => {
    const cdi = mkdtempSync(join(tmpdir(), "cdi-"));
    writeFileSync(join(cdi, "every.json"), JSON.stringify(VENDOR));
    engine = await startEngine({ flags: [`--cdi-spec-dir=${cdi}`] });
    folders.push(cdi);
    const shared = join(engine.folder, "every");
    mkdirSync(shared);
    writeFileSync(join(shared, "file"), "bound\n");
    await engine.ok(
      "run",
      "--name",
      "donor",
      "-v",
      "/donated",
      "busybox",
      "sh",
      "-c",
      "echo donated > /donated/file",
    );
  });
  after(async () => {
    // A parent that a client names is the client's, as in Docker: nobody else takes it away.
    for (const root of [
      "/sys/fs/cgroup",
      ...readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`),
    ]) {
      const parent = `${root}/every-${engine.name}`;
      if (existsSync(parent)) rmdirSync(parent);
    }
    await engine[Symbol.asyncDispose]();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  const post = (path: string, body?: unknown) =>
    call(engine.socket, "POST", path, body === undefined ? undefined : JSON.stringify(body), {
      "content-type": "application/json",
    });

  /** Its output; stdout and stderr together. */
  async function outputOf(document: Document): Promise<string> {
    const created = await post("/v1.50/containers/create", document);
    assert.equal(created.status, 201, created.body);
    const { Id } = JSON.parse(created.body) as { Id: string };
    const started = await post(`/v1.50/containers/${Id}/start`);
    assert.equal(started.status, 204, started.body);
    await engine.ok("wait", Id);
    const shown = await engine.ok("logs", Id);
    await engine.ok("rm", "-fv", Id);
    return shown.replaceAll("\r", "").trim();
  }

  function prove(group: "HostConfig" | "Config", field: string, proof: Proof): void {
    if ("elsewhere" in proof) return;
    const [isRefused, warns] = ["refused" in proof, "warns" in proof];
    const sentence = `${JSON.stringify(proof.set)} is ${isRefused ? "refused" : "left out with a warning"}`;
    it(`${group}.${field}${isRefused || warns ? ` ${sentence}` : ""}`, async () => {
      const own = JSON.parse(
        JSON.stringify({ [field]: proof.set })
          .replaceAll('"/every:', `"${engine.folder}/every:`)
          .replace("/every-wharf", `/every-${engine.name}`),
      ) as Document;
      const run = "run" in proof && proof.run !== "" ? { Cmd: ["sh", "-c", proof.run] } : {};
      const inHost = group === "HostConfig";
      const document = {
        Image: "busybox",
        ...run,
        ...("config" in proof ? proof.config : {}),
        ...(inHost ? {} : own),
        HostConfig: { ...("with" in proof ? proof.with : {}), ...(inHost ? own : {}) },
      };
      if ("refused" in proof) {
        const { status, body } = await post("/v1.50/containers/create", document);
        assert.ok(status === 400 || status === 404, `${status} ${body}`);
        assert.match((JSON.parse(body) as { message: string }).message, proof.refused);
      } else if ("warns" in proof) {
        const { status, body } = await post("/v1.50/containers/create", document);
        assert.equal(status, 201, body);
        const { Id, Warnings } = JSON.parse(body) as { Id: string; Warnings: readonly string[] };
        assert.match(Warnings.join("\n"), proof.warns);
        await engine.ok("start", Id);
        await engine.ok("rm", "-fv", Id);
      } else assert.match(await outputOf(document), proof.shows);
    });
  }
  const proveAll = (group: "HostConfig" | "Config", all: Readonly<Record<string, Proofs>>) => {
    for (const [field, proofs] of Object.entries(all))
      for (const proof of [proofs].flat()) prove(group, field, proof);
  };
  proveAll("HostConfig", HOST_CONFIG);
  proveAll("Config", CONFIG);
});

/** What docs/containers.md says of each field must be what is tested here. */
describe("docs/containers.md", () => {
  it("lists every field", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/containers.md"), "utf8");
    const untold = [...Object.keys(HOST_CONFIG), ...Object.keys(CONFIG)].filter(
      (field) => !text.includes(`\`${field}\``),
    );
    assert.deepEqual(untold, []);
  });
});
