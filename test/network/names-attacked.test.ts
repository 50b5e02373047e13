import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const folder = mkdtempSync(join(tmpdir(), "wharf-resolv-"));
const resolvConf = join(folder, "resolv.conf");
writeFileSync(resolvConf, "nameserver 127.0.0.1\n");
// It is looked at when the room is loaded.
process.env["DOCKER_TEST_RESOLV_CONF_PATH"] = resolvConf;
after(() => rmSync(folder, { recursive: true }));
const { calm, idOf, kernel, Room, request, settled } = await import("./support/room.ts");
type Sandbox = import("../../src/network/network.ts").Sandbox;

const SERVER = "127.0.0.11";
const RCODE = { ok: 0, format: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4 };
const TC = 0x0200;

const label = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
const nameOf = (labels: readonly string[]) => Buffer.concat([...labels.map(label), Buffer.from([0])]);
const u16 = (...values: readonly number[]) =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 255])));

interface Asked {
  readonly id?: number;
  readonly flags?: number;
  readonly type?: number;
  readonly class?: number;
  readonly behind?: Buffer;
  readonly additional?: number;
}
const query = (labels: readonly string[] | Buffer, asked: Asked = {}) =>
  Buffer.concat([
    u16(asked.id ?? 7, asked.flags ?? 0x0100, 1, 0, 0, asked.additional ?? 0),
    Buffer.isBuffer(labels) ? labels : nameOf(labels),
    u16(asked.type ?? 1, asked.class ?? 1),
    asked.behind ?? Buffer.alloc(0),
  ]);

const rcodeOf = (answer: Buffer) => answer.readUInt16BE(2) & 15;
const countOf = (answer: Buffer) => answer.readUInt16BE(6);

type Reply = (bytes: Buffer) => void;
/** What the name server of the test says to a question, by its first label. */
type Script = Readonly<Record<string, (question: Buffer, reply: Reply, port: number) => void>>;

/** The answer of a server that knows one address, 192.0.2.`last`. */
function answer(question: Buffer, last = 7, records = 1): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const record = Buffer.from("c00c000100010000003c0004c00002", "hex");
  const body = Array.from({ length: records }, () => Buffer.concat([record, Buffer.from([last])]));
  const bytes = Buffer.concat([question.subarray(0, end), ...body]);
  bytes.writeUInt16BE(0x8180, 2);
  bytes.writeUInt16BE(records, 6);
  bytes.writeUInt32BE(0, 8);
  return bytes;
}

const firstLabel = (question: Buffer) => question.toString("latin1", 13, 13 + question[12]!);

/** The host's name server, at port 53 of the loopback. */
async function upstream(udp: Script, tcp: Script): Promise<AsyncDisposable> {
  const socket = createSocket("udp4").on("message", (question, { port }) => {
    const say = udp[firstLabel(question)] ?? ((_: Buffer, reply: Reply) => reply(answer(question)));
    say(question, (bytes) => socket.send(bytes, port, "127.0.0.1"), port);
  });
  const server = createServer((connection) => {
    connection.on("error", () => connection.destroy());
    connection.on("data", (bytes: Buffer) =>
      tcp[firstLabel(bytes.subarray(2))]?.(bytes.subarray(2), (data) => connection.write(data), 0),
    );
  });
  socket.bind(53, "127.0.0.1");
  await Promise.all([once(socket, "listening"), once(server.listen(53, "127.0.0.1"), "listening")]);
  return {
    async [Symbol.asyncDispose]() {
      socket.close();
      server.close();
    },
  };
}

/** One datagram from a sandbox, and the answer; undefined when there is none in `patience` milliseconds. */
async function ask({ netns }: Sandbox, bytes: Buffer, patience = 15_000): Promise<Buffer | undefined> {
  const socket = createSocket({ type: "udp4", lookup: (name, _options, done) => done(null, name, 4) });
  const bind = { address: "0.0.0.0", port: 0 };
  socket.bind({ fd: kernel.sockets.open({ type: "udp4", netns: netns!, bind }) });
  try {
    const said = once(socket, "message", { signal: AbortSignal.timeout(patience) });
    socket.send(bytes, 53, SERVER);
    return (await said)[0] as Buffer;
  } catch (error) {
    if ((error as Error).name === "AbortError") return undefined;
    throw error;
  } finally {
    socket.close();
  }
}

/** Bytes over TCP from a sandbox; all that is answered until `enough` bytes are there or the server closes. */
async function talk({ netns }: Sandbox, bytes: Buffer, enough = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const socket = new Socket({ fd: kernel.sockets.open({ type: "tcp4", netns: netns! }) });
  const chunks: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    socket.setTimeout(20_000, () => reject(new Error("neither answered nor closed")));
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (Buffer.concat(chunks).length >= enough) resolve();
    });
    socket.on("close", () => resolve());
    // A server that closes with something unread resets the connection.
    socket.on("error", () => resolve());
  });
  socket.connect({ host: SERVER, port: 53 });
  socket.write(bytes);
  await done;
  socket.destroy();
  return Buffer.concat(chunks);
}
const framed = (bytes: Buffer) => Buffer.concat([u16(bytes.length), bytes]);

describe("the name server under attack", { skip: withoutRoot }, () => {
  const room = new Room();
  let clean: readonly string[];
  let box: Sandbox;
  let other: Sandbox;
  const addressOf = ({ endpoints }: Sandbox) => endpoints[0]!.ipv4;
  const addressIn = (said: Buffer | undefined) => said && [...said.subarray(-4)].join(".");

  before(async () => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
    await room.open();
    clean = await calm();
    await room.networks.create({ name: "names" });
    box = await room.networks.setUp(request(room, "box", { networks: { names: {} } }));
    other = await room.networks.setUp(request(room, "other", { networks: { names: {} } }));
  });
  after(async () => {
    for (const name of ["box", "other"]) await room.networks.tearDown(idOf(name));
    await room.networks.remove("names");
    assert.deepEqual(await settled(clean), clean);
    await room[Symbol.asyncDispose]();
  });

  it("does not take one container's strange name for another's, which would spoil what is remembered", async () => {
    const nothing = (question: Buffer) => {
      const soa = Buffer.concat([
        Buffer.from("0000060001000000640016", "hex"),
        Buffer.alloc(18),
        u16(0, 100),
      ]);
      const bytes = Buffer.concat([answer(question, 0, 0), soa]);
      bytes.writeUInt16BE(0x8183, 2);
      bytes.writeUInt16BE(1, 8);
      return bytes;
    };
    await using _server = await upstream(
      { "www.example.org": (question, reply) => reply(nothing(question)) },
      {},
    );
    const strange = await ask(box, query(["www.example.org"]));
    assert.equal(rcodeOf(strange!), RCODE.noSuchName);
    assert.equal(addressIn(await ask(other, query(["www", "example", "org"]))), "192.0.2.7");
    // The letters of a question are a nonce; bytes beyond ASCII have no other case.
    assert.equal(addressIn(await ask(box, query(["\xc0"]))), "192.0.2.7");
  });

  it("refuses what is no question, and says what was wrong", async () => {
    const cases: readonly (readonly [string, Buffer, number])[] = [
      ["a pointer to itself", query(Buffer.from([0xc0, 12])), RCODE.format],
      ["a name that never ends", u16(7, 0x0100, 1, 0, 0, 0, 0x3f41), RCODE.format],
      ["a name of more than 255 bytes", query(Array<string>(5).fill("x".repeat(60))), RCODE.format],
      ["another operation", query(["other"], { flags: 0x2800 }), RCODE.notImplemented],
      [
        "two questions",
        Buffer.concat([u16(7, 0x0100, 2, 0, 0, 0), query(["a"]).subarray(12), query(["b"]).subarray(12)]),
        RCODE.format,
      ],
      ["a question of 60 KB", query(["other"], { behind: Buffer.alloc(60_000) }), RCODE.format],
    ];
    for (const [what, bytes, rcode] of cases) {
      const said = await ask(box, bytes);
      assert.ok(said, `${what} is answered`);
      assert.deepEqual([said.readUInt16BE(0), rcodeOf(said), countOf(said)], [7, rcode, 0], what);
    }
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(11), query(["other"], { flags: 0x8180 })])
      assert.equal(
        await ask(box, bytes, 300),
        undefined,
        "answers are not answered: two servers would never end",
      );
    assert.equal(addressIn(await ask(box, query(["other"]))), addressOf(other));
  });

  it("gives addresses to questions of the Internet's class alone", async () => {
    await using _server = await upstream({ other: (question, reply) => reply(answer(question, 0, 0)) }, {});
    assert.equal(countOf((await ask(box, query(["other"], { class: 3 })))!), 0);
    assert.equal(addressIn(await ask(box, query(["other"], { class: 255 }))), addressOf(other));
  });

  it("believes no answer from another port, with another id, or to another question", async () => {
    const forger = createSocket("udp4").bind(0, "127.0.0.1").unref();
    await once(forger, "listening");
    const forge = (question: Buffer, reply: Reply, port: number) => {
      forger.send(answer(question, 66), port, "127.0.0.1");
      for (let wrong = 1; wrong < 300; wrong++) {
        const bytes = answer(question, 66);
        bytes.writeUInt16BE((question.readUInt16BE(0) + wrong) & 0xffff, 0);
        reply(bytes);
      }
      const elsewhere = answer(question, 66);
      elsewhere[13] = 0x7a;
      reply(elsewhere);
      const asked = Buffer.from(question);
      reply(asked);
      reply(answer(question).subarray(0, 14));
      setTimeout(() => reply(answer(question)), 100);
    };
    await using _server = await upstream({ forged: forge }, {});
    assert.equal(addressIn(await ask(box, query(["forged"]))), "192.0.2.7");
    assert.equal(addressIn(await ask(other, query(["forged"]))), "192.0.2.7", "nor is one remembered");
    forger.close();
  });

  it("hands on no damaged answer", async () => {
    const damaged = (change: (bytes: Buffer) => Buffer) => (question: Buffer, reply: Reply) =>
      reply(change(answer(question)));
    await using _server = await upstream(
      {
        long: damaged((bytes) => Buffer.concat([bytes.subarray(0, -6), u16(0xffff), bytes.subarray(-4)])),
        short: damaged((bytes) => bytes.subarray(0, -2)),
        many: damaged((bytes) => Buffer.concat([bytes.subarray(0, 6), u16(0xffff), bytes.subarray(8)])),
      },
      {},
    );
    for (const name of ["long", "short", "many"])
      assert.equal(rcodeOf((await ask(box, query([name])))!), RCODE.serverFailure, name);
  });

  it("waits for no server that lies about lengths, over TCP", async () => {
    const truncated = (question: Buffer, reply: Reply) => {
      const bytes = answer(question, 0, 0);
      bytes.writeUInt16BE(0x8380, 2);
      reply(bytes);
    };
    const cut = { more: truncated, less: truncated, nothing: truncated, fine: truncated };
    await using _server = await upstream(cut, {
      more: (question, reply) => reply(Buffer.concat([u16(0xffff), answer(question)])),
      less: (question, reply) => reply(Buffer.concat([u16(5), answer(question)])),
      nothing: (_question, reply) => reply(u16(0)),
      fine: (question, reply) => reply(framed(answer(question, 9, 100))),
    });
    const said = await Promise.all(["more", "less", "nothing"].map((name) => ask(box, query([name]))));
    for (const bytes of said) assert.equal(bytes!.readUInt16BE(2) & TC, TC, "the client may try by itself");
    const edns = Buffer.from("0000291000000000000000", "hex");
    const whole = await ask(box, query(["fine"], { behind: edns, additional: 1 }));
    assert.deepEqual([countOf(whole!), whole!.readUInt16BE(2) & TC], [100, 0], "with EDNS it fits");
    const plain = await ask(box, query(["fine"]));
    assert.ok(plain!.length <= 512 && (plain!.readUInt16BE(2) & TC) !== 0, "without it does not");
  });

  it("answers names of its own while a server is silent, however many wait for it", async () => {
    await using _server = await upstream({ silent: () => undefined }, {});
    const waiting: Promise<Buffer | undefined>[] = [];
    for (let index = 0; index < 300; index++) {
      waiting.push(ask(box, query(["silent", `n${index}`]), 4000));
      // More at once than its socket holds would be lost on the way.
      if (index % 50 === 49) await sleep(50);
    }
    await sleep(200);
    assert.equal(addressIn(await ask(box, query(["other"]))), addressOf(other));
    assert.equal(
      addressIn(await ask(other, query(["elsewhere"]))),
      "192.0.2.7",
      "other containers ask others, too",
    );
    const said = await Promise.all(waiting);
    const refused = said.filter((bytes) => bytes && rcodeOf(bytes) === RCODE.serverFailure).length;
    assert.ok(refused >= 300 - 256, "what is too much is refused at once");
  });

  it("closes a connection that carries no questions, and answers thousands in one packet in turns", async () => {
    assert.equal((await talk(box, Buffer.alloc(60_000))).length, 0);
    assert.equal((await talk(box, framed(Buffer.from("nonsense")))).length, 0);
    const many = 2000;
    const one = (await talk(box, framed(query(["other"])), 2)).length;
    const all = Buffer.concat(Array.from({ length: many }, (_, id) => framed(query(["other"], { id }))));
    const said = await talk(box, all, one * many);
    const ids = new Set(Array.from({ length: many }, (_, index) => said.readUInt16BE(index * one + 2)));
    assert.deepEqual([said.length, ids.size], [one * many, many]);
  });
});
