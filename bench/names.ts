/**
 * How many names a second the embedded server answers: 200 containers on one network, one of them asks for the others in
 * turn, 64 questions under way. `node bench/names.ts` (root).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { moveToOwnNetwork } from "../test/network/support/own-network.ts";

moveToOwnNetwork();
const { kernel, Room, request, idOf } = await import("../test/network/support/room.ts");

const CONTAINERS = 200;
const QUESTIONS = 100_000;
const LIMIT = 10_000;

const ASK = `
  const s = require("dgram").createSocket("udp4", { lookup: undefined });
  const message = (id, name) => Buffer.concat([Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length]), Buffer.from(name), Buffer.from([0, 0, 1, 0, 1])]);
  let sent = 0, got = 0, start;
  const ask = () => { if (sent < ${QUESTIONS}) { s.send(message(sent & 0xffff, "c" + sent % ${CONTAINERS})); sent++; } };
  s.on("message", () => { if (++got === ${QUESTIONS}) { console.log(process.hrtime.bigint() - start); process.exit(); } ask(); });
  s.connect(53, "127.0.0.11", () => { start = process.hrtime.bigint(); for (let i = 0; i < 64; i++) ask(); });`;

await using room = new Room();
using links = kernel.netlink.open();
links.change(1, { up: true });
await room.open();
await room.networks.create({ name: "names" });
for (let index = 0; index < CONTAINERS; index++)
  await room.networks.setUp(request(room, `c${index}`, { networks: { names: {} } }));
const { netns } = room.networks.sandbox(idOf("c0"))!;
const child = spawn("nsenter", [`--net=${netns}`, "--", process.execPath, "-e", ASK], {
  stdio: ["ignore", "pipe", "inherit"],
});
let text = "";
child.stdout.on("data", (chunk) => {
  text += chunk;
});
await once(child, "close");
const perSecond = Math.round((QUESTIONS / Number(text.trim().replace("n", ""))) * 1e9);
console.log(`${perSecond} answers a second (limit ${LIMIT})`);
if (perSecond < LIMIT) process.exitCode = 1;
