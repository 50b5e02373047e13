import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const KINDS = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"] as const;
type Kind = (typeof KINDS)[number];

describe("namespaces", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
    await engine.ok("run", "-d", "--name", "donor", "--ipc", "shareable", "busybox", "sleep", "1000");
  });
  after(() => engine[Symbol.asyncDispose]());

  const namespacesOf = (pid: number | string) =>
    Object.fromEntries(KINDS.map((kind) => [kind, readlinkSync(`/proc/${pid}/ns/${kind}`)])) as Record<
      Kind,
      string
    >;

  /** Starts a container with these options; which of its namespaces are another process's. */
  async function sharedWith(pid: number | string, ...options: string[]): Promise<readonly Kind[]> {
    const id = await engine.ok("run", "-d", ...options, "busybox", "sleep", "1000");
    const own = namespacesOf(await engine.ok("inspect", "-f", "{{.State.Pid}}", id));
    const theirs = namespacesOf(pid);
    await engine.ok("rm", "-f", id);
    return KINDS.filter((kind) => own[kind] === theirs[kind]);
  }

  /** cgroup namespaces are private by default on v2 alone. */
  const host = async (...options: string[]) =>
    (await sharedWith(engine.pid, "--cgroupns", "private", ...options)).join(" ");

  it("are new by default, but for those of users and time", async () => {
    assert.equal(await host(), "time user");
  });

  it("are the host's where that is asked for", async () => {
    assert.equal(await host("--pid", "host"), "pid time user");
    assert.equal(await host("--ipc", "host"), "ipc time user");
    assert.equal(await host("--uts", "host"), "time user uts");
    assert.equal(await host("--network", "host"), "net time user");
    assert.equal(await host("--userns", "host"), "time user");
    assert.equal(await host("--cgroupns", "host"), "cgroup time user");
    assert.equal(await host("--privileged"), "time user");
  });

  it("are another container's where that is asked for", async () => {
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "donor");
    const donor = async (...options: string[]) =>
      (await sharedWith(pid, "--cgroupns", "private", ...options)).join(" ");
    assert.equal(await donor(), "time user");
    assert.equal(await donor("--pid", "container:donor"), "pid time user");
    assert.equal(await donor("--ipc", "container:donor"), "ipc time user");
    assert.equal(await donor("--network", "container:donor"), "net time user");
  });

  it("may be those of a container that is made later, but not one's own", async () => {
    await engine.ok("create", "--name", "early", "--network", "container:late", "busybox", "true");
    for (const mode of ["--pid", "--ipc"]) {
      const refused = await engine.docker(["create", mode, "container:late", "busybox", "true"]);
      assert.match(refused.stderr, /No such container: late/);
    }
    const tooEarly = await engine.docker(["start", "early"]);
    assert.match(tooEarly.stderr, /No such container: late/);
    await engine.ok("run", "-d", "--name", "late", "busybox", "sleep", "1000");
    await engine.ok("start", "early");
    await engine.ok("rm", "-f", "early", "late");
    const self = await engine.docker(["run", "--name", "self", "--network", "container:self", "busybox"]);
    assert.match(self.stderr, /cannot join own network namespace/);
    await engine.ok("rm", "self");
    const nobody = await engine.docker(["create", "--network", "container", "busybox"]);
    assert.match(nobody.stderr, /invalid container format container:<name\|id>/);
  });

  it("ipc: private, shareable, none and container differ in /dev/shm", async () => {
    const shm = (...options: string[]) =>
      engine.ok(
        "run",
        "--rm",
        ...options,
        "busybox",
        "sh",
        "-c",
        "grep -c ' /dev/shm ' /proc/mounts; ls -d /dev/shm; true",
      );
    assert.equal(await shm("--ipc", "private"), "1\n/dev/shm");
    assert.equal(await shm("--ipc", "none"), "0");
    await engine.ok("exec", "donor", "sh", "-c", "echo shared > /dev/shm/file");
    assert.equal(
      await engine.ok("run", "--rm", "--ipc", "container:donor", "busybox", "cat", "/dev/shm/file"),
      "shared",
    );
    await engine.ok("run", "-d", "--name", "closed", "busybox", "sleep", "1000");
    const refused = await engine.docker(["run", "--rm", "--ipc", "container:closed", "busybox", "true"]);
    assert.match(refused.stderr, /non-shareable IPC \(hint: use IpcMode:shareable for the donor container\)/);
    await engine.ok("rm", "-f", "closed");
  });

  it("refuses modes that do not exist", async () => {
    for (const [option, words] of [
      ["--ipc=foo", /invalid IPC mode: foo|IPC mode/],
      ["--pid=foo", /invalid PID mode: foo|PID mode/],
      ["--uts=foo", /UTS mode/],
      ["--userns=foo", /user(ns| {1,2}namespace)? mode/i],
      ["--isolation=hyperv", /isolation/],
    ] as const) {
      const { code, stderr } = await engine.docker(["run", "--rm", option, "busybox", "true"]);
      assert.equal(code, 125, option);
      assert.match(stderr, words, option);
    }
  });
});
