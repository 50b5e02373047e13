import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { moveToOwnNetwork, withoutRoot } from "./support/own-network.ts";

moveToOwnNetwork();
const { calm, idOf, kernel, Room, request, settled } = await import("./support/room.ts");

/** Runs a script of Node in a sandbox; what it prints. A script that hangs is ended. */
async function inside(netns: string | undefined, code: string): Promise<string> {
  const child = spawn("nsenter", [`--net=${netns}`, "--", process.execPath, "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  return Buffer.concat(chunks).toString().trim();
}

const HELPERS = `
  const message = (id, name, type) => Buffer.concat([Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...name.split(".").map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)])), Buffer.from([0, 0, type, 0, 1])]);
  const framed = (m) => Buffer.concat([Buffer.from([m.length >> 8, m.length & 255]), m]);`;

/** A name server of the test's own at 0.0.0.0:53 that answers with 192.0.2.7 and counts; "big.*" fits only TCP. */
async function upstream(): Promise<AsyncDisposable & { udp: number; tcp: number; silent: boolean }> {
  const answer = (query: Buffer, count: number, ttl: number): Buffer => {
    const end = query.indexOf(0, 12) + 5;
    const record = Buffer.from("c00c0001000100000000" + "0004c0000207", "hex");
    record.writeUInt32BE(ttl, 6);
    const bytes = Buffer.concat([query.subarray(0, end), ...Array<Buffer>(count).fill(record)]);
    bytes.writeUInt16BE(0x8180, 2);
    bytes.writeUInt16BE(count, 6);
    bytes.writeUInt32BE(0, 8);
    return bytes;
  };
  const state = { udp: 0, tcp: 0, silent: false };
  const isBig = (query: Buffer) => query.subarray(13, 16).toString() === "big";
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    state.udp++;
    if (state.silent) return;
    const whole = answer(query, isBig(query) ? 0 : 1, 60);
    if (isBig(query)) whole[2] = whole[2]! | 2;
    socket.send(whole, port, address);
  });
  const server = createServer((connection) => {
    connection.on("data", (bytes: Buffer) => {
      state.tcp++;
      const whole = answer(bytes.subarray(2), 100, 60);
      connection.end(Buffer.concat([Buffer.from([whole.length >> 8, whole.length & 255]), whole]));
    });
  });
  socket.bind(53, "0.0.0.0");
  await Promise.all([once(socket, "listening"), once(server.listen(53, "0.0.0.0"), "listening")]);
  return Object.assign(state, {
    async [Symbol.asyncDispose]() {
      socket.close();
      server.close();
      await once(server, "close");
    },
  });
}

const RESOLVER = `const d = require("dns"); const r = new d.promises.Resolver({ timeout: 20_000, tries: 1 }); r.setServers(["127.0.0.11"]);`;
const resolve = (netns: string | undefined, code: string): Promise<string> =>
  inside(netns, `${RESOLVER} (async () => { ${code} })().catch((e) => console.log(e.code));`);

describe("names", { skip: withoutRoot }, () => {
  const room = new Room();
  let clean: readonly string[];
  let gateway: string;
  let box: import("../../src/network/index.ts").Sandbox;

  before(async () => {
    using links = kernel.netlink.open();
    links.change(1, { up: true });
    await room.open();
    clean = await calm();
    const { ipam } = await room.networks.create({ name: "names" });
    gateway = ipam.config[0]!.gateway!;
    const dns = { servers: [gateway] };
    box = await room.networks.setUp(request(room, "box", { networks: { names: {} }, dns }));
    await room.networks.setUp(request(room, "other", { networks: { names: { Aliases: ["Shared-One"] } } }));
  });
  after(async () => {
    for (const name of ["box", "other"]) await room.networks.tearDown(idOf(name));
    await room.networks.remove("names");
    assert.deepEqual(await settled(clean), clean);
    await room[Symbol.asyncDispose]();
  });

  it("are answered while the container itself has port 53 on all addresses, over UDP and TCP", async () => {
    const { ipv4 } = room.networks.sandbox(idOf("other"))!.endpoints[0]!;
    const said = await inside(
      box.netns,
      `${HELPERS}
      const dgram = require("dgram"), net = require("net");
      dgram.createSocket("udp4").on("message", () => console.log("wrong")).bind(53, "0.0.0.0", () =>
        net.createServer(() => console.log("wrong")).listen(53, "0.0.0.0", () => {
          const udp = dgram.createSocket("udp4").on("message", (m) => {
            console.log("udp", m.subarray(-4).join("."));
            const tcp = net.connect(53, "127.0.0.11");
            tcp.write(Buffer.concat([framed(message(1, "other", 1)), framed(message(2, "OTHER.names", 1)).subarray(0, 5)]));
            setImmediate(() => tcp.write(framed(message(2, "OTHER.names", 1)).subarray(5)));
            const ids = [];
            tcp.on("data", (m) => { while (m.length) { const l = m.readUInt16BE(0); ids.push(m.readUInt16BE(2) + " " + m.subarray(l - 2, l + 2).join(".")); m = m.subarray(l + 2); }
              if (ids.length === 2) { console.log(ids.sort().join(" ")); process.exit(); } });
          });
          udp.send(message(9, "shared-one", 1), 53, "127.0.0.11");
        }));`,
    );
    assert.equal(said, `udp ${ipv4}\n1 ${ipv4} 2 ${ipv4}`);
  });

  it("of others are asked once, kept for their time, and fetched over TCP when they are long", async () => {
    await using server = await upstream();
    const ask = `console.log((await Promise.all([1, 2, 3].map(() => r.resolve4("far.example.org")))).join())`;
    assert.equal(await resolve(box.netns, ask), "192.0.2.7,192.0.2.7,192.0.2.7");
    assert.equal(server.udp, 1, "the same question of several is one");
    assert.equal(
      await resolve(
        box.netns,
        `console.log((await r.resolve4("FAR.example.org", { ttl: true }))[0].ttl <= 60)`,
      ),
      "true",
    );
    assert.equal(server.udp, 1, "the answer was kept");
    assert.equal(
      await resolve(box.netns, `console.log((await r.resolve4("big.example.org")).length)`),
      "100",
    );
    assert.ok(server.tcp >= 1);
  });

  it("that nobody answers are a failure in the end, and many such questions do no harm", async () => {
    await using server = await upstream();
    server.silent = true;
    const flood = `${HELPERS}
      const s = require("dgram").createSocket("udp4"); let got = 0;
      s.on("message", (m) => { got++; if ((m[3] & 15) !== 2) console.log("wrong", m[3]); });
      let sent = 0; const more = setInterval(() => {
        // In portions, and on and on: what arrives faster than it is read the kernel drops.
        for (const end = sent + 50; sent < end; sent++) s.send(message(sent & 65535, "n" + sent + ".example.org", 1), 53, "127.0.0.11");
        if (got >= 300) { console.log("refused"); process.exit(); }
      }, 10);`;
    assert.equal(await inside(box.netns, flood), "refused", "what is beyond the limit is refused at once");
    const { ipv4 } = room.networks.sandbox(idOf("other"))!.endpoints[0]!;
    assert.equal(await resolve(box.netns, `console.log(...(await r.resolve4("other")))`), ipv4);
  });

  it("asked for with any bytes do not end the server", async () => {
    const storm = `const s = require("dgram").createSocket("udp4"), c = require("crypto"), net = require("net");
      for (let i = 0; i < 500; i++) { const b = c.randomBytes(i % 80); if (i % 3 === 0 && b.length > 12) { b[2] = 1; b[4] = 0; b[5] = 1; } s.send(b, 53, "127.0.0.11"); }
      for (let i = 0; i < 100; i++) net.connect(53, "127.0.0.11").on("error", () => 0).write(c.randomBytes(200));
      setTimeout(() => process.exit(), 300);`;
    await inside(box.netns, storm);
    const { ipv4 } = room.networks.sandbox(idOf("other"))!.endpoints[0]!;
    assert.equal(await resolve(box.netns, `console.log(...(await r.resolve4("other")))`), ipv4);
  });

  it("go on after a restart of the engine", async () => {
    await room.close();
    await room.open({}, [idOf("box"), idOf("other")]);
    const { ipv4 } = room.networks.sandbox(idOf("other"))!.endpoints[0]!;
    assert.equal(await resolve(box.netns, `console.log(...(await r.resolve4("other")))`), ipv4);
  });
});
