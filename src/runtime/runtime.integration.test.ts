import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Runtime } from "./runtime.ts";
import { allOf, collect, Exits, Host } from "./testing/host.ts";

describe("containers under conmon", () => {
  let host: Host;
  let runtime: Runtime;
  let exits: Exits;

  before(async () => {
    host = new Host();
    runtime = await host.open();
    exits = new Exits(runtime);
  });
  after(() => host[Symbol.asyncDispose]());

  async function finish(request: Parameters<Runtime["create"]>[0]) {
    await runtime.create(request);
    await runtime.start(request.id);
    return exits.of(request.id);
  }

  it("runs a program, tells its exit code and logs its output", async () => {
    const request = host.request(runtime, "echo out; echo err >&2; exit 3");
    const exit = await finish(request);
    assert.equal(exit.code, 3);
    assert.equal(exit.oomKilled, false);
    assert.match(exit.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    assert.deepEqual((await allOf(runtime.readLog(request.logPath, { follow: false }))).toSorted(), [
      "stderr err\n",
      "stdout out\n",
    ]);
    await runtime.remove(request.id);
  });

  it("leaves nothing behind after remove", async () => {
    const request = host.request(runtime, "true");
    await finish(request);
    await runtime.remove(request.id);
    assert.deepEqual(await runtime.traces(), []);
    assert.deepEqual(readdirSync(join(host.execRoot, "containers")), []);
  });

  it("removes a container that still runs", async () => {
    const request = host.request(runtime, "sleep 1000");
    const { pid, monitorPid } = await runtime.create(request);
    await runtime.start(request.id);
    await runtime.remove(request.id);
    assert.equal(host.kernel.processes.open(pid), undefined);
    assert.equal((await exits.of(request.id)).code, 137);
    assert.deepEqual(await runtime.traces(), []);
    using monitor = host.kernel.processes.open(monitorPid);
    await monitor?.ended;
  });

  it("misses no byte for a client that attaches before start", async () => {
    const request = host.request(runtime, "echo first; echo second >&2");
    await runtime.create(request);
    const stdio = await runtime.attach(request.id);
    await runtime.start(request.id);
    assert.deepEqual(await collect(stdio), { stdout: "first\n", stderr: "second\n" });
    await runtime.remove(request.id);
  });

  it("carries input, and its end, to the program", async () => {
    const request = host.request(runtime, ["/bin/cat"], { stdin: true, stdinOnce: true });
    await runtime.create(request);
    const stdio = await runtime.attach(request.id);
    const output = collect(stdio);
    await runtime.start(request.id);
    await stdio.write(Buffer.from("hello "));
    await stdio.write(Buffer.from("world"));
    await stdio.end();
    assert.deepEqual(await output, { stdout: "hello world", stderr: "" });
    assert.equal((await exits.of(request.id)).code, 0);
    await runtime.remove(request.id);
  });

  it("keeps stdin open across clients unless StdinOnce", async () => {
    const request = host.request(runtime, "read a; read b; echo $a$b", { stdin: true });
    await runtime.create(request);
    await runtime.start(request.id);
    const first = await runtime.attach(request.id);
    await first.write(Buffer.from("one\n"));
    await first.end();
    first.close();
    const second = await runtime.attach(request.id);
    const output = collect(second);
    await second.write(Buffer.from("two\n"));
    assert.equal((await output).stdout, "onetwo\n");
    await runtime.remove(request.id);
  });

  it("does not end a StdinOnce container's stdin when a mere reader goes", async () => {
    const request = host.request(runtime, "read a; echo got $a", { stdin: true, stdinOnce: true });
    await runtime.create(request);
    await runtime.start(request.id);
    const reader = await runtime.attach(request.id, { stdin: false });
    reader.close();
    const writer = await runtime.attach(request.id);
    const output = collect(writer);
    await writer.write(Buffer.from("line\n"));
    assert.equal((await output).stdout, "got line\n");
    await runtime.remove(request.id);
  });

  it("serves several clients at once", async () => {
    const request = host.request(runtime, "seq 1 2000");
    await runtime.create(request);
    const clients = await Promise.all([1, 2, 3].map(() => runtime.attach(request.id)));
    const outputs = clients.map(collect);
    await runtime.start(request.id);
    const expected = `${Array.from({ length: 2000 }, (_, i) => i + 1).join("\n")}\n`;
    for (const { stdout } of await Promise.all(outputs)) assert.equal(stdout, expected);
    await runtime.remove(request.id);
  });

  it("waits for a monitor that is slow to take up its clients, but not for those that have gone", async () => {
    const request = host.request(runtime, "echo said at once");
    const { monitorPid } = await runtime.create(request);
    process.kill(monitorPid, "SIGSTOP");
    const clients = await Promise.all([1, 2, 3, 4].map(() => runtime.attach(request.id)));
    clients.pop()?.close();
    const outputs = clients.map(collect);
    const started = runtime.start(request.id);
    // Longer than it takes to start a container, and than a busy machine lets a process wait.
    const early = await Promise.race([started.then(() => true), sleep(1000, false)]);
    process.kill(monitorPid, "SIGCONT");
    assert.equal(early, false, "it is not started before all are heard");
    await started;
    for (const { stdout } of await Promise.all(outputs)) assert.equal(stdout, "said at once\n");
    await runtime.remove(request.id);
  });

  it("has resized a terminal before what is typed next comes there, however busy the monitor is", async () => {
    const wished = { tty: true, stdin: true, input: { process: { Tty: true } } };
    const request = host.request(runtime, "read x; stty size", wished);
    const { monitorPid } = await runtime.create(request);
    const output = collect(await runtime.attach(request.id));
    const typist = await runtime.attach(request.id);
    await runtime.start(request.id);
    process.kill(monitorPid, "SIGSTOP");
    const resized = runtime.resize(request.id, { width: 99, height: 33 });
    const early = await Promise.race([resized.then(() => true), sleep(200, false)]);
    process.kill(monitorPid, "SIGCONT");
    assert.equal(early, false);
    await resized;
    await typist.write(Buffer.from("\n"));
    assert.match((await output).stdout, /33 99\r\n$/);
    typist.close();
    await runtime.remove(request.id);
  });

  it("gives a terminal of the wished size and resizes it", async () => {
    const request = host.request(runtime, "stty size; read x; stty size", {
      tty: true,
      stdin: true,
      input: { consoleSize: { width: 91, height: 31 }, process: { Tty: true } },
    });
    await runtime.create(request);
    const stdio = await runtime.attach(request.id);
    const output = stdio.output()[Symbol.asyncIterator]();
    await runtime.start(request.id);
    assert.equal(Buffer.from((await output.next()).value.data).toString(), "31 91\r\n");
    await runtime.resize(request.id, { width: 100, height: 40 });
    await stdio.write(Buffer.from("\n"));
    let rest = "";
    for (let item = await output.next(); !item.done; item = await output.next())
      rest += Buffer.from(item.value.data);
    assert.match(rest, /40 100\r\n$/);
    await runtime.remove(request.id);
  });

  it("kills with any signal, and tells when there is nothing to kill", async () => {
    const request = host.request(runtime, "trap 'exit 9' USR1; echo ready; while :; do sleep 0.01; done");
    await runtime.create(request);
    const stdio = await runtime.attach(request.id);
    await runtime.start(request.id);
    await stdio.output()[Symbol.asyncIterator]().next();
    assert.equal(await runtime.kill(request.id, 10), true);
    assert.equal((await exits.of(request.id)).code, 9);
    assert.equal(await runtime.kill(request.id, 9), false);
    stdio.close();
    await runtime.remove(request.id);
  });

  it("pauses and resumes", async () => {
    const request = host.request(runtime, "while :; do echo x; sleep 0.01; done");
    await runtime.create(request);
    await runtime.start(request.id);
    await runtime.pause(request.id);
    await runtime.resume(request.id);
    await runtime.pause(request.id);
    // A frozen container must end, too.
    await runtime.resume(request.id);
    await runtime.kill(request.id, 9);
    assert.equal((await exits.of(request.id)).code, 137);
    await runtime.remove(request.id);
  });

  it("tells that the kernel's OOM killer ended it", async () => {
    const request = host.request(runtime, "dd if=/dev/zero of=/dev/null bs=200M count=1", {
      input: { host: { Memory: 16 * 1024 * 1024, MemorySwap: 16 * 1024 * 1024 } },
    });
    const exit = await finish(request);
    assert.equal(exit.oomKilled, true);
    assert.equal(exit.code, 137);
    await runtime.remove(request.id);
  });

  for (const [program, expected] of [
    ["nosuch", 'exec: "nosuch": executable file not found in $PATH: unknown'],
    ["/nosuch", 'exec: "/nosuch": stat /nosuch: no such file or directory: unknown'],
    ["/etc", 'exec: "/etc": permission denied: unknown'],
  ] as const) {
    it(`says in Docker's words why ${program} cannot be run, and leaves nothing`, async () => {
      await assert.rejects(
        runtime.create(host.request(runtime, [program])),
        (error: Error & { kind?: string }) => {
          assert.equal(error.kind, "invalidParameter");
          assert.ok(error.message.endsWith(expected), error.message);
          return true;
        },
      );
      assert.deepEqual(await runtime.traces(), []);
    });
  }

  it("runs forty containers at once", async () => {
    const requests = Array.from({ length: 40 }, (_, index) => host.request(runtime, `exit ${index}`));
    const codes = await Promise.all(requests.map(async (request) => (await finish(request)).code));
    assert.deepEqual(
      codes,
      requests.map((_, index) => index),
    );
    await Promise.all(requests.map(({ id }) => runtime.remove(id)));
    assert.deepEqual(await runtime.traces(), []);
    assert.equal(new Set(exits.seen).size, exits.seen.length, "an end was told twice");
  });

  it("keeps no log when there is no path for it", async () => {
    const request = host.request(runtime, "echo x");
    await finish({ ...request, logPath: undefined });
    assert.equal(existsSync(request.logPath), false);
    await runtime.remove(request.id);
  });
});
