import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { invalidParameter } from "../../base/errors.ts";
import type { HijackReply } from "./call.ts";
import { detachScanner } from "./detach-keys.ts";
import type { AttachedStdio } from "./ports.ts";

/** A message from a client may be so large; ours are what the process writes at once. */
const LARGEST_MESSAGE = 1024 * 1024;
/** RFC 6455: the purpose is fulfilled; the server failed. */
const NORMAL = 1000;
const FAILED = 1011;

async function accept(request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<WebSocket> {
  // Loaded by the first client that needs it.
  const { WebSocketServer } = await import("ws");
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.once("close", () => reject(invalidParameter("the client has gone during the handshake")));
    server.once("wsClientError", reject);
    server.handleUpgrade(request, socket, Buffer.from(head), resolve);
  });
}

const bytesOf = (data: RawData): Uint8Array =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data;

/** Messages to the process, one at a time: a process that does not read stops the client. */
function pumpInput(client: WebSocket, { stdio, input, detachKeys }: HijackReply): void {
  if (!input) return;
  const scan = detachScanner(detachKeys);
  let last = Promise.resolve();
  client.on("message", (message) => {
    const { forward, detached } = scan(bytesOf(message));
    client.pause();
    last = last
      .then(() => stdio.write(forward))
      // One that no longer reads: what still comes is dropped, its output goes on.
      .catch(() => undefined)
      .then(() => client.resume());
    if (detached) void last.then(() => stdio.close());
  });
}

const send = (client: WebSocket, data: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    client.send(data, { binary: true }, (error) => (error ? reject(error) : resolve()));
  });

async function pumpOutput(client: WebSocket, { output }: AttachedStdio): Promise<void> {
  for await (const { data } of output) {
    if (client.readyState !== client.OPEN) return;
    await send(client, data);
  }
}

/**
 * Joins a WebSocket and a process's stdio: output in binary messages, both streams as they come, what the client sends
 * as input. Its going leaves the process alone.
 */
export async function serveWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  reply: HijackReply,
  signal: AbortSignal,
): Promise<void> {
  const { stdio } = reply;
  const leave = () => stdio.close();
  signal.addEventListener("abort", leave, { once: true });
  try {
    const client = await accept(request, socket, head);
    client.on("close", leave);
    client.on("error", leave);
    pumpInput(client, reply);
    await pumpOutput(client, stdio).then(
      () => client.close(NORMAL),
      (error: unknown) => {
        client.close(FAILED);
        throw error;
      },
    );
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}
