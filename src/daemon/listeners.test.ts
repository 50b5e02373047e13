import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { bind, parseHost, tcpPorts } from "./listeners.ts";

describe("parseHost", () => {
  it("reads dockerd's forms", () => {
    assert.deepEqual(parseHost("unix:///x/y.sock", false), [
      { kind: "unix", path: "/x/y.sock", optional: false },
    ]);
    assert.deepEqual(parseHost("tcp://127.0.0.1:99", false), [{ kind: "tcp", host: "127.0.0.1", port: 99 }]);
    assert.deepEqual(parseHost("tcp://", true), [{ kind: "tcp", host: "127.0.0.1", port: 2376 }]);
    assert.deepEqual(parseHost("tcp://[::1]:5", false), [{ kind: "tcp", host: "::1", port: 5 }]);
    assert.deepEqual(parseHost("0.0.0.0:7", false), [{ kind: "tcp", host: "0.0.0.0", port: 7 }]);
    assert.deepEqual(parseHost("fd://", false, [3, 4]), [
      { kind: "fd", fd: 3 },
      { kind: "fd", fd: 4 },
    ]);
  });

  it("refuses the rest", () => {
    for (const text of ["http://x", "/x.sock", "tcp://a:b", "tcp://a:99999"]) {
      assert.throws(() => parseHost(text, false), { kind: "invalidParameter", message: /invalid -H/ });
    }
    assert.throws(() => parseHost("fd://", false), { message: /socket activation/ });
  });
});

describe("tcpPorts", () => {
  it("are those of addresses, not of sockets and names", () => {
    const hosts = [
      "unix:///x.sock",
      "fd://",
      "tcp://0.0.0.0:1",
      "localhost:2",
      "tcp://[::1]",
      "tcp://name:3",
    ];
    assert.deepEqual(tcpPorts(hosts, true), [
      { ip: "0.0.0.0", port: 1 },
      { ip: "127.0.0.1", port: 2 },
      { ip: "::1", port: 2376 },
    ]);
  });
});

describe("bind", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "wharf-listen-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("makes a socket for root and its group, over a stale file, but never takes one that answers", async () => {
    const path = join(folder, "a.sock");
    const address = { kind: "unix", path, optional: false } as const;
    const first = createServer();
    const second = createServer();
    assert.equal(await bind(first, address, "root"), true);
    assert.equal((await stat(path)).mode & 0o777, 0o660);
    assert.equal(await bind(second, { ...address, optional: true }, "root"), false);
    await assert.rejects(bind(second, address, "root"), { message: /another engine answers/ });
    first.close();
    assert.equal(await bind(second, address, "root"), true);
    second.close();
  });
});
