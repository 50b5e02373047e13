import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import Docker from "dockerode";
import { withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("dockerode", { skip: withoutRoot }, () => {
  let engine: EngineUnderTest;
  let docker: Docker;
  before(async () => {
    engine = await startEngine();
    docker = new Docker({ socketPath: engine.socket });
  });
  after(() => engine[Symbol.asyncDispose]());

  it("asks for version and info", async () => {
    assert.equal((await docker.version()).ApiVersion, "1.50");
    const info = (await docker.info()) as { OSType: string; Driver: string; Containers: number };
    assert.deepEqual([info.OSType, info.Driver, info.Containers], ["linux", "overlay2", 0]);
  });

  it("runs a container and takes its streams apart", async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const said = Promise.all([once(stdout, "data"), once(stderr, "data")]);
    const command = ["sh", "-c", "echo out; echo err >&2; exit 3"];
    const run = await docker.run("busybox", command, [stdout, stderr], { Tty: false });
    const [result, container] = run as [{ StatusCode: number }, Docker.Container];
    assert.equal(result.StatusCode, 3);
    assert.deepEqual((await said).map(String), ["out\n", "err\n"]);
    await container.remove();
  });

  it("attaches by hijack, writes, half-closes and reads to the end", async () => {
    const container = await docker.createContainer({
      Image: "busybox",
      Cmd: ["cat"],
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
    });
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    });
    const stdout = new PassThrough();
    container.modem.demuxStream(stream, stdout, new PassThrough());
    stream.once("end", () => stdout.end());
    const read = text(stdout);
    await container.start();
    stream.end("through the pipe\n");
    assert.equal(await read, "through the pipe\n");
    assert.equal((await container.wait()).StatusCode, 0);
    await container.remove();
  });

  it("with a terminal the stream is raw, and can be resized", async () => {
    const container = await docker.createContainer({
      Image: "busybox",
      Cmd: ["sh", "-c", "stty size; read x; stty size"],
      Tty: true,
      OpenStdin: true,
    });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
    const read = text(stream);
    await container.start();
    await container.resize({ h: 33, w: 99 });
    stream.write("\n");
    assert.match(await read, /33 99\r\n$/);
    await container.remove({ force: true });
  });

  it("waits for the next exit and for the removal", async () => {
    const container = await docker.createContainer({
      Image: "busybox",
      Cmd: ["sh", "-c", "exit 2"],
      HostConfig: { AutoRemove: true },
    });
    const removed = container.wait({ condition: "removed" });
    await container.start();
    assert.equal(((await removed) as { StatusCode: number }).StatusCode, 2);
    await assert.rejects(container.inspect(), { statusCode: 404 });
  });

  it("reads logs as frames", async () => {
    const container = await docker.createContainer({
      Image: "busybox",
      Cmd: ["sh", "-c", "echo a; echo b >&2"],
    });
    await container.start();
    await container.wait();
    const logs = await container.logs({ stdout: true, stderr: true });
    assert.deepEqual(frames(logs as unknown as Buffer).sort(), ["1 a\n", "2 b\n"]);
    await container.remove();
  });

  it("hears events", async () => {
    const container = await docker.createContainer({ Image: "busybox", Cmd: ["true"] });
    const since = Math.floor(Date.now() / 1000) - 1;
    await container.start();
    await container.wait();
    await container.remove();
    const stream = await docker.getEvents({
      since,
      until: Math.ceil(Date.now() / 1000) + 1,
      filters: { container: [container.id] },
    });
    const actions = (await text(stream))
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { Action: string }).Action);
    for (const action of ["start", "die", "destroy"])
      assert.ok(actions.includes(action), `${action} in ${actions}`);
  });

  it("gets errors with their status and reason", async () => {
    await assert.rejects(docker.getContainer("nobody").inspect(), {
      statusCode: 404,
      reason: /no such container/i,
    });
    await assert.rejects(docker.createContainer({ Image: "nothing" }), { statusCode: 404 });
  });
});

/** "STREAM payload" of each frame of a multiplexed stream: a type byte, three zeros, the length, the payload. */
function frames(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    found.push(`${bytes[at]} ${bytes.subarray(at + 8, at + 8 + length)}`);
    at += 8 + length;
  }
  return found;
}
