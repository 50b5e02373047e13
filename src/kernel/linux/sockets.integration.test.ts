import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { linuxKernel } from "./index.ts";

const { namespaces, netlink, sockets, redirects } = linuxKernel();
const ADDRESS = "127.0.0.11";
let folder: string;
let netns: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "wharf-sockets-"));
  netns = join(folder, "net");
  namespaces.createNetwork(netns);
  using links = netlink.open(netns);
  links.change(1, { up: true });
});
after(() => {
  namespaces.removeNetwork(netns);
  rmSync(folder, { recursive: true });
});

/** Runs a script of Node inside the namespace; what it prints. */
async function inside(code: string): Promise<string> {
  const child = spawn("nsenter", [`--net=${netns}`, "--", process.execPath, "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  return Buffer.concat(chunks).toString();
}

/** Answers "udp <port of the asker>" and "tcp <address>" at free ports of the namespace. */
async function service(): Promise<AsyncDisposable & { readonly udp: number; readonly tcp: number }> {
  const socket = createSocket("udp4");
  socket.bind({ fd: sockets.open({ type: "udp4", netns, bind: { address: ADDRESS, port: 0 } }) });
  socket.on("message", (_, { port, address }) => socket.send(`udp from ${address}`, port, address));
  const server: Server = createServer((client) => client.end(`tcp from ${client.remoteAddress}`));
  server.listen({ fd: sockets.open({ type: "tcp4", netns, bind: { address: ADDRESS, port: 0 } }) });
  await once(server, "listening");
  const { port: tcp } = server.address() as { port: number };
  return {
    udp: socket.address().port,
    tcp,
    async [Symbol.asyncDispose]() {
      socket.close();
      server.close();
      await once(server, "close");
    },
  };
}

const ASK = `
  const other = require("dgram").createSocket("udp4").on("message", () => console.log("wrong server")).bind(53, "0.0.0.0");
  const server = require("net").createServer(() => console.log("wrong server")).listen(53, "0.0.0.0", () => {
    const udp = require("dgram").createSocket("udp4");
    udp.on("message", (text, { address, port }) => {
      console.log(String(text), "as", address, port);
      require("net").connect(53, "${ADDRESS}").on("data", (data) => console.log(String(data))).on("close", () => process.exit());
    });
    udp.send("hello", 53, "${ADDRESS}");
  });`;

describe("sockets of other namespaces", () => {
  it("belong to the namespace in which they were made, and close with their user", async () => {
    const before = readdirSync("/proc/self/fd").length;
    {
      await using made = await service();
      const listening = await inside('console.log(require("fs").readFileSync("/proc/net/tcp", "utf8"))');
      assert.match(listening, new RegExp(`0B00007F:${made.tcp.toString(16).toUpperCase().padStart(4, "0")}`));
      assert.throws(
        () => sockets.open({ type: "tcp4", netns, bind: { address: ADDRESS, port: made.tcp } }),
        (error: NodeJS.ErrnoException) => error.code === "EADDRINUSE",
      );
    }
    assert.equal(readdirSync("/proc/self/fd").length, before);
  });

  it("are reached at a redirected port, beside a server that holds it on all addresses", async () => {
    for (let round = 0; round < 2; round++) {
      await using made = await service();
      redirects.redirectLocal(netns, { address: ADDRESS, port: 53, udp: made.udp, tcp: made.tcp });
      assert.equal(await inside(ASK), "udp from 127.0.0.1 as 127.0.0.11 53\ntcp from 127.0.0.1\n");
    }
  });

  it("a redirect that the kernel refuses is an error, and changes nothing", () => {
    const bad = { address: "fd00::1", port: 53, udp: 1, tcp: 2 };
    assert.throws(
      () => redirects.redirectLocal(netns, bad),
      (error: NodeJS.ErrnoException) => error.name === "KernelError",
    );
  });
});

describe("a unix stream", () => {
  it("tells whether its peer has read what was sent", async () => {
    const path = join(folder, "stream.sock");
    const server = createServer({ pauseOnConnect: true }).listen(path);
    const client = connect(path);
    const [accepted] = (await once(server, "connection")) as [Socket & { _handle: { fd: number } }];
    const { fd } = accepted._handle;
    assert.equal(sockets.hasUntaken(fd), false);
    client.pause();
    accepted.write("head");
    assert.equal(sockets.hasUntaken(fd), true);
    client.resume();
    await once(client, "data");
    assert.equal(sockets.hasUntaken(fd), false);
    client.destroy();
    accepted.destroy();
    server.close();
  });
});
