import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { PacketSocket } from "../packet-sockets.ts";
import { EventLoop } from "./event-loop.ts";
import { linuxKernel } from "./index.ts";
import { check, close, lastErrno, native } from "./libc.ts";
import { UnixPacketSocket } from "./unix-packet-socket.ts";

const socketpair = native("socketpair", "int", "int", "int", "int", "void *");
const send = native("send", "long", "int", "void *", "size_t", "int");
const recv = native("recv", "long", "int", "void *", "size_t", "int");
const shutdown = native("shutdown", "int", "int", "int");

const SEQPACKET_NONBLOCK = 5 | 0x80000 | 0x800;
const loop = new EventLoop();
const descriptors = () => readdirSync("/proc/self/fd").length;
after(() => loop.close());

/** One of our sockets and the descriptor of its peer, which the test plays itself. */
function pair(): { readonly socket: PacketSocket; readonly peer: number } {
  const fds = new Int32Array(2);
  check(socketpair(1, SEQPACKET_NONBLOCK, 0, new Uint8Array(fds.buffer)), "socketpair");
  return { socket: new UnixPacketSocket(fds[0]!, loop), peer: fds[1]! };
}

/** Sends from the peer, waiting for room. */
async function feed(peer: number, packet: Uint8Array): Promise<void> {
  while (send(peer, packet, packet.length, 0) < 0) {
    assert.equal(lastErrno(), constants.errno.EAGAIN);
    await turn();
  }
}

async function drain(peer: number, wanted: number): Promise<number> {
  const buffer = new Uint8Array(65_536);
  let total = 0;
  while (total < wanted) {
    const length = recv(peer, buffer, buffer.length, 0);
    if (length === 0) break;
    if (length > 0) total += length;
    else await turn();
  }
  return total;
}

async function all(socket: PacketSocket): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const packet of socket.packets()) texts.push(Buffer.from(packet).toString());
  return texts;
}

describe("packet sockets", () => {
  it("keeps packets apart and in order, and delivers what was queued before the peer closed", async () => {
    const { socket, peer } = pair();
    const sent = Array.from({ length: 500 }, (_, at) => `packet ${at} ${"x".repeat(at)}`);
    for (const text of sent) await feed(peer, Buffer.from(text));
    close(peer);
    assert.deepEqual(await all(socket), sent);
    socket.close();
  });

  it("delivers everything when the peer goes without having read ours", async () => {
    const { socket, peer } = pair();
    await socket.send(Buffer.from("unread"));
    await feed(peer, Buffer.from("last words"));
    close(peer);
    assert.deepEqual(await all(socket), ["last words"]);
    await assert.rejects(socket.send(Buffer.from("x")), { name: "KernelError", code: "EPIPE" });
    socket.close();
  });

  it("loses nothing of 64 MB while the consumer stalls, and holds little of it", async () => {
    const { socket, peer } = pair();
    const size = 8192;
    const count = 8192;
    let fed = 0;
    const feeding = (async () => {
      const packet = Buffer.alloc(size);
      for (; fed < count; fed++) {
        packet.writeUInt32LE(fed);
        await feed(peer, packet);
      }
      close(peer);
    })();
    await sleep(100);
    // One window, what the kernel holds for a socket, and the packets of one batch.
    assert.ok(fed * size < 2.5 * 1024 * 1024, `${fed} packets were taken without a consumer`);
    let received = 0;
    for await (const packet of socket.packets()) {
      assert.equal(packet.length, size);
      assert.equal(Buffer.from(packet.buffer, packet.byteOffset).readUInt32LE(), received++);
    }
    await feeding;
    assert.equal(received, count);
    socket.close();
  });

  it("sends more than the kernel takes at once, in packets of at most 32 KiB", async () => {
    const { socket, peer } = pair();
    const total = 5_000_001;
    const sending = Promise.all([socket.send(new Uint8Array(total)), socket.send(Buffer.from("!"))]);
    assert.equal(await drain(peer, total + 1), total + 1);
    await sending;
    socket.close();
    close(peer);
  });

  it("closes one direction at a time", async () => {
    const { socket, peer } = pair();
    await socket.send(Buffer.from("in"));
    await socket.end();
    assert.equal(await drain(peer, 10), 2);
    await feed(peer, Buffer.from("out"));
    shutdown(peer, 1);
    assert.deepEqual(await all(socket), ["out"]);
    socket.close();
    close(peer);
    const other = pair();
    shutdown(other.peer, 1);
    assert.deepEqual(await all(other.socket), []);
    await other.socket.send(Buffer.from("still open"));
    assert.equal(await drain(other.peer, 10), 10);
    other.socket.close();
    close(other.peer);
  });

  it("ends readers and senders that wait when it is closed", async () => {
    const { socket, peer } = pair();
    const reading = all(socket);
    const sending = assert.rejects(socket.send(new Uint8Array(5_000_000)), { code: "EPIPE" });
    await sleep(20);
    socket.close();
    assert.equal(socket.closed, true);
    assert.deepEqual(await reading, []);
    await sending;
    await assert.rejects(socket.send(Buffer.from("x")), { code: "EPIPE" });
    await socket.end();
    socket.close();
    close(peer);
  });

  it("serves many sockets side by side, and leaks no descriptor", async () => {
    await loop.close();
    const before = descriptors();
    const pairs = Array.from({ length: 100 }, pair);
    const reading = pairs.map(({ socket }) => all(socket));
    for (let round = 0; round < 10; round++) {
      for (const [at, { peer }] of pairs.entries()) await feed(peer, Buffer.from(`${at}:${round}`));
    }
    for (const { peer } of pairs) close(peer);
    for (const [at, texts] of (await Promise.all(reading)).entries()) {
      assert.deepEqual(
        texts,
        Array.from({ length: 10 }, (_, round) => `${at}:${round}`),
      );
    }
    for (const { socket } of pairs) socket.close();
    await loop.close();
    assert.equal(descriptors(), before);
  });

  it("fails what is open when the thread is stopped, and starts another one afterwards", async () => {
    const { socket, peer } = pair();
    const reading = all(socket);
    await loop.close();
    await reading;
    assert.equal(socket.closed, true);
    await assert.rejects(socket.send(Buffer.from("x")), { code: "EPIPE" });
    close(peer);
    const next = pair();
    await feed(next.peer, Buffer.from("again"));
    close(next.peer);
    assert.deepEqual(await all(next.socket), ["again"]);
    next.socket.close();
  });

  it("says which path it cannot reach", async () => {
    const { packetSockets } = linuxKernel();
    await assert.rejects(packetSockets.connect("/none/attach"), { code: "ENOENT", message: /none\/attach/ });
    const long = `/tmp/${"d".repeat(120)}/attach`;
    await assert.rejects(packetSockets.connect(long), { name: "KernelError", code: "ENOENT" });
    await assert.rejects(packetSockets.connect(`/tmp/${"n".repeat(120)}`), { code: "ENAMETOOLONG" });
  });
});

describe("the thread behind packet sockets", () => {
  const moduleUrl = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const open = `
    const { EventLoop } = await import(${moduleUrl("./event-loop.ts")});
    const { native } = await import(${moduleUrl("./libc.ts")});
    const { UnixPacketSocket } = await import(${moduleUrl("./unix-packet-socket.ts")});
    const fds = new Int32Array(2);
    native("socketpair", "int", "int", "int", "int", "void *")(1, 5, 0, new Uint8Array(fds.buffer));
    const loop = new EventLoop();
    const socket = new UnixPacketSocket(fds[0], loop);`;
  const run = (code: string) =>
    spawnSync(process.execPath, ["--input-type=module", "-e", open + code], {
      timeout: 60_000,
      encoding: "utf8",
    });

  it("lets the process exit while a socket is open, and by itself once it is closed", () => {
    assert.equal(run("setTimeout(() => process.exit(7), 100);").status, 7);
    assert.match(run(`setTimeout(() => { throw new Error("thrown") }, 100);`).stderr, /Error: thrown/);
    assert.equal(run("setTimeout(() => socket.close(), 50);").status, 0);
    assert.equal(run("socket.close(); await loop.close(); process.exitCode = 3;").status, 3);
    const idle =
      "socket.close(); await new Promise((resolve) => setTimeout(resolve, 200)); await loop.close();";
    assert.equal(run(`${idle} process.exitCode = 3;`).status, 3);
  });

  it("does not hold up a worker that is terminated", async () => {
    const code = `${open} const { parentPort } = await import("node:worker_threads"); parentPort.postMessage("up");`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
    await once(worker, "message");
    await worker.terminate();
  });
});

const runtime = ["/usr/sbin/runc", "/usr/bin/runc"].find(existsSync);
const tools = runtime && existsSync("/usr/bin/conmon") && existsSync("/usr/bin/busybox");

describe("a monitor's attach socket", {
  skip: tools ? false : "needs conmon, runc and a static busybox",
}, () => {
  let directory: string;
  let id: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "wharf-attach-"));
    id = `wharf-test-${process.pid}`;
  });
  after(() => {
    spawnSync(runtime!, ["delete", "--force", id]);
    rmSync(directory, { recursive: true });
  });

  it("carries stdin there and 16 MB of output back, whole and in order", async () => {
    const lines = 2_000_000;
    const bundle = join(directory, "b".repeat(90));
    makeBundle(bundle, `read line; echo "got $line" >&2; seq -w 1 ${lines}`);
    const exit = join(directory, "exits");
    mkdirSync(exit);
    const conmon = ["--api-version", "1", "-c", id, "-u", id, "-n", id, "-r", runtime!, "-b", bundle, "-i"];
    const files = ["-p", join(directory, "pid"), "-l", "none", "--exit-dir", exit, "--full-attach", "--sync"];
    const monitor = spawn("/usr/bin/conmon", [...conmon, ...files], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const exited = once(monitor, "exit");
    const kernel = linuxKernel();
    const socket = await attach(() => kernel.packetSockets.connect(join(bundle, "attach")));
    await runcStart();
    await socket.send(Buffer.from("hello\n"));
    const output: Uint8Array[][] = [[], [], [], []];
    for await (const packet of socket.packets()) output[packet[0]!]!.push(packet.subarray(1));
    socket.close();
    await kernel.packetSockets.close();
    await exited;
    assert.equal(Buffer.concat(output[3]!).toString(), "got hello\n");
    const width = String(lines).length;
    const expected = Array.from({ length: lines }, (_, at) => String(at + 1).padStart(width, "0"));
    assert.ok(Buffer.concat(output[2]!).equals(Buffer.from(`${expected.join("\n")}\n`)));
  });

  const attach = async (connect: () => Promise<PacketSocket>): Promise<PacketSocket> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await connect();
      } catch (error) {
        if (attempt > 4000) throw error;
        await sleep(10);
      }
    }
  };

  /** The container exists a moment after its socket. */
  const runcStart = async () => {
    for (let attempt = 0; spawnSync(runtime!, ["start", id]).status !== 0; attempt++) {
      assert.ok(attempt < 4000, "the container did not start");
      await sleep(10);
    }
  };
});

function makeBundle(bundle: string, script: string): void {
  mkdirSync(join(bundle, "rootfs", "bin"), { recursive: true });
  mkdirSync(join(bundle, "rootfs", "proc"));
  copyFileSync("/usr/bin/busybox", join(bundle, "rootfs", "bin", "busybox"));
  const config = {
    ociVersion: "1.0.2",
    root: { path: "rootfs" },
    process: {
      cwd: "/",
      args: ["/bin/busybox", "sh", "-c", script.replace("seq", "/bin/busybox seq")],
      env: [],
      user: { uid: 0, gid: 0 },
    },
    mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
    linux: {
      namespaces: ["pid", "ipc", "mount"].map((type) => ({ type })),
      cgroupsPath: `/wharf-test-attach-${process.pid}`,
    },
  };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
}
