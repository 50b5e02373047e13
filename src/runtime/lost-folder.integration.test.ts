import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { CreateProcess, Runtime } from "./runtime.ts";
import { collect, Exits, Host } from "./testing/host.ts";

async function started(runtime: Runtime, host: Host, script: string): Promise<CreateProcess> {
  const request = host.request(runtime, script);
  await runtime.create(request);
  await runtime.start(request.id);
  return request;
}

const execIn = (runtime: Runtime, { id, runtime: choice, spec }: CreateProcess, tty: boolean) =>
  runtime.exec({
    id: `exec-${tty}`,
    containerId: id,
    runtime: choice,
    process: { ...spec.process!, args: ["echo", "hello"], terminal: tty },
    tty,
    stdin: false,
  });

describe("a container whose exit folder is gone", () => {
  it("still ends, and that is told", { timeout: 20_000 }, async () => {
    await using host = new Host();
    const runtime = await host.open();
    const exits = new Exits(runtime);
    const { id } = await started(runtime, host, "sleep 1000");
    rmSync(join(host.execRoot, "exits"), { recursive: true });
    await runtime.kill(id, 9);
    assert.equal((await exits.of(id)).code, 137);
    await runtime.remove(id);
    assert.deepEqual(await runtime.traces(), []);
  });
});

describe("a runtime whose exec root was emptied", { timeout: 60_000 }, () => {
  it("keeps hold of what runs, learns how it ends, and starts more", async () => {
    await using host = new Host();
    const runtime = await host.open();
    const exits = new Exits(runtime);
    const ends = await started(runtime, host, "trap 'exit 7' TERM; while :; do sleep 0.05; done");
    const stays = await started(runtime, host, "sleep 1000");
    for (const name of readdirSync(host.execRoot)) rmSync(join(host.execRoot, name), { recursive: true });

    const fresh = await started(runtime, host, "exit 3");
    assert.equal((await exits.of(fresh.id)).code, 3);
    await runtime.kill(ends.id, 15);
    assert.equal((await exits.of(ends.id)).code, 7);
    await runtime.pause(stays.id);
    await runtime.resume(stays.id);
    for (const tty of [false, true])
      await assert.rejects(execIn(runtime, stays, tty), {
        kind: "conflict",
        message: /was deleted .* restarted/,
      });
    await assert.rejects(runtime.update(stays.id, { CpuShares: 512 }), {
      message: /was deleted .* restarted/,
    });
    const other = await started(runtime, host, "sleep 1000");
    const { stdio, exited } = await execIn(runtime, other, false);
    assert.equal((await collect(stdio!)).stdout, "hello\n");
    assert.equal((await exited).code, 0);
    for (const { id } of [fresh, ends, stays, other]) await runtime.remove(id);
    assert.deepEqual(await runtime.traces(), []);
  });
});
