import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { conflict } from "../../base/errors.ts";
import { memoryEngine, sampleContainer } from "../server/testing/memory-engine.ts";
import { MemoryStdio } from "../server/testing/memory-stdio.ts";
import { serve, type TestServer } from "../server/testing/serve.ts";
import { createClient, FrameReader } from "./index.ts";
import { readLines } from "./read.ts";

const clientOf = (server: TestServer) => createClient({ socketPath: server.socketPath });

describe("client", () => {
  it("sends path, query and body by the route table", async () => {
    const seen: unknown[] = [];
    const engine = memoryEngine({
      containers: {
        list: (options) => {
          seen.push([...options.filters]);
          return [sampleContainer];
        },
        create: async (request) => {
          seen.push([request.name, request.config, request.hostConfig]);
          return { id: "new", warnings: [] };
        },
      },
    });
    await using server = await serve(engine);
    const client = clientOf(server);
    const rows = await client.call("ContainerList", { all: true, filters: new Map([["name", ["a", "b"]]]) });
    assert.equal(rows[0]?.Names[0], "/web");
    const body = { Image: "busybox", HostConfig: { Memory: 5 } };
    assert.equal((await client.call("ContainerCreate", { name: "x y", body })).Id, "new");
    assert.deepEqual(seen, [[["name", ["a", "b"]]], ["x y", { Image: "busybox" }, { Memory: 5 }]]);
    client.close();
  });

  it("keeps slashes of names and escapes the rest", async () => {
    const names: string[] = [];
    const engine = memoryEngine({ images: { tag: async (name) => void names.push(name) } });
    await using server = await serve(engine);
    await clientOf(server).call("ImageTag", { name: "host:5000/a b/c?d", repo: "x" });
    assert.deepEqual(names, ["host:5000/a b/c?d"]);
  });

  it("throws what the engine refused, with status and kind", async () => {
    const engine = memoryEngine({
      containers: {
        start: async () => {
          throw conflict("the container is marked for removal");
        },
      },
    });
    await using server = await serve(engine);
    await assert.rejects(clientOf(server).call("ContainerStart", { id: "web" }), {
      name: "ApiError",
      status: 409,
      kind: "conflict",
      message: "the container is marked for removal",
    });
  });

  it("says where it found no engine", async () => {
    await assert.rejects(createClient({ socketPath: "/nonexistent.sock" }).call("SystemPing"), {
      kind: "unavailable",
      message: "cannot connect to the engine at unix:///nonexistent.sock: is wharfd running?",
    });
  });

  it("has an engine started that does not run, not one that was stopped while it was used", async () => {
    let started = 0;
    const start = async () => {
      started++;
    };
    await assert.rejects(createClient({ socketPath: "/nonexistent.sock", start }).call("SystemPing"));
    assert.equal(started, 1);
    const folder = mkdtempSync(join(tmpdir(), "wharf-client-"));
    const socketPath = join(folder, "s");
    const server = createServer((_request, answer) => answer.setHeader("Connection", "close").end("[]"));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const client = createClient({ socketPath, start });
    await client.call("ContainerList");
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(client.call("ContainerList"), { kind: "unavailable" });
    assert.equal(started, 1);
    rmSync(folder, { recursive: true });
  });

  it("waits in two steps", async () => {
    const exit = Promise.withResolvers<{ readonly exitCode: number }>();
    const engine = memoryEngine({ containers: { wait: async () => ({ exited: exit.promise }) } });
    await using server = await serve(engine);
    const { ready } = await clientOf(server).defer("ContainerWait", { id: "web", condition: "next-exit" });
    exit.resolve({ exitCode: 4 });
    assert.deepEqual(await ready, { StatusCode: 4 });
  });

  it("uploads bytes and reads progress lines", async () => {
    const engine = memoryEngine({
      images: {
        async *load(body) {
          yield { stream: await text(body) };
          yield { stream: "done" };
        },
      },
    });
    await using server = await serve(engine);
    const body = Readable.from([Buffer.from("ar"), Buffer.from("chive")]);
    const seen: unknown[] = [];
    for await (const line of await clientOf(server).lines("ImageLoad", { body })) seen.push(line.stream);
    assert.deepEqual(seen, ["archive", "done"]);
  });

  it("attaches, closes stdin alone, and takes the frames apart", async () => {
    const stdio = new MemoryStdio();
    const engine = memoryEngine({
      containers: {
        inspect: () => ({ ...sampleContainer, config: { OpenStdin: true } }),
        attach: async () => stdio,
      },
    });
    await using server = await serve(engine);
    const attached = await clientOf(server).hijack("ContainerAttach", {
      id: "web",
      stream: true,
      stdin: true,
      stdout: true,
    });
    assert.ok(attached?.multiplexed);
    attached.socket.end("typed");
    await stdio.until(() => stdio.ended);
    stdio.say("stderr", "late");
    stdio.finish();
    const reader = new FrameReader();
    const seen: string[] = [];
    for await (const chunk of attached.socket) {
      for (const { stream, data } of reader.push(chunk)) seen.push(`${stream} ${Buffer.from(data)}`);
    }
    assert.deepEqual([stdio.received, seen], [["typed"], ["stderr late"]]);
  });

  it("stops a stream by its signal", async () => {
    const gone = Promise.withResolvers<void>();
    const engine = memoryEngine({
      system: {
        async *events(_options, signal) {
          signal.addEventListener("abort", () => gone.resolve());
          await gone.promise;
        },
      },
    });
    await using server = await serve(engine);
    const stop = new AbortController();
    const events = await clientOf(server).lines("SystemEvents", {}, { signal: stop.signal });
    stop.abort();
    await assert.rejects(async () => {
      for await (const event of events) assert.fail(`an event came: ${event.Action}`);
    });
    await gone.promise;
  });
});

describe("lines of a stream", () => {
  it("are put together across pieces, without their line ends", async () => {
    const bytes = Buffer.from('{"a":"ü"}\r\n\n{"b":1}');
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
    const seen: unknown[] = [];
    for await (const line of readLines(Readable.from(pieces))) seen.push(line);
    assert.deepEqual(seen, [{ a: "ü" }, { b: 1 }]);
  });
});
