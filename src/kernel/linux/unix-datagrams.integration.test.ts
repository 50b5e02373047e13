import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { check, close, native } from "./libc.ts";
import { withAddress } from "./packet-sockets.ts";
import { unixDatagrams } from "./unix-datagrams.ts";

const socket = native("socket", "int", "int", "int", "int");
const bind = native("bind", "int", "int", "void *", "uint");
const recv = native("recv", "long", "int", "void *", "size_t", "int");

describe("unix datagrams", () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-datagrams-"));
  after(() => rmSync(folder, { recursive: true }));

  it("arrive whole and in order, until the receiver's queue is full", () => {
    const path = join(folder, "receiver");
    const receiver = check(socket(1, 2 | 0x800, 0), "socket");
    withAddress(path, (address) => check(bind(receiver, address, address.length), "bind", path));
    const sender = unixDatagrams.connect(path);
    const next = () => {
      const buffer = new Uint8Array(64);
      const length = recv(receiver, buffer, buffer.length, 0);
      return Buffer.from(buffer.subarray(0, Math.max(0, length))).toString();
    };
    assert.equal(sender.send(Buffer.from("one")), true);
    assert.equal(sender.send(Buffer.from("two")), true);
    assert.deepEqual([next(), next()], ["one", "two"]);
    let taken = 0;
    while (sender.send(Buffer.from("full"))) taken++;
    assert.ok(taken > 0);
    close(receiver);
    assert.throws(() => sender.send(Buffer.from("gone")), { code: "ECONNREFUSED" });
    sender.close();
    assert.throws(() => unixDatagrams.connect(join(folder, "none")), { code: "ENOENT" });
  });
});
