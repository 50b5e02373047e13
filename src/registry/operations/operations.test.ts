import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runRegistryCommand } from "../commands/program.ts";
import { ROOT, setUp } from "../testing/accounts.ts";
import { sha256, startTestRegistry, TestRegistry } from "../testing/registry.ts";

/** Runs a command in this process; its exit code (which it may also leave in the process). */
async function run(...args: string[]): Promise<number> {
  const before = process.exitCode;
  try {
    process.exitCode = undefined;
    return await runRegistryCommand(args);
  } finally {
    process.exitCode = before;
  }
}

describe("backup, restore and verify", () => {
  it("bring a registry that is serving to another place, whole", async () => {
    await using registry = await startTestRegistry();
    await setUp(registry);
    const first = await registry.pushImage("team/app", "v1", { as: ROOT });
    const backup = join(registry.folder, "backup");
    assert.equal(await run("backup", "--data", registry.options.data, backup), 0);
    const second = await registry.pushImage("team/app", "v2", { as: ROOT });
    assert.equal(await run("backup", "--data", registry.options.data, backup), 0);
    await using copy = new TestRegistry();
    assert.equal(await run("restore", "--data", copy.options.data, backup), 0);
    assert.equal(await run("verify", "--data", copy.options.data), 0);
    await copy.start();
    for (const [tag, { manifest, layer }] of [
      ["v1", first],
      ["v2", second],
    ] as const) {
      assert.equal((await copy.ask("GET", `/v2/team/app/manifests/${tag}`, { as: ROOT })).text, manifest);
      assert.equal((await copy.ask("GET", `/v2/team/app/blobs/${layer}`, { as: ROOT })).status, 200);
    }
    assert.equal(await run("restore", "--data", copy.options.data, backup), 1, "not over something");
  });

  it("find contents that are lost, cut, or changed, and a trail that was tampered with", async () => {
    await using registry = await startTestRegistry();
    await setUp(registry);
    const digests = [];
    for (const name of ["lost", "cut", "changed"])
      digests.push(await registry.pushBlob("team/app", `${name} ${randomBytes(50)}`, { as: ROOT }));
    const data = registry.options.data;
    assert.equal(await run("verify", "--data", data), 0);
    const path = (digest = "") => join(data, "blobs/sha256", digest.slice(7, 9), digest.slice(7));
    rmSync(path(digests[0]));
    appendFileSync(path(digests[1]), "more");
    const content = readFileSync(path(digests[2]));
    content[0]! ^= 1;
    writeFileSync(path(digests[2]), content);
    assert.equal(await run("verify", "--data", data), 1);
    assert.equal((await registry.ask("HEAD", `/v2/team/app/blobs/${digests[0]}`, { as: ROOT })).status, 404);
  });

  it("a push of the same content mends one that is lost", async () => {
    await using registry = await startTestRegistry();
    const content = randomBytes(100);
    const digest = await registry.pushBlob("team/app", content);
    rmSync(join(registry.options.data, "blobs/sha256", digest.slice(7, 9), digest.slice(7)));
    await registry.pushBlob("team/app", content);
    assert.deepEqual((await registry.ask("GET", `/v2/team/app/blobs/${digest}`)).body, content);
  });

  it("refuse folders that hold nothing of theirs", async () => {
    assert.equal(await run("verify", "--data", "/nonexistent"), 1);
    assert.equal(await run("restore", "--data", "/nonexistent/data", "/nonexistent"), 1);
  });
});

describe("running", () => {
  it("is for one process at a time", async () => {
    await using registry = await startTestRegistry();
    const second = new TestRegistry({ data: registry.options.data });
    await assert.rejects(second.start(), { kind: "conflict" });
    assert.equal(await run("gc", "--data", registry.options.data), 1);
    await second[Symbol.asyncDispose]();
  });

  it("tells of its health and its numbers", async () => {
    await using registry = await startTestRegistry();
    await registry.pushImage("team/app", "v1");
    assert.deepEqual((await registry.ask("GET", "/healthz")).json(), { status: "ok" });
    assert.deepEqual((await registry.ask("GET", "/readyz")).json(), { status: "ok", faults: [] });
    const { text } = await registry.ask("GET", "/metrics");
    assert.match(
      text,
      /^wharf_registry_requests_total\{method="PUT",route="\/v2\/\{name\}\/manifests\/\{reference\}",status="201"\} 1$/m,
    );
    assert.match(text, /^wharf_registry_blobs 3$/m);
    for (const line of text.trimEnd().split("\n"))
      assert.match(line, /^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{.*\})? [0-9.e+-]+)$/);
  });

  it("writes one line of JSON per request", async () => {
    const lines: string[] = [];
    await using registry = await startTestRegistry({ accessLog: (text) => lines.push(text) });
    await registry.ask("GET", "/v2/team/app/tags/list?n=5", { headers: { "user-agent": 'a "client"\\' } });
    await registry.stop();
    const line = JSON.parse(lines.join("").trimEnd()) as Record<string, unknown>;
    assert.deepEqual(
      [line["method"], line["path"], line["status"], line["actor"], line["agent"]],
      ["GET", "/v2/team/app/tags/list", 404, "open", 'a "client"\\'],
    );
  });

  it("lets uploads under way finish when it is told to stop", async () => {
    await using registry = await startTestRegistry();
    const content = randomBytes(100_000);
    const { promise: half, resolve } = Promise.withResolvers<() => void>();
    const uploads = () => readdirSync(join(registry.options.data, "uploads"));
    const push = registry.ask("POST", `/v2/team/app/blobs/uploads/?digest=${sha256(content)}`, {
      headers: { "content-length": content.length },
      write: (request) => {
        request.write(content.subarray(0, 50_000), () =>
          resolve(() => request.end(content.subarray(50_000))),
        );
      },
    });
    const finish = await half;
    while (uploads().length === 0) await sleep(2);
    const { port } = registry.running;
    const stopped = registry.stop();
    finish();
    assert.equal((await push).status, 201);
    await stopped;
    const refused = connect(port, "127.0.0.1");
    await assert.rejects(once(refused, "connect"), { code: "ECONNREFUSED" });
    await registry.start();
    assert.equal((await registry.ask("GET", `/v2/team/app/blobs/${sha256(content)}`)).status, 200);
  });

  it("closes connections on which nothing moves, and keeps what they had sent", async () => {
    await using registry = await startTestRegistry({ idleTime: 200 });
    const { headers } = await registry.ask("POST", "/v2/team/app/blobs/uploads/");
    const socket = connect(registry.running.port, "127.0.0.1");
    socket.write(`PATCH ${headers.location} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome`);
    socket.on("error", () => undefined);
    await once(socket, "close");
    const other = await registry.ask("GET", "/v2/");
    assert.equal(other.status, 200);
    assert.equal(readdirSync(join(registry.options.data, "uploads")).length, 1);
  });
});

describe("the page", () => {
  it("is served with a policy that lets nothing else in, and nothing else of the disk", async () => {
    await using registry = await startTestRegistry();
    for (const path of [
      "/static/../registry.ts",
      "/static/%2e%2e/routes.ts",
      "/static/..%2froutes.ts",
      "/static/x.ts",
    ])
      assert.equal((await registry.ask("GET", path)).status, 404, path);
  });
});
