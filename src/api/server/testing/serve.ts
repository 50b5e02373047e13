import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { silentLogger } from "../../../base/log.ts";
import type { Engine } from "../ports.ts";
import { type ApiServer, createApiServer } from "../server.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface AskOptions {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server before the given engine, on a socket in a folder of its own. */
export class TestServer implements AsyncDisposable {
  readonly socketPath: string;
  readonly api: ApiServer;
  readonly #folder: string;

  constructor(folder: string, api: ApiServer) {
    this.#folder = folder;
    this.socketPath = join(folder, "api.sock");
    this.api = api;
  }

  async ask(method: string, path: string, { body, headers = {} }: AskOptions = {}): Promise<Answer> {
    const json =
      body === undefined
        ? {}
        : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const outgoing = request({
      socketPath: this.socketPath,
      method,
      path,
      agent: false,
      headers: { ...json, ...headers },
    });
    outgoing.end(body);
    const [incoming] = await once(outgoing, "response");
    return { status: incoming.statusCode, headers: incoming.headers, body: await text(incoming) };
  }

  /** A bare connection, for bytes that no client library would send. */
  async dial(): Promise<Socket> {
    const socket = connect({ path: this.socketPath, allowHalfOpen: true });
    await once(socket, "connect");
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.close(200);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** `hasUntaken` stands for what the kernel says of each connection. */
export async function serve(engine: Engine, hasUntaken = () => false): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-api-"));
  const api = createApiServer({ engine, log: silentLogger, version: "0.1.0", hasUntaken });
  const server = new TestServer(folder, api);
  const listener = api.createServer();
  listener.listen(server.socketPath);
  await once(listener, "listening");
  return server;
}

/** What arrives until `wanted` is in it (or the end, without it). */
export async function readUntil(socket: Socket, wanted?: string): Promise<string> {
  let seen = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    seen += chunk.toString("latin1");
    if (wanted !== undefined && seen.includes(wanted)) break;
  }
  return seen;
}
