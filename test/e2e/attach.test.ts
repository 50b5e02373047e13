import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { WebSocket } from "ws";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

/** A client of attach/ws: what it has heard, and what it says. */
class SocketClient {
  readonly #socket: WebSocket;
  text = "";
  closed = false;

  constructor(engine: EngineUnderTest, id: string, query: string) {
    this.#socket = new WebSocket(`ws+unix:${engine.socket}:/v1.50/containers/${id}/attach/ws?${query}`);
    this.#socket.on("message", (data) => (this.text += String(data)));
    this.#socket.on("close", () => (this.closed = true));
  }

  async open(): Promise<void> {
    await once(this.#socket, "open");
  }

  async end(): Promise<void> {
    if (!this.closed) await once(this.#socket, "close");
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  leave(): void {
    this.#socket.close();
  }
}

describe("attach", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  it("over a WebSocket: output of both streams, input, the log first, the end", async () => {
    const script =
      "echo early; while read line; do echo out $line; echo err $line >&2; [ $line = end ] && exit; done";
    await engine.ok("run", "-di", "--name", "ws", "busybox", "sh", "-c", script);
    await until("it has written", async () => (await engine.ok("logs", "ws")) === "early");
    const client = new SocketClient(engine, "ws", "stream=1&stdin=1&stdout=1&stderr=1&logs=1");
    await client.open();
    client.say("one\n");
    await until("it answers", () => client.text.includes("err one"));
    assert.match(client.text, /^early\n/);
    assert.match(client.text, /out one\n/);
    client.say("end\n");
    await until("the connection ends with the process", () => client.closed);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.ExitCode}}", "ws"), "0");
  });

  it("ends when the exit is known, so that the container can be removed", async () => {
    for (let round = 0; round < 20; round++) {
      await engine.ok("create", "-i", "--name", "over", "busybox", "head", "-1");
      const client = new SocketClient(engine, "over", "stream=1&stdin=1&stdout=1&stderr=1");
      await client.open();
      await call(engine.socket, "POST", "/v1.50/containers/over/start");
      client.say("go\n");
      await client.end();
      const { status, body } = await call(engine.socket, "DELETE", "/v1.50/containers/over");
      assert.equal(status, 204, body);
    }
  });

  it("gives every client all output, and takes input from each; one that goes disturbs nobody", async () => {
    await engine.ok("run", "-di", "--name", "many", "busybox", "cat");
    const clients = Array.from(
      { length: 3 },
      () => new SocketClient(engine, "many", "stream=1&stdin=1&stdout=1"),
    );
    await Promise.all(clients.map((client) => client.open()));
    clients[0]?.say("from one\n");
    clients[1]?.say("from two\n");
    await until("all have heard both", () =>
      clients.every(({ text }) => text.includes("from one\n") && text.includes("from two\n")),
    );
    clients[0]?.leave();
    await until("it has gone", () => clients[0]?.closed === true);
    clients[1]?.say("go on\n");
    await until("the others hear on", () => clients.slice(1).every(({ text }) => text.includes("go on\n")));
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", "many"), "running");
    await engine.ok("rm", "-f", "many");
    await until("their connections end", () => clients.every(({ closed }) => closed));
  });

  it("leaves a terminal by its detach keys, which the process does not get", async () => {
    await engine.ok("run", "-dit", "--name", "keys", "busybox", "cat");
    const client = new SocketClient(engine, "keys", "stream=1&stdin=1&stdout=1&detachKeys=ctrl-x,x");
    await client.open();
    client.say("typed\n");
    await until("it is echoed", () => client.text.includes("typed\r\ntyped\r\n"));
    client.say("\x18x");
    await until("the connection ends", () => client.closed);
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", "keys"), "running");
    assert.ok(!(await engine.ok("logs", "keys")).includes("^X"));
    await engine.ok("rm", "-f", "keys");
  });

  it("refuses what is no WebSocket, and containers that are not there", async () => {
    await engine.ok("create", "--name", "plain", "busybox", "true");
    const plain = await call(engine.socket, "GET", "/containers/plain/attach/ws?stream=1&stdout=1");
    assert.equal(plain.status, 400);
    assert.match(plain.body, /WebSocket only/);
    const handshake = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const absent = await call(
      engine.socket,
      "GET",
      "/containers/none/attach/ws?stream=1",
      undefined,
      handshake,
    );
    assert.equal(absent.status, 404);
    assert.match(absent.body, /No such container: none/);
  });
});
