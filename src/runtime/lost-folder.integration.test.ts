import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Exits, Host } from "./testing/host.ts";

describe("a container whose exit folder is gone", () => {
  it("still ends, and that is told", { timeout: 20_000 }, async () => {
    await using host = new Host();
    const runtime = await host.open();
    const exits = new Exits(runtime);
    const request = host.request(runtime, "sleep 1000");
    await runtime.create(request);
    await runtime.start(request.id);
    rmSync(join(host.execRoot, "exits"), { recursive: true });
    await runtime.kill(request.id, 9);
    assert.equal((await exits.of(request.id)).code, 137);
    await runtime.remove(request.id);
    assert.deepEqual(await runtime.traces(), []);
  });
});
