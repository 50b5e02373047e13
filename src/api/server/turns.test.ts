import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { memoryEngine, sampleContainer } from "./testing/memory-engine.ts";
import { MemoryStdio } from "./testing/memory-stdio.ts";
import { readUntil, serve, type TestServer } from "./testing/serve.ts";

const UPGRADE = "Host: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
const attachPath = "/containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1";

const attaching = (stdio: MemoryStdio) =>
  memoryEngine({
    containers: {
      inspect: () => ({ ...sampleContainer, config: { OpenStdin: true, Tty: false } }),
      attach: async () => stdio,
    },
  });

async function open(server: TestServer, head: string) {
  const socket = await server.dial();
  socket.write(head);
  return socket;
}

describe("an upgrade behind other requests of its connection", { timeout: 60_000 }, () => {
  const upgrade = `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`;
  const ping = "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n";

  it("has its turn when they have been answered", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio));
    const socket = await open(server, `${ping}${ping}${upgrade}`);
    stdio.say("stdout", "hello");
    const seen = await readUntil(socket, "hello");
    assert.deepEqual(seen.match(/HTTP\/1.1 \d+/g), ["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 101"]);
    socket.destroy();
  });

  it("is not served to a client that has gone before, whose other requests end with it", async () => {
    let attached = 0;
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const engine = memoryEngine({
      containers: {
        wait: async (_id, _condition, signal) => {
          signal.addEventListener("abort", () => resolve());
          return { exited: new Promise(() => undefined) };
        },
        attach: async () => {
          attached++;
          return new MemoryStdio();
        },
      },
    });
    await using server = await serve(engine);
    const socket = await open(server, `POST /containers/web/wait HTTP/1.1\r\nHost: d\r\n\r\n${upgrade}`);
    await readUntil(socket, "200 OK");
    socket.destroy();
    await gone;
    assert.equal(attached, 0);
  });

  it("may break off with a reset", async () => {
    await using server = await serve(attaching(new MemoryStdio()));
    for (const request of [
      upgrade,
      `POST /exec/none/start HTTP/1.1\r\n${UPGRADE}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    ]) {
      const socket = await open(server, `${ping.repeat(20)}${request}`);
      // What the server has sent lies unread, so that the end of this one is a reset.
      await sleep(20);
      socket.destroy();
    }
    await sleep(20);
    assert.equal((await server.ask("GET", "/_ping")).status, 200);
  });
});
