import type { IncomingMessage, ServerResponse } from "node:http";
import { type Duplex, finished } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { frameHeader } from "../schema/multiplex.ts";
import { BatchWriter } from "./batch-writer.ts";
import type { HijackReply } from "./call.ts";
import { detachScanner } from "./detach-keys.ts";
import { watchForGoing } from "./presence.ts";

/** How long a client may keep its half of a finished connection. */
const LINGER_MS = 5_000;

/** Of a stream without frames. */
export const RAW_STREAM = "application/vnd.docker.raw-stream";
const MULTIPLEXED = "application/vnd.docker.multiplexed-stream";

/** The media type came with 1.42; older clients know only the raw one, whatever the bytes are. */
export const streamMediaType = (multiplexed: boolean, minor: number): string =>
  multiplexed && minor >= 42 ? MULTIPLEXED : RAW_STREAM;

/**
 * Takes the connection of an ordinary request away from node:http, for clients that hijack without asking for an
 * upgrade. Whatever the parser had already read of the request's body must have been read before.
 */
export function takeSocket(request: IncomingMessage, response: ServerResponse): Duplex {
  const { socket } = request;
  response.detachSocket(socket);
  // The parser listens for these; its close listener stays, it frees the parser.
  for (const event of ["data", "end", "error", "drain", "timeout"]) socket.removeAllListeners(event);
  socket.setTimeout(0);
  return socket;
}

export interface HijackHead {
  /** 101 with the upgrade headers, or the older 200. */
  readonly upgrade: boolean;
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string>>;
}

function headText({ upgrade, mediaType, headers }: HijackHead): string {
  const first = upgrade
    ? ["HTTP/1.1 101 UPGRADED", `Content-Type: ${mediaType}`, "Connection: Upgrade", "Upgrade: tcp"]
    : ["HTTP/1.1 200 OK", `Content-Type: ${mediaType}`];
  const rest = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [...first, ...rest, "", ""].join("\r\n");
}

/** A connection as it becomes a byte pipe. */
export interface Hijacked {
  readonly socket: Duplex;
  /** What the client had sent behind its request. */
  readonly first: Uint8Array;
  /** Whether the client has yet to read what was sent over a descriptor. */
  readonly hasUntaken: (fd: number) => boolean;
}

/** How long output waits for a client that does not read the head. */
const HEAD_MS = 5_000;

/**
 * Waits until the client has read the head. Clients that parse it with a buffered reader and then go on with the bare
 * socket (Docker's for Python) lose what came together with it. Other kinds of connections than unix sockets cannot tell.
 */
async function headTaken({ socket, hasUntaken }: Hijacked): Promise<void> {
  const fd = (socket as { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) return;
  const until = performance.now() + HEAD_MS;
  while (!socket.destroyed && hasUntaken(fd) && performance.now() < until) await sleep(1);
}

async function pumpOutput(connection: Hijacked, { stdio, multiplexed }: HijackReply): Promise<void> {
  const writer = new BatchWriter(connection.socket);
  let isFirst = true;
  for await (const { stream, data } of stdio.output) {
    if (isFirst) await headTaken(connection);
    isFirst = false;
    if (writer.closed) return;
    const slow = multiplexed ? writer.write(frameHeader(stream, data.length), data) : writer.write(data);
    if (slow) await slow;
  }
  writer.flush();
}

/** Client's bytes to the process, one piece at a time: a process that does not read stops the client. */
function pumpInput(socket: Duplex, first: Uint8Array, reply: HijackReply, onDetach: () => void): void {
  const { stdio } = reply;
  if (!reply.input) {
    socket.resume();
    return;
  }
  const scan = detachScanner(reply.detachKeys);
  let open = true;
  let last = Promise.resolve();
  // A process that no longer reads: what still comes is dropped, its output goes on.
  const dropRest = () => {
    open = false;
    socket.resume();
  };
  const push = (chunk: Uint8Array) => {
    if (!open) return;
    const { forward, detached } = scan(chunk);
    socket.pause();
    last = last.then(() => stdio.write(forward)).then(() => void socket.resume(), dropRest);
    if (detached) last.then(onDetach);
  };
  if (first.length > 0) push(first);
  socket.on("data", push);
  socket.on("end", () => {
    last.then(() => stdio.end()).catch(dropRest);
  });
  socket.resume();
}

/** Ends our half; the client's is read to its end for a while, because closing on unread bytes would reset it. */
export function finish(socket: Duplex): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  finished(socket, () => {
    clearTimeout(timer);
    socket.destroy();
  });
  socket.end();
  socket.resume();
}

/** Joins a connection and a process's stdio; resolves when the connection is over. Throws what the output threw. */
export async function serveHijack(
  connection: Hijacked,
  head: HijackHead,
  reply: HijackReply,
  signal: AbortSignal,
): Promise<void> {
  const { socket, first } = connection;
  const { stdio } = reply;
  const leave = () => stdio.close();
  socket.on("error", leave);
  socket.on("close", leave);
  socket.once("end", () => watchForGoing(socket));
  signal.addEventListener("abort", leave, { once: true });
  try {
    socket.write(headText(head));
    pumpInput(socket, first, reply, leave);
    await pumpOutput(connection, reply);
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
    finish(socket);
  }
}
