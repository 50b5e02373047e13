import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../test/support/free-port.ts";
import { relayTcp } from "./relay-tcp.ts";

/** A client of a relay that leads to `port`. */
async function callerOf(port: number) {
  const front = createServer({ allowHalfOpen: true }, (client) => {
    void relayTcp(client, { ip: "127.0.0.1", port }, new AbortController().signal);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const client = connect((front.address() as AddressInfo).port, "127.0.0.1");
  const dispose = () => {
    client.destroy();
    front.close();
  };
  return Object.assign(client, { [Symbol.dispose]: dispose });
}

test("a caller who is earlier than the container's program is served when that listens", async () => {
  const port = await freePort();
  using client = await callerOf(port);
  client.write("hello");
  await sleep(100);
  const server = createServer((socket) => socket.once("data", (data) => socket.end(`got ${data}`)));
  server.listen(port, "127.0.0.1");
  assert.equal(await text(client), "got hello");
  server.close();
});

test("a caller whom nobody serves sees the connection end", async () => {
  using client = await callerOf(await freePort());
  assert.equal(await text(client), "");
});

test("a connection that is given up takes the one to the container along", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const front = createServer((accepted) => {
    void relayTcp(accepted, { ip: "127.0.0.1", port }, new AbortController().signal);
    server.once("connection", () => setTimeout(() => accepted.destroy(), 10));
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  connect((front.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await once(server, "connection")) as [Socket];
  await once(socket.resume(), "end");
  server.close();
  front.close();
});
