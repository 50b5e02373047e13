import { createSocket, type Socket as Datagrams } from "node:dgram";
import { Socket } from "node:net";
import type { Sockets } from "../../kernel/index.ts";
import { isAnswerTo } from "./answer.ts";
import { type DnsTransport, HEADER } from "./message.ts";

/** Milliseconds for one question to one server. */
const PATIENCE = 2000;
const PORT = 53;

export interface Asking {
  readonly sockets: Sockets;
  /** Namespace from which the server is asked; the engine's own when undefined. */
  readonly netns: string | undefined;
  readonly server: string;
}

/** The question with an id of our own: neither ports nor ids of a container's choice go out into the world. */
function withId(query: Uint8Array, id: number): Buffer {
  const bytes = Buffer.from(query);
  bytes.writeUInt16BE(id, 0);
  return bytes;
}

interface Question {
  readonly id: number;
  readonly bytes: Buffer;
  readonly question: Uint8Array;
}

function openDatagrams({ sockets, netns, server }: Asking): Datagrams {
  const type = server.includes(":") ? "udp6" : "udp4";
  // Node looks even addresses up asynchronously unless it is given a lookup that answers at once.
  const socket = createSocket({
    type,
    lookup: (name, _options, done) => done(null, name, type === "udp4" ? 4 : 6),
  });
  if (netns === undefined) return socket;
  const address = type === "udp4" ? "0.0.0.0" : "::";
  return socket.bind({ fd: sockets.open({ type, netns, bind: { address, port: 0 } }) });
}

/** From a port of its own: a forged answer would have to guess port and id. */
function overUdp(asking: Asking, { id, bytes, question }: Question): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const socket = openDatagrams(asking);
  const timer = setTimeout(() => reject(new Error(`${asking.server} did not answer`)), PATIENCE);
  socket.on("error", reject);
  socket.on("message", (answer) => {
    if (isAnswerTo(id, question, answer)) resolve(answer);
  });
  // Connected: the kernel drops what comes from anybody else, and reports a port nobody listens on.
  // Not `connect`'s callback: it is also called, with the error, when there is no route.
  socket.once("connect", () => socket.send(bytes));
  socket.connect(PORT, asking.server);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

function openStream({ sockets, netns, server }: Asking): Socket {
  if (netns === undefined) return new Socket();
  return new Socket({ fd: sockets.open({ type: server.includes(":") ? "tcp6" : "tcp4", netns }) });
}

/** RFC 1035, section 4.2.2. */
function overTcp(asking: Asking, { id, bytes, question }: Question): Promise<Uint8Array> {
  const { server } = asking;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const socket = openStream(asking);
  const timer = setTimeout(() => reject(new Error(`${server} did not answer`)), PATIENCE);
  let received = Buffer.alloc(0);
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`${server} closed the connection`)));
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
    const answer = received.subarray(2, 2 + received.readUInt16BE(0));
    if (isAnswerTo(id, question, answer)) resolve(answer);
    else reject(new Error(`${server} answered another question`));
  });
  socket.connect({ host: server, port: PORT });
  socket.write(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

/**
 * One question to one server. Rejects when it does not answer in time, or with something else. `query` is a whole message
 * whose question ends at `questionLength` behind the header.
 */
export function askServer(
  asking: Asking,
  transport: DnsTransport,
  query: Uint8Array,
  questionLength: number,
): Promise<Uint8Array> {
  const id = crypto.getRandomValues(new Uint16Array(1))[0]!;
  const question = query.subarray(HEADER, HEADER + questionLength);
  return (transport === "udp" ? overUdp : overTcp)(asking, { id, bytes: withId(query, id), question });
}
