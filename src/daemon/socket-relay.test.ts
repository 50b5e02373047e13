import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, it } from "node:test";
import { relaySocket } from "./socket-relay.ts";

describe("a socket that leads to another", () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-relay-"));
  after(() => rmSync(folder, { recursive: true }));
  const [target, path] = [join(folder, "target"), join(folder, "relay")];
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

  it("passes everything on both ways, and is gone in the end", async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let heard = "";
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        heard += chunk;
      });
      socket.on("end", () => socket.end(`heard ${heard}`));
    });
    server.listen(target);
    await once(server, "listening");
    const relay = await relaySocket({ path, target, mode: 0o620, ...owner });
    assert.equal(statSync(path).mode & 0o777, 0o620);
    const client = connect({ path, allowHalfOpen: true });
    client.end("a question");
    assert.equal(await text(client), "heard a question");
    const waiting = connect(path).resume();
    await once(waiting, "connect");
    const closed = once(waiting, "close");
    await relay[Symbol.asyncDispose]();
    await closed;
    assert.ok(!existsSync(path));
    server.close();
  });

  it("ends a connection that leads nowhere", async () => {
    await using _relay = await relaySocket({ path, target: join(folder, "none"), mode: 0o600, ...owner });
    const client = connect(path)
      .resume()
      .on("error", () => undefined);
    await once(client, "close");
  });
});
