import { createSocket, type Socket } from "node:dgram";
import { connect } from "node:net";

/** Milliseconds for one server; each is asked twice. */
const PATIENCE = 2000;
const ATTEMPTS = 2;
const PORT = 53;

const isAnswerTo = (query: Uint8Array, answer: Uint8Array): boolean =>
  answer.length >= 12 && answer[0] === query[0] && answer[1] === query[1] && (answer[2]! & 0x80) !== 0;

const isTruncated = (answer: Uint8Array): boolean => (answer[2]! & 0x02) !== 0;

/** One question over UDP, from a port of its own: a forged answer would have to guess port and id. */
function overUdp(server: string, query: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const socket: Socket = createSocket(server.includes(":") ? "udp6" : "udp4");
  const timer = setTimeout(() => reject(new Error(`${server} did not answer`)), PATIENCE);
  socket.on("error", reject);
  socket.on("message", (answer) => {
    if (isAnswerTo(query, answer)) resolve(answer);
  });
  // Connected: the kernel drops what comes from anybody else, and reports a port nobody listens on.
  // Not `connect`'s callback: it is also called, with the error, when there is no route.
  socket.once("connect", () => socket.send(query));
  socket.connect(PORT, server);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

/** The same over TCP (RFC 1035, section 4.2.2), for answers that do not fit into a datagram. */
function overTcp(server: string, query: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const socket = connect({ host: server, port: PORT, timeout: PATIENCE });
  let received = Buffer.alloc(0);
  socket.on("error", reject);
  socket.on("timeout", () => reject(new Error(`${server} did not answer`)));
  socket.on("close", () => reject(new Error(`${server} closed the connection`)));
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const length = received.length >= 2 ? received.readUInt16BE(0) : Number.POSITIVE_INFINITY;
    const answer = received.subarray(2, 2 + length);
    if (received.length >= 2 + length)
      isAnswerTo(query, answer) ? resolve(answer) : reject(new Error(`${server} answered another question`));
  });
  const head = Buffer.alloc(2);
  head.writeUInt16BE(query.length);
  socket.write(Buffer.concat([head, query]));
  return promise.finally(() => socket.destroy());
}

/**
 * Asks the servers in turn for what is not ours to know. An answer too long for UDP is fetched over TCP and handed on if
 * it fits the client's `limit`. Rejects with AggregateError when nobody answers.
 */
export async function forward(
  servers: readonly string[],
  query: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  const failures: unknown[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (const server of servers) {
      try {
        const answer = await overUdp(server, query);
        if (!isTruncated(answer)) return answer;
        const whole = await overTcp(server, query).catch(() => answer);
        return whole.length <= limit ? whole : answer;
      } catch (error) {
        failures.push(error);
      }
    }
  }
  throw new AggregateError(failures, `no name server answered (${servers.join(", ")})`);
}
