import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { after, describe, it } from "node:test";
import { linuxKernel } from "./index.ts";

const { processes, packetSockets } = linuxKernel();
const descriptors = () => readdirSync("/proc/self/fd").length;
after(() => packetSockets.close());

async function sleeper() {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  await once(child, "spawn");
  return child;
}

describe("processes", () => {
  it("sees one end, by signal, once", async () => {
    const child = await sleeper();
    using handle = processes.open(child.pid!)!;
    assert.equal(handle.isAlive(), true);
    assert.equal(handle.signal(0), true);
    const { ended } = handle;
    assert.equal(handle.signal(15), true);
    await ended;
    assert.equal(handle.isAlive(), false);
    assert.equal(handle.signal(15), false);
    await handle.ended;
  });

  it("takes a zombie for ended", async () => {
    // The shell's child is done at once, and the shell never waits for it: it has become something that does not.
    const shell = spawn("sh", ["-c", "true & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(shell.stdout, "data")) as [Buffer];
    const pid = Number(line);
    using handle = processes.open(pid);
    await handle?.ended;
    assert.equal(handle?.isAlive() ?? false, false);
    assert.equal(processes.open(pid), undefined);
    shell.kill();
    await once(shell, "exit");
  });

  it("finds nothing under a number nobody has", async () => {
    const child = await sleeper();
    child.kill();
    await once(child, "exit");
    for (const pid of [child.pid!, 0, -1, 1.5, 2 ** 22 + 1]) assert.equal(processes.open(pid), undefined);
    assert.equal(processes.startTime(child.pid!), undefined);
  });

  it("tells start times apart", async () => {
    const own = processes.startTime(process.pid)!;
    assert.ok(own > processes.startTime(1)!);
    assert.equal(processes.startTime(process.pid), own);
  });

  it("watches many at once and leaks no descriptor", async () => {
    await packetSockets.close();
    const before = descriptors();
    const children = await Promise.all(Array.from({ length: 30 }, sleeper));
    const handles = children.map(({ pid }) => processes.open(pid!)!);
    const all = Promise.all(handles.map(({ ended }) => ended));
    for (const child of children) child.kill();
    await all;
    for (const handle of handles) handle[Symbol.dispose]();
    await packetSockets.close();
    assert.equal(descriptors(), before);
  });

  it("lets go of a process that lives on", async () => {
    const child = await sleeper();
    const before = descriptors();
    const handle = processes.open(child.pid!)!;
    let settled = false;
    void handle.ended.then(() => {
      settled = true;
    });
    handle[Symbol.dispose]();
    assert.equal(handle.isAlive(), false);
    assert.equal(handle.signal(9), false);
    await packetSockets.close();
    assert.equal(settled, false);
    assert.equal(descriptors(), before);
    child.kill();
  });

  it("still knows its process after the thread has ended", async () => {
    const child = await sleeper();
    using handle = processes.open(child.pid!)!;
    void handle.ended;
    await packetSockets.close();
    assert.equal(handle.isAlive(), true);
    assert.equal(handle.signal(9), true);
    await once(child, "exit");
    assert.equal(handle.isAlive(), false);
  });

  it("knows the limits of this process", () => {
    const { soft, hard } = processes.limit("nofile");
    assert.ok(soft > 0n && soft <= hard);
    assert.throws(() => processes.limit("none"), { name: "KernelError", code: "EINVAL" });
  });
});
