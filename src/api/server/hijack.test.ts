import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { notFound } from "../../base/errors.ts";
import { frameHeader } from "../schema/multiplex.ts";
import type { CreateExec } from "./ports.ts";
import { memoryEngine, sampleContainer } from "./testing/memory-engine.ts";
import { MemoryStdio } from "./testing/memory-stdio.ts";
import { readUntil, serve, type TestServer } from "./testing/serve.ts";

const UPGRADE = "Host: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
const attachPath = "/containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1";
const frame = (stream: "stdout" | "stderr", text: string): string =>
  `${Buffer.from(frameHeader(stream, text.length)).toString("latin1")}${text}`;
const afterHead = (bytes: string): string => bytes.slice(bytes.indexOf("\r\n\r\n") + 4);

const attaching = (stdio: MemoryStdio, tty = false) =>
  memoryEngine({
    containers: {
      inspect: () => ({ ...sampleContainer, config: { OpenStdin: true, Tty: tty } }),
      attach: async () => stdio,
    },
  });

const exec: CreateExec = {
  tty: false,
  stdin: true,
  stdout: true,
  stderr: true,
  command: ["cat"],
  env: [],
  user: "",
  workingDir: "",
  privileged: false,
  detachKeys: "",
  size: undefined,
};
const executing = (stdio: MemoryStdio) =>
  memoryEngine({
    execs: {
      inspect: (id) => ({ id, containerId: "c", running: false, exitCode: null, pid: 0, config: exec }),
      start: async (_id, { detach }) => (detach ? undefined : stdio),
    },
  });

async function open(server: TestServer, head: string) {
  const socket = await server.dial();
  socket.write(head);
  return socket;
}

describe("attach with upgrade", () => {
  const types: readonly (readonly [string, boolean, string])[] = [
    ["", false, "application/vnd.docker.multiplexed-stream"],
    ["/v1.42", false, "application/vnd.docker.multiplexed-stream"],
    ["/v1.41", false, "application/vnd.docker.raw-stream"],
    ["", true, "application/vnd.docker.raw-stream"],
  ];
  for (const [version, tty, type] of types) {
    it(`${version || "unversioned"} ${tty ? "TTY" : "pipes"} -> ${type}`, async () => {
      const stdio = new MemoryStdio();
      stdio.say("stdout", "out");
      stdio.say("stderr", "err");
      stdio.finish();
      await using server = await serve(attaching(stdio, tty));
      const bytes = await readUntil(
        await open(server, `POST ${version}${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`),
      );
      assert.match(
        bytes,
        new RegExp(
          `^HTTP/1.1 101 UPGRADED\\r\\nContent-Type: ${type}\\r\\nConnection: Upgrade\\r\\nUpgrade: tcp\\r\\n`,
        ),
      );
      assert.equal(afterHead(bytes), tty ? "outerr" : frame("stdout", "out") + frame("stderr", "err"));
    });
  }

  it("holds the output back until the client has read the head", async () => {
    const stdio = new MemoryStdio();
    stdio.say("stdout", "out");
    stdio.finish();
    let isUntaken = true;
    await using server = await serve(attaching(stdio, true), () => isUntaken);
    const socket = await open(server, `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`);
    const head = await readUntil(socket, "\r\n\r\n");
    assert.equal(afterHead(head), "");
    isUntaken = false;
    assert.equal(await readUntil(socket), "out");
  });

  it("keeps the output open when the client closes its half", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio));
    const socket = await open(server, `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`);
    await readUntil(socket, "\r\n\r\n");
    socket.end("typed");
    await stdio.until(() => stdio.ended);
    assert.deepEqual(stdio.received, ["typed"]);
    stdio.say("stdout", "late");
    stdio.finish();
    assert.equal(await readUntil(socket), frame("stdout", "late"));
  });

  it("takes bytes that follow the head at once for input", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio));
    const socket = await open(server, `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\nearly`);
    await stdio.until(() => stdio.received.length > 0);
    assert.deepEqual(stdio.received, ["early"]);
    socket.destroy();
  });

  it("lets go of the process when the client goes", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio));
    const socket = await open(server, `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`);
    await readUntil(socket, "\r\n\r\n");
    socket.destroy();
    stdio.say("stdout", "x");
    await stdio.until(() => stdio.closed);
  });

  it("lets go of a silent process when a client goes that sends no input", { timeout: 60_000 }, async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio));
    const socket = await open(
      server,
      `POST ${attachPath.replace("stdin=1&", "")} HTTP/1.1\r\n${UPGRADE}\r\n`,
    );
    await readUntil(socket, "\r\n\r\n");
    socket.destroy();
    await stdio.until(() => stdio.closed);
  });

  it("detaches on the detach keys, which the process does not see", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio, true));
    const socket = await open(server, `POST ${attachPath}&detachKeys=ctrl-a,x HTTP/1.1\r\n${UPGRADE}\r\n`);
    await readUntil(socket, "\r\n\r\n");
    socket.write("ls\x01");
    socket.write("x");
    assert.equal(await readUntil(socket), "");
    assert.deepEqual(stdio.received.join(""), "ls");
    assert.equal(stdio.ended, false);
  });

  it("answers a refusal with a line of text as the whole stream", async () => {
    const engine = memoryEngine({
      containers: {
        inspect: (name) => {
          throw notFound(`No such container: ${name}`);
        },
      },
    });
    await using server = await serve(engine);
    const bytes = await readUntil(await open(server, `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`));
    assert.match(bytes, /^HTTP\/1\.1 404 Not Found\r\n/);
    assert.match(bytes, /\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/);
    assert.equal(afterHead(bytes), "No such container: web\r\n");
  });

  it("does not take output faster than the client reads, and loses none", async () => {
    const stdio = new MemoryStdio();
    const piece = Buffer.alloc(64 * 1024, "x");
    for (let i = 0; i < 400; i++) stdio.say("stdout", piece);
    stdio.finish();
    await using server = await serve(attaching(stdio, true));
    const socket = await open(server, `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`);
    socket.pause();
    let before = -1;
    while (stdio.taken !== before) {
      before = stdio.taken;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(stdio.taken < 100, `${stdio.taken} pieces were taken for a client that reads none`);
    assert.equal(afterHead(await readUntil(socket)).length, 400 * piece.length);
  });

  it("ends attached connections when the server closes", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio));
    const socket = await open(server, `POST ${attachPath} HTTP/1.1\r\n${UPGRADE}\r\n`);
    await readUntil(socket, "\r\n\r\n");
    const closed = server.api.close(2_000);
    assert.equal(await readUntil(socket), "");
    socket.end();
    await closed;
    assert.ok(stdio.closed);
  });
});

describe("attach in the older form", () => {
  it("answers 101 to an Upgrade header without its Connection header", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio, true));
    const socket = await open(
      server,
      `POST ${attachPath} HTTP/1.1\r\nHost: d\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`,
    );
    assert.match(await readUntil(socket, "\r\n\r\n"), /^HTTP\/1\.1 101 UPGRADED\r\n/);
    stdio.say("stdout", "done");
    stdio.finish();
    assert.equal(await readUntil(socket), "done");
  });

  it("answers 200 and makes a byte pipe of the connection", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(attaching(stdio, true));
    const socket = await open(server, `POST ${attachPath} HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n`);
    const head = await readUntil(socket, "\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/);
    assert.ok(!head.includes("Upgrade"));
    socket.end("typed");
    await stdio.until(() => stdio.ended);
    assert.deepEqual(stdio.received, ["typed"]);
    stdio.say("stdout", "done");
    stdio.finish();
    assert.equal(await readUntil(socket), "done");
  });
});

describe("exec start", () => {
  const body = '{"Detach":false,"Tty":false}';
  const head = `POST /exec/e/start HTTP/1.1\r\n${UPGRADE}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

  const cuts: readonly (readonly [string, readonly string[]])[] = [
    ["in one piece with input behind it", [`${head}${body}typed`]],
    ["in pieces", [head, body.slice(0, 5), `${body.slice(5)}ty`, "ped"]],
  ];
  for (const [name, pieces] of cuts) {
    it(`reads the body that came ${name}`, async () => {
      const stdio = new MemoryStdio();
      await using server = await serve(executing(stdio));
      const socket = await server.dial();
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      socket.end();
      await stdio.until(() => stdio.ended);
      assert.equal(stdio.received.join(""), "typed");
      stdio.say("stdout", "out");
      stdio.finish();
      assert.equal(afterHead(await readUntil(socket)), frame("stdout", "out"));
    });
  }

  it("reads the body in the older form", async () => {
    const stdio = new MemoryStdio();
    await using server = await serve(executing(stdio));
    const plain = `POST /exec/e/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const socket = await open(server, plain);
    assert.match(await readUntil(socket, "\r\n\r\n"), /^HTTP\/1\.1 200 OK/);
    socket.end("typed");
    await stdio.until(() => stdio.ended);
    stdio.say("stderr", "err");
    stdio.finish();
    assert.equal(await readUntil(socket), frame("stderr", "err"));
    assert.deepEqual(stdio.received, ["typed"]);
  });

  it("answers a detached one at once and empty", async () => {
    await using server = await serve(executing(new MemoryStdio()));
    const answer = await server.ask("POST", "/exec/e/start", { body: '{"Detach":true}' });
    assert.deepEqual([answer.status, answer.body], [200, ""]);
  });

  it("refuses a wrong body even on an upgraded connection", async () => {
    await using server = await serve(executing(new MemoryStdio()));
    const bad = '{"Detach":"yes"}';
    const bytes = await readUntil(
      await open(
        server,
        `POST /exec/e/start HTTP/1.1\r\n${UPGRADE}Content-Type: application/json\r\nContent-Length: ${bad.length}\r\n\r\n${bad}`,
      ),
    );
    assert.match(bytes, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(bytes, /field Detach of type bool/);
  });
});
