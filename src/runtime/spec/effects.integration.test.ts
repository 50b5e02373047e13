import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Runtime } from "../runtime.ts";
import { collect, Exits, Host } from "../testing/host.ts";
import type { HostDocument, SpecInput } from "./input.ts";

describe("what the spec does to a container", () => {
  let host: Host;
  let runtime: Runtime;
  let exits: Exits;

  before(async () => {
    host = new Host();
    runtime = await host.open();
    exits = new Exits(runtime);
  });
  after(() => host[Symbol.asyncDispose]());

  /** The output of a script in such a container. */
  async function output(
    script: string,
    document: HostDocument = {},
    input: Partial<SpecInput> = {},
  ): Promise<string> {
    const request = host.request(runtime, script, {
      input: { args: ["/bin/sh", "-c", script], host: document, ...input },
    });
    await runtime.create(request);
    const stdio = await runtime.attach(request.id);
    await runtime.start(request.id);
    const { stdout, stderr } = await collect(stdio);
    await exits.of(request.id);
    await runtime.remove(request.id);
    return stdout + stderr;
  }

  it("limits", async () => {
    const script =
      "cd /sys/fs/cgroup; head -n 1 memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us pids/pids.max cpu/cpu.shares";
    const document = { Memory: 32 << 20, NanoCpus: 5e8, PidsLimit: 20, CpuShares: 77 };
    if (host.kernel.cgroups.mode === "v2") return;
    const shown = await output(script, document);
    assert.deepEqual(shown.match(/^\d+$/gm), [String(32 << 20), "50000", "20", "77"]);
  });

  it("user, groups, folder, environment and names", async () => {
    const user = { uid: 12, gid: 34, additionalGids: [56] };
    const shown = await output(
      "id -u; id -g; id -G; pwd; echo $A; hostname; cat /proc/sys/kernel/domainname",
      {},
      {
        user,
        cwd: "/tmp",
        env: ["PATH=/bin", "A=b"],
        hostname: "ship",
        process: { Domainname: "sea" },
      },
    );
    assert.equal(shown, "12\n34\n34 56\n/tmp\nb\nship\nsea\n");
  });

  it("capabilities, no-new-privileges and seccomp", async () => {
    const shown = await output("grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status", {
      CapDrop: ["ALL"],
      CapAdd: ["CHOWN"],
      SecurityOpt: ["no-new-privileges"],
    });
    assert.equal(shown, "CapBnd:\t0000000000000001\nNoNewPrivs:\t1\nSeccomp:\t2\n");
    assert.match(await output("mount -t tmpfs x /tmp"), /Operation not permitted|permission denied/);
  });

  it("ulimits, sysctls and OOM score", async () => {
    const document = {
      Ulimits: [{ Name: "nofile", Soft: 64, Hard: 128 }],
      Sysctls: { "net.ipv4.ip_forward": "1" },
      OomScoreAdj: 300,
    };
    const shown = await output(
      "ulimit -Sn; ulimit -Hn; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/self/oom_score_adj",
      document,
    );
    assert.equal(shown, "64\n128\n1\n0\n300\n");
  });

  it("masked and read-only paths", async () => {
    assert.match(
      await output("wc -c < /proc/interrupts; echo x > /proc/sys/kernel/domainname"),
      /^0\n.*Read-only file system\n$/,
    );
  });

  it("a read-only root with writable mounts", async () => {
    const folder = join(host.folder, "volume");
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), "text");
    const shown = await output(
      "touch /x; touch /dev/shm/x /run/x && cat /v/file; touch /v/x",
      { ReadonlyRootfs: true, Tmpfs: { "/run": "size=64k" } },
      {
        mounts: [{ source: folder, destination: "/v", readonly: true }],
      },
    );
    assert.equal(shown, "texttouch: /x: Read-only file system\ntouch: /v/x: Read-only file system\n");
  });

  it("a tmpfs and /dev/shm of the wished size", async () => {
    const shown = await output("grep -E ' /(t|dev/shm) ' /proc/self/mounts", {
      Tmpfs: { "/t": "size=64k,mode=700" },
      ShmSize: 1 << 20,
    });
    assert.match(shown, /\/dev\/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=1024k/);
    assert.match(shown, /\/t tmpfs rw,nosuid,nodev,noexec,relatime,size=64k,mode=700/);
  });

  it("devices", async () => {
    assert.match(
      await output("ls /dev; head -c 1 /dev/x | wc -c", {
        Devices: [{ PathOnHost: "/dev/zero", PathInContainer: "/dev/x", CgroupPermissions: "r" }],
      }),
      /\nx\n(.*\n)*1\n$/,
    );
  });

  it("privileges: all devices, writable /sys, nothing masked, no filter", async () => {
    const shown = await output(
      "grep Seccomp: /proc/self/status; touch /sys/fs/cgroup 2>&1; grep -c /proc/interrupts /proc/self/mounts; mount -t tmpfs x /tmp && echo mounted",
      { Privileged: true },
    );
    assert.equal(shown, "Seccomp:\t0\n0\nmounted\n");
  });

  it("the host's process namespace, of which nothing stays running", async () => {
    const namespaces = { ...host.input("x").namespaces, pid: "host" } as const;
    const request = host.request(runtime, "sleep 1000 & echo $!", {
      input: { args: ["/bin/sh", "-c", "sleep 1000 & echo $!"], namespaces },
    });
    await runtime.create(request);
    const stdio = await runtime.attach(request.id);
    await runtime.start(request.id);
    const first = await stdio.output()[Symbol.asyncIterator]().next();
    await exits.of(request.id);
    assert.equal(
      host.kernel.processes.open(Number(Buffer.from(first.value?.data ?? []).toString())),
      undefined,
    );
    stdio.close();
    await runtime.remove(request.id);
  });
});
