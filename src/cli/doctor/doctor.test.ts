import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cgroups, parseTrees } from "./cgroups.ts";
import { judgePace, judgeTime } from "./clock.ts";
import { conflicts, parseBlock, parseRoutes } from "./conflicts.ts";
import { countOf, drawSections } from "./draw.ts";
import { presenceOf } from "./feature.ts";
import { type Finding, type Group, isOlder, type Question, versionIn } from "./finding.ts";
import { kernel } from "./kernel.ts";
import { limits } from "./limits.ts";
import { type FilesystemFacts, type Machine, parseKernelConfig, type Ran } from "./machine.ts";
import { network } from "./network.ts";
import { explainFailure, judgeSkew } from "./registries.ts";
import { type Answerer, engineIn, judgeDefault } from "./sockets.ts";
import { storage } from "./storage.ts";
import { tools } from "./tools.ts";

interface Described {
  readonly files?: Readonly<Record<string, string>>;
  /** By name: what `--version` writes. All are in PATH unless `path` is false. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly path?: boolean;
  readonly release?: string;
  readonly config?: string;
  readonly filesystem?: Partial<FilesystemFacts>;
  readonly modes?: Readonly<Record<string, { readonly mode: number; readonly uid?: number }>>;
}

/** A machine as the checks see one, made of a few words about it. */
function machineOf(described: Described): Machine {
  const {
    files = {},
    programs = {},
    path = true,
    release = "6.1.0",
    config,
    filesystem,
    modes = {},
  } = described;
  const place = (program: string) => (program in programs ? `/usr/bin/${program}` : undefined);
  const facts = { type: 0xef53, free: 1e11, size: 1e12, freeInodes: 1e6, inodes: 1e7, ...filesystem };
  return {
    root: true,
    release,
    arch: "x64",
    read: (name) => (name in files ? { text: files[name] ?? "" } : undefined),
    list: (folder) => [
      ...new Set(
        Object.keys(files)
          .filter((name) => name.startsWith(`${folder}/`))
          .map((name) => name.slice(folder.length + 1).split("/")[0] ?? ""),
      ),
    ],
    exists: (name) => name in files || name in modes,
    stat: (name) => (modes[name] ? { gid: 0, uid: 0, ...modes[name] } : undefined),
    filesystem: () => facts,
    find: (program) => (path ? place(program) : undefined),
    findForEngine: place,
    run: async (command): Promise<Ran> => ({
      code: 0,
      output: programs[command.slice("/usr/bin/".length)] ?? "",
    }),
    kernelConfig: config === undefined ? undefined : parseKernelConfig(config),
  };
}

const question = (described: Described, more: Partial<Question> = {}): Question => ({
  machine: machineOf(described),
  dataRoot: "/data",
  driver: undefined,
  sockets: [],
  registries: [],
  pools: ["172.17.0.0/16"],
  config: {},
  ...more,
});

async function look(
  group: Group,
  described: Described,
  more: Partial<Question> = {},
): Promise<ReadonlyMap<string, Finding>> {
  const findings = await group.run(question(described, more));
  return new Map(findings.map((finding) => [finding.name, finding]));
}
const stateOf = (found: ReadonlyMap<string, Finding>, name: string): string =>
  found.get(name)?.state ?? "none";

const NAMESPACES = Object.fromEntries(
  ["mnt", "net", "pid", "ipc", "uts"].map((name) => [`/proc/self/ns/${name}`, ""]),
);
const V2 = {
  "/proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n",
  "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
  "/sys/fs/cgroup/init.scope/memory.swap.max": "max",
};
const RULES =
  "BRIDGE VETH NF_CONNTRACK NF_NAT NETFILTER_XT_MATCH_ADDRTYPE NETFILTER_XT_MATCH_CONNTRACK NETFILTER_XT_TARGET_MASQUERADE NF_TABLES";
const CONFIG = RULES.split(" ")
  .map((name) => `CONFIG_${name}=y\n`)
  .join("");
const IPTABLES = { "iptables-restore": "iptables-restore v1.8.9 (nf_tables)\n" };

describe("the doctor", () => {
  it("looks at the kernel", async () => {
    const files = {
      ...NAMESPACES,
      "/proc/filesystems": "nodev\toverlay\n",
      "/proc/self/status": "Seccomp:\t0\n",
    };
    const fine = await look(kernel, { files });
    for (const name of ["version", "namespaces", "overlayfs", "seccomp"])
      assert.equal(stateOf(fine, name), "ok", name);
    assert.equal(stateOf(await look(kernel, { release: "4.19.0-21-amd64" }), "version"), "fail");
    assert.equal(stateOf(await look(kernel, { release: "5.10.0" }), "version"), "warn");
    const bare = await look(kernel, { config: "CONFIG_X=y\n" });
    assert.deepEqual(
      ["namespaces", "overlayfs", "seccomp"].map((name) => stateOf(bare, name)),
      ["fail", "warn", "warn"],
    );
    assert.equal(
      stateOf(await look(kernel, { files: { "/sys/fs/selinux/enforce": "1" } }), "AppArmor, SELinux"),
      "warn",
    );
  });

  it("tells features built in, loaded, loadable and absent apart, and where nobody can say", () => {
    const dep = { "/lib/modules/6.1.0/modules.dep": "kernel/net/br-netfilter.ko.zst: kernel/x.ko\n" };
    const builtin = { "/lib/modules/6.1.0/modules.builtin": "kernel/drivers/net/veth.ko\n" };
    assert.equal(presenceOf(machineOf({ files: dep }), "BRIDGE_NETFILTER", "br_netfilter"), "loadable");
    assert.equal(presenceOf(machineOf({ files: dep }), "VETH", "veth"), "absent");
    assert.equal(presenceOf(machineOf({ files: builtin }), "VETH", "veth"), "builtIn");
    assert.equal(
      presenceOf(machineOf({ files: { "/proc/modules": "veth 1 0 - Live 0\n" } }), "VETH", "veth"),
      "loaded",
    );
    assert.equal(presenceOf(machineOf({ config: "CONFIG_VETH=m\n" }), "VETH", "veth"), "absent");
    assert.equal(presenceOf(machineOf({}), "VETH", "veth"), "unknown");
  });

  it("looks at control groups of every kind", async () => {
    const v2 = await look(cgroups, { files: V2 });
    assert.deepEqual(
      [...v2.values()].map(({ state }) => state),
      ["ok", "ok", "ok"],
    );
    const few = await look(cgroups, { files: { ...V2, "/sys/fs/cgroup/cgroup.controllers": "cpu pids" } });
    assert.match(few.get("controllers")?.text ?? "", /missing: cpuset, memory/);
    assert.equal(stateOf(await look(cgroups, {}), "mode"), "fail");
    const hybrid = `${V2["/proc/self/mounts"]}cgroup /cg/memory cgroup rw,memory 0 0\n`;
    assert.deepEqual(
      parseTrees(hybrid).map(({ version }) => version),
      [2, 1],
    );
    const crun = { programs: { crun: "" }, files: { "/proc/self/mounts": hybrid } };
    assert.equal(stateOf(await look(cgroups, crun), "crun here"), "warn");
    assert.equal(
      stateOf(await look(cgroups, { ...crun, programs: { crun: "", busybox: "" } }), "crun here"),
      "ok",
    );
  });

  it("looks at the firewall: its program, its flavour, what the kernel has of it", async () => {
    const fine = await look(network, { programs: IPTABLES, config: CONFIG });
    for (const name of ["firewall", "nf_tables", "bridge", "veth", "NAT"])
      assert.equal(stateOf(fine, name), "ok", name);
    assert.equal(stateOf(fine, "br_netfilter"), "warn");
    const bare = await look(network, { programs: IPTABLES, config: "CONFIG_X=y\n" });
    for (const name of ["nf_tables", "bridge", "veth", "NAT"])
      assert.equal(stateOf(bare, name), "fail", name);
    assert.match((await look(network, {})).get("firewall")?.mend ?? "", /^apt-get install iptables$/);
    assert.match(
      (await look(network, { programs: { nft: "" } })).get("firewall")?.mend ?? "",
      /firewall-backend=nftables/,
    );
    const hidden = await look(network, { programs: IPTABLES, path: false });
    assert.match(hidden.get("firewall")?.mend ?? "", /PATH:\/usr\/bin/);
    assert.equal(stateOf(await look(network, {}, { config: { iptables: false } }), "firewall"), "ok");
    const backends = { programs: { ...IPTABLES, nft: "nftables v1.0.6 (Lester Gooch #5)" }, config: CONFIG };
    assert.equal((await look(network, backends)).get("nft")?.text, "nftables v1.0.6 (Lester Gooch #5)");
    const both = {
      programs: IPTABLES,
      config: CONFIG,
      files: { "/proc/net/ip_tables_names": "nat\nfilter\n" },
    };
    assert.match((await look(network, both)).get("two flavours")?.text ?? "", /nat, filter/);
  });

  it("looks at limits", async () => {
    const files = {
      "/proc/sys/fs/inotify/max_user_instances": "64",
      "/proc/sys/kernel/pid_max": "4194304",
      "/proc/self/limits": "Max open files            1024                 1024                 files\n",
    };
    const found = await look(limits, { files });
    assert.deepEqual(
      ["inotify instances", "process numbers", "inotify watches", "files of the engine"].map((name) =>
        stateOf(found, name),
      ),
      ["warn", "ok", "unseen", "warn"],
    );
    assert.equal(found.get("inotify instances")?.mend, "sysctl -w fs.inotify.max_user_instances=512");
  });

  it("looks for programs and their versions", async () => {
    const none = await look(tools, {});
    assert.deepEqual(
      [stateOf(none, "OCI runtime"), stateOf(none, "conmon"), stateOf(none, "git")],
      ["fail", "fail", "warn"],
    );
    const programs = {
      runc: "runc version 1.1.5+ds1",
      conmon: "conmon version 2.0.2",
      catatonit: "tini version 0.2.0",
    };
    const some = await look(tools, { programs });
    assert.deepEqual(
      [stateOf(some, "runc"), stateOf(some, "conmon"), stateOf(some, "catatonit")],
      ["ok", "warn", "ok"],
    );
    assert.equal(stateOf(await look(tools, { programs: { crun: "Segmentation fault" } }), "crun"), "fail");
    assert.deepEqual(versionIn("git version 2.39.5"), [2, 39, 5]);
    assert.deepEqual(
      [isOlder([1, 10, 0], [1, 9, 9]), isOlder([1, 9], [1, 9, 1]), isOlder([2, 0, 0], [2, 0, 0])],
      [false, true, false],
    );
  });

  it("looks at the data root, its file system and its mount", async () => {
    const mounts = { "/proc/self/mounts": "/dev/a / ext4 rw 0 0\n/dev/b /data ext4 rw,noexec 0 0\n" };
    const modes = { "/data": { mode: 0o40777 } };
    const bad = await look(storage, { files: mounts, modes, filesystem: { free: 1e8, freeInodes: 10 } });
    for (const name of ["data root", "space", "inodes", "mount"])
      assert.equal(stateOf(bad, name), "fail", name);
    assert.equal(bad.get("mount")?.mend, "mount -o remount,exec /data");
    const good = await look(storage, { files: { "/proc/self/mounts": "/dev/a / ext4 rw 0 0" } });
    assert.ok([...good.values()].every(({ state }) => state === "ok"));
    assert.equal(stateOf(await look(storage, { filesystem: { type: 0x794c7630 } }), "file system"), "warn");
    const xfs = {
      programs: { xfs_info: "naming =version 2 bsize=4096 ascii-ci=0, ftype=0" },
      filesystem: { type: 0x58465342 },
    };
    assert.equal(stateOf(await look(storage, xfs), "d_type"), "fail");
    assert.equal(stateOf(await look(storage, {}, { driver: "vfs" }), "driver"), "warn");
    assert.equal(stateOf(await look(storage, {}, { driver: "overlay2" }), "driver"), "ok");
    assert.equal(stateOf(await look(storage, { ...xfs, programs: {} }), "d_type"), "unseen");
  });

  it("looks for other firewalls, engines and routes", async () => {
    const route = (device: string, target: string, mask: string) =>
      `${device}\t${target}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0`;
    const table = [
      "Iface\tDestination",
      route("eth0", "00000000", "00000000"),
      route("tun0", "000011AC", "0000FFFF"),
      route("docker0", "000011AC", "0000FFFF"),
    ].join("\n");
    assert.deepEqual(
      parseRoutes(table).map(({ device, prefix }) => `${device}/${prefix}`),
      ["tun0/16", "docker0/16"],
    );
    const files = {
      "/proc/net/route": table,
      "/proc/7/comm": "firewalld\n",
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
    };
    const found = await look(conflicts, { files });
    assert.match(found.get("routes")?.text ?? "", /172\.17\.0\.0\/16 \(tun0\)$/);
    assert.deepEqual(
      ["firewalld", "Docker", "ufw"].map((name) => stateOf(found, name)),
      ["warn", "ok", "warn"],
    );
    assert.equal(stateOf(await look(conflicts, { files }, { pools: ["10.0.0.0/8"] }), "routes"), "ok");
    assert.deepEqual(parseBlock("192.168.0.0/16"), { first: 0xc0a80000, prefix: 16 });
    assert.equal(parseBlock("fd00::/8"), undefined);
  });

  it("judges clocks, sockets and registries by what they say", () => {
    assert.equal(judgeTime(0).state, "fail");
    assert.equal(judgePace(100, 101).state, "ok");
    assert.equal(judgePace(900, 100).state, "warn");
    const now = Date.parse("2026-06-01T12:00:00Z");
    assert.match(judgeSkew("r", "Mon, 01 Jun 2026 12:05:00 GMT", now)[0]?.text ?? "", /300 seconds behind/);
    assert.equal(judgeSkew("r", "Mon, 01 Jun 2026 12:00:05 GMT", now)[0]?.state, "ok");
    assert.deepEqual(judgeSkew("r", undefined, now), []);
    assert.match(explainFailure("ENOTFOUND", "").text, /name servers/);
    assert.match(explainFailure("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate").mend, /certs\.d/);
    assert.deepEqual(engineIn('{"Platform":{"Name":"Wharf"},"Version":"1"}'), {
      kind: "engine",
      name: "Wharf",
      version: "1",
    });
    const engine = (name: string): Answerer => ({ kind: "engine", name, version: "1" });
    const besides = (name: string) =>
      judgeDefault(
        new Map([
          ["/var/run/docker.sock", engine(name)],
          ["/w.sock", engine("Wharf")],
        ]),
      );
    assert.equal(besides("Docker Engine")[0]?.state, "warn");
    assert.deepEqual(besides("Wharf"), []);
    assert.deepEqual(engineIn("<html>"), { kind: "stranger" });
  });

  it("draws a table that is plain without a terminal", () => {
    const findings: readonly Finding[] = [
      { name: "a", state: "ok", text: "fine" },
      { name: "long", state: "fail", text: "bad", breaks: "all", mend: "do" },
      { name: "b", state: "unseen", text: "dark" },
    ];
    const screen = { write: () => undefined, live: false, colour: false, fd: 1 };
    const sections = [{ name: "Part", findings }];
    assert.equal(
      drawSections(screen, sections, false),
      [
        "Part",
        "  ok    a     fine",
        "  FAIL  long  bad",
        "              breaks: all",
        "              mend:   do",
        "  -     b     dark",
        "",
        "1 failure, 0 warnings, 1 fine, 1 not seen (as root more can be)\n",
      ].join("\n"),
    );
    assert.equal(countOf(sections, "fail"), 1);
    assert.ok(drawSections({ ...screen, colour: true }, sections, true).includes("\x1b[31mFAIL\x1b[0m"));
  });
});
