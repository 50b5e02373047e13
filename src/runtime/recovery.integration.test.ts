import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Runtime } from "./runtime.ts";
import { allOf, Exits, Host } from "./testing/host.ts";

describe("containers of an engine that went away", () => {
  let host: Host;
  let first: Runtime;

  before(async () => {
    host = new Host();
    first = await host.open();
  });
  after(() => host[Symbol.asyncDispose]());

  /** As after a start anew: nothing but what lies on the exec root is known. One engine at a time watches a container. */
  async function again(): Promise<{ readonly runtime: Runtime; readonly exits: Exits }> {
    await first.close();
    first = await host.open();
    return { runtime: first, exits: new Exits(first) };
  }

  it("are found running, watched, and can be attached to", async () => {
    const request = host.request(first, "read x; echo got $x; exit 4", { stdin: true });
    const { pid, monitorPid } = await first.create(request);
    await first.start(request.id);
    const { runtime, exits } = await again();
    const found = await runtime.recover([request.id]);
    assert.deepEqual(found.get(request.id), { status: "running", pid, monitorPid });
    const stdio = await runtime.attach(request.id);
    await stdio.write(Buffer.from("it\n"));
    assert.equal((await exits.of(request.id)).code, 4);
    assert.deepEqual(await allOf(runtime.readLog(request.logPath, { follow: false })), ["stdout got it\n"]);
    stdio.close();
    await runtime.remove(request.id);
  });

  it("are found created, and can be started", async () => {
    const request = host.request(first, "exit 6");
    await first.create(request);
    const { runtime, exits } = await again();
    assert.equal((await runtime.recover([request.id])).get(request.id)?.status, "created");
    await runtime.start(request.id);
    assert.equal((await exits.of(request.id)).code, 6);
    await runtime.remove(request.id);
  });

  it("are found ended, with exit code and time, and their end is told", async () => {
    const ends = new Exits(first);
    const request = host.request(first, "exit 8");
    await first.create(request);
    await first.start(request.id);
    const exit = await ends.of(request.id);
    const { runtime, exits } = await again();
    const found = (await runtime.recover([request.id])).get(request.id);
    assert.equal(found?.status === "exited" && found.exit.code, exit.code);
    assert.equal((await exits.of(request.id)).code, 8);
    await runtime.remove(request.id);
    assert.deepEqual(await runtime.traces(), []);
  });

  it("are lost when nothing of them is left", async () => {
    assert.deepEqual((await first.recover(["gone"])).get("gone"), { status: "lost" });
  });

  it("are ended when their monitor was killed meanwhile", async () => {
    const request = host.request(first, "sleep 1000");
    const { pid, monitorPid } = await first.create(request);
    await first.start(request.id);
    const ended = new Exits(first).of(request.id);
    process.kill(monitorPid, "SIGKILL");
    assert.equal((await ended).code, 137);
    assert.equal(host.kernel.processes.open(pid), undefined);
    const { runtime } = await again();
    assert.equal((await runtime.recover([request.id])).get(request.id)?.status, "exited");
    await runtime.remove(request.id);
    assert.deepEqual(await runtime.traces(), []);
  });

  it("show as traces, and can be removed by an engine that never knew them", async () => {
    const request = host.request(first, "sleep 1000");
    const { pid } = await first.create(request);
    await first.start(request.id);
    const { runtime } = await again();
    assert.deepEqual(await runtime.traces(), [request.id]);
    await runtime.remove(request.id);
    assert.deepEqual(await runtime.traces(), []);
    assert.equal(host.kernel.processes.open(pid), undefined);
  });
});
