import { once } from "node:events";
import {
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import type { RecordedAnswer } from "./validate-answer.ts";

/** Stands between a client and the engine on a unix socket of its own, and remembers every answer. */
export interface RecordingProxy extends AsyncDisposable {
  /** For `docker -H unix://...`. */
  readonly socketPath: string;
  readonly answers: readonly RecordedAnswer[];
}

interface Parties {
  readonly enginePath: string;
  readonly record: (answer: RecordedAnswer) => void;
}

/** Streams of output are let through unread. */
const isDocument = (type: string): boolean => type.startsWith("application/json");

function forward(request: IncomingMessage, { enginePath }: Parties) {
  const { method, url: path, headers } = request;
  return httpRequest({
    socketPath: enginePath,
    method,
    path,
    headers,
    agent: false,
    allowHalfOpen: true,
  } as object);
}

function relay(request: IncomingMessage, response: ServerResponse, parties: Parties): void {
  const outgoing = forward(request, parties);
  let isAnswered = false;
  outgoing.on("response", (answer) => {
    isAnswered = true;
    const contentType = answer.headers["content-type"] ?? "";
    const status = answer.statusCode ?? 0;
    const chunks: Buffer[] = [];
    const { method = "", url: path = "" } = request;
    const done = () => {
      const body = Buffer.concat(chunks).toString("utf8");
      parties.record({ method, path, status, contentType, body });
    };
    if (isDocument(contentType)) answer.on("data", (chunk: Buffer) => chunks.push(chunk));
    answer.once("end", done);
    response.writeHead(status, answer.statusMessage, answer.rawHeaders);
    response.flushHeaders();
    answer.pipe(response);
    answer.on("error", () => response.destroy());
    response.on("close", () => outgoing.destroy());
  });
  // What an engine that has answered does not take any more is no failure of its answer.
  outgoing.on("error", () => isAnswered || response.destroy());
  send(request, outgoing);
}

/** In one write where that can be: the end of a request sent by itself may meet a connection that was answered and closed. */
function send(request: IncomingMessage, outgoing: ClientRequest): void {
  if (request.headers["content-length"] === undefined) {
    request.pipe(outgoing);
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.once("end", () => outgoing.end(Buffer.concat(chunks)));
}

const headOf = (answer: IncomingMessage): string => {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let i = 0; i < answer.rawHeaders.length; i += 2)
    lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
  return [...lines, "", ""].join("\r\n");
};

function join(client: Duplex, engine: Duplex): void {
  client.pipe(engine);
  engine.pipe(client);
  client.on("error", () => engine.destroy());
  engine.on("error", () => client.destroy());
  engine.on("close", () => client.destroy());
}

function relayUpgrade(request: IncomingMessage, client: Duplex, head: Buffer, parties: Parties): void {
  const { method = "", url: path = "" } = request;
  const outgoing = forward(request, parties);
  outgoing.on("upgrade", (answer, engine, first) => {
    const contentType = answer.headers["content-type"] ?? "";
    parties.record({ method, path, status: 101, contentType, body: undefined });
    client.write(headOf(answer));
    if (first.length > 0) client.write(first);
    if (head.length > 0) engine.write(head);
    join(client, engine);
  });
  outgoing.on("response", async (answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const contentType = answer.headers["content-type"] ?? "";
    parties.record({
      method,
      path,
      status: answer.statusCode ?? 0,
      contentType,
      body: body.toString("utf8"),
    });
    client.end(Buffer.concat([Buffer.from(headOf(answer)), body]));
  });
  outgoing.on("error", () => client.destroy());
  request.pipe(outgoing);
}

function listen(server: Server, socketPath: string): Promise<unknown> {
  server.listen(socketPath);
  return once(server, "listening");
}

/** Starts a proxy on `socketPath` before the engine at `enginePath`; disposing it closes its connections. */
export async function startRecordingProxy(enginePath: string, socketPath: string): Promise<RecordingProxy> {
  const answers: RecordedAnswer[] = [];
  const parties: Parties = { enginePath, record: (answer) => void answers.push(answer) };
  const upgraded = new Set<Duplex>();
  const server = createServer({ requestTimeout: 0 }, (request, response) =>
    relay(request, response, parties),
  );
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    relayUpgrade(request, socket, head, parties);
  });
  await listen(server, socketPath);
  return {
    socketPath,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
