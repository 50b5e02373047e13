import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { dockerPath, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { spawnInside } from "../support/inside.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

/** A registry that begins to send a blob, or to take one, and then never goes on. It tells when it was let go of. */
const HANGING = `
  const digest = "sha256:" + "a".repeat(64);
  const type = "application/vnd.oci.image.manifest.v1+json";
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 5000 };
  require("node:http").createServer((request, response) => {
    if (request.url === "/v2/") return response.end("{}");
    if (request.method === "HEAD") return response.writeHead(404).end();
    if (request.method === "POST") return response.writeHead(202, { Location: "/v2/x/blobs/uploads/1" }).end();
    if (request.url.includes("/manifests/")) {
      response.writeHead(200, { "Content-Type": type });
      return response.end(JSON.stringify({ schemaVersion: 2, config, layers: [] }));
    }
    if (request.method === "GET") response.writeHead(200, { "Content-Length": 5000 }).write("x");
    console.log("hangs");
    request.resume();
    response.on("close", () => console.log("closed"));
  }).listen(5000, "127.0.0.1", () => console.log("ready"));
`;

/** Runs a docker command until the registry hangs, then `leave`s; settles when the registry was let go of. */
async function whileHanging(
  engine: EngineUnderTest,
  args: readonly string[],
  leave: (client: ReturnType<typeof spawn>) => unknown,
): Promise<void> {
  await using server = await spawnInside(engine, process.execPath, "-e", HANGING);
  const said = async (word: string) => {
    for await (const [chunk] of on(server.process.stdout)) if (String(chunk).includes(word)) return;
  };
  const hangs = said("hangs");
  const client = spawn(dockerPath ?? "", args, {
    stdio: "ignore",
    env: { ...process.env, ...engine.clientEnv },
  });
  const over = once(client, "exit");
  await hangs;
  const closed = said("closed");
  leave(client);
  await closed;
  client.kill("SIGKILL");
  await over;
}
const on = async function* (stream: NodeJS.ReadableStream | null) {
  while (stream) yield (await once(stream, "data")) as [Buffer];
};

const OPERATIONS = [
  ["pull", "127.0.0.1:5000/x:1"],
  ["push", "127.0.0.1:5000/busybox:1"],
] as const;

describe("work on images ends", { skip: withoutRoot || withoutDocker, timeout: 180_000 }, () => {
  for (const args of OPERATIONS) {
    it(`when the client of a ${args[0]} goes away`, async () => {
      await using engine = await startEngine({ direct: true });
      await engine.ok("tag", "busybox", "127.0.0.1:5000/busybox:1");
      await whileHanging(engine, args, (client) => client.kill("SIGKILL"));
      assert.match(await engine.ok("images", "--format", "{{.Repository}}"), /busybox/);
    });

    it(`when the engine of a ${args[0]} is stopped, without waiting for the registry`, async () => {
      await using engine = await startEngine({ direct: true });
      await engine.ok("tag", "busybox", "127.0.0.1:5000/busybox:1");
      let ended: Promise<number | null> | undefined;
      await whileHanging(engine, args, () => {
        ended = engine.end("SIGTERM");
      });
      assert.equal(await ended, 0);
      await engine.start();
    });
  }

  it("when the client of a load goes away; nothing of it stays", async () => {
    await using engine = await startEngine({ direct: true });
    const blobs = () => readdirSync(join(engine.dataRoot, "content/blobs/sha256"));
    const before = blobs();
    const file = join(engine.folder, "half.tar");
    await engine.ok("save", "-o", file, "busybox");
    const client = spawn(dockerPath ?? "", ["load"], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...process.env, ...engine.clientEnv },
    });
    const { readFileSync } = await import("node:fs");
    const bytes = readFileSync(file);
    writeFileSync(file, "");
    await new Promise((resolve) => client.stdin?.write(bytes.subarray(0, bytes.length >> 1), resolve));
    const ingest = () => readdirSync(join(engine.dataRoot, "content/ingest")).length;
    while (ingest() === 0) await new Promise((resolve) => setImmediate(resolve));
    const over = once(client, "exit");
    client.kill("SIGKILL");
    await over;
    while (ingest() > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(blobs(), before);
  });
});
