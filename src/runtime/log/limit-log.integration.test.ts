import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Runtime } from "../runtime.ts";
import { allOf, Exits, Host } from "../testing/host.ts";
import { LogFiles } from "./files.ts";

const KIB = 1024;

describe("limits of a container's log", () => {
  let host: Host;
  let runtime: Runtime;
  let exits: Exits;
  before(async () => {
    host = new Host();
    runtime = await host.open();
    exits = new Exits(runtime);
  });
  after(() => host[Symbol.asyncDispose]());

  it("begins new files while the program writes, and loses no line", async () => {
    const request = host.request(runtime, "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); echo $i; done");
    const limits = { maxSize: 200 * KIB, maxFiles: 1000, compress: true };
    await runtime.create(request);
    await using _limiter = runtime.limitLog(request.id, request.logPath, limits);
    await runtime.start(request.id);
    await exits.of(request.id);
    const { ended } = await new LogFiles(request.logPath).numbers();
    assert.ok(ended.length > 1, `${ended.length} files`);
    const lines = await allOf(runtime.readLog(request.logPath, { follow: false }));
    assert.equal(lines.length, 300_000);
    assert.ok(lines.every((line, index) => line === `stdout ${index + 1}\n`));
    assert.deepEqual(await allOf(runtime.readLog(request.logPath, { follow: false, tail: 2 })), [
      "stdout 299999\n",
      "stdout 300000\n",
    ]);
    await runtime.remove(request.id);
  });

  it("keeps as many files as it was told", async () => {
    const request = host.request(runtime, "seq 1 200000; read line");
    const started = { ...request, stdin: true, logPath: join(host.folder, "few.log") };
    await runtime.create(started);
    const files = new LogFiles(started.logPath);
    {
      await using _limiter = runtime.limitLog(request.id, started.logPath, {
        maxSize: 100 * KIB,
        maxFiles: 2,
        compress: false,
      });
      await runtime.start(request.id);
      for await (const entries of runtime.readLog(started.logPath, { follow: true }))
        if (entries.some(({ data }) => Buffer.from(data).toString() === "200000\n")) break;
    }
    const { ended, live } = await files.numbers();
    assert.equal(live, true);
    assert.ok(ended.length <= 2, `${ended.length} files`);
    await runtime.remove(request.id);
  });

  it("has a new file begun that an engine before it only moved away", async () => {
    const request = host.request(runtime, "echo before; read line; echo after", { stdin: true });
    await runtime.create(request);
    const stdio = await runtime.attach(request.id);
    await runtime.start(request.id);
    for await (const _chunk of stdio.output()) break;
    const files = new LogFiles(request.logPath);
    await files.end();
    assert.equal((await files.numbers()).live, false);
    await using _limiter = runtime.limitLog(request.id, request.logPath, {
      maxSize: KIB,
      maxFiles: 5,
      compress: false,
    });
    while (!(await files.numbers()).live) await new Promise((resolve) => setImmediate(resolve));
    const writer = await runtime.attach(request.id);
    await writer.write(Buffer.from("go\n"));
    await exits.of(request.id);
    assert.deepEqual(await allOf(runtime.readLog(request.logPath, { follow: false })), [
      "stdout before\n",
      "stdout after\n",
    ]);
    stdio.close();
    writer.close();
    await runtime.remove(request.id);
  });
});
