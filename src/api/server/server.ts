import type { IncomingMessage, ServerResponse as Response, Server, ServerOptions } from "node:http";
import type { ServerOptions as TlsOptions, Server as TlsServer } from "node:https";
import type { ServerOpts, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../../base/log.ts";
import { type Dispatch, dispatcher } from "./dispatch.ts";
import { finish } from "./hijack.ts";
import type { Engine } from "./ports.ts";
import { Turns } from "./turns.ts";

// An `import` of this module evaluates its every getter, undici among them: 50 ms and 16 MB at each start.
const { createServer: createHttpServer, ServerResponse } = process.getBuiltinModule("node:http");

export interface ApiServerOptions {
  readonly engine: Engine;
  readonly log: Logger;
  /** Wharf's own version, for the `Server` header. */
  readonly version: string;
  /** Whether the peer has yet to read what was sent over a connection's descriptor. */
  readonly hasUntaken: (fd: number) => boolean;
}

export interface ApiServer {
  /** A server ready for `listen`; any number of them share one handler. */
  createServer(): Server;
  /** The same behind TLS; `options` carry certificate, key and the client authorities. */
  createTlsServer(options: TlsOptions): Promise<TlsServer>;
  /**
   * Stops listening, ends streams and attached connections, and lets short calls finish; what is not over after
   * `graceMs` is cut. Attached processes run on.
   */
  close(graceMs?: number): Promise<void>;
}

const HTTP_OPTIONS: ServerOptions = {
  // Uploads and waits last as long as they last; idle connections belong to client pools.
  requestTimeout: 0,
  keepAliveTimeout: 0,
  // Filters and credentials travel in the head.
  maxHeaderSize: 256 * 1024,
  requireHostHeader: false,
};

/** A bad request that never became one: the connection is told and closed. */
function onClientError(
  _error: Error,
  socket: { readonly writable: boolean; end(data: string): void; destroy(): void },
) {
  if (!socket.writable) return socket.destroy();
  const body = '{"message":"malformed HTTP request"}\n';
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** An upgrade has no response of its own: errors of a refused one are written through this. */
function responseFor(request: IncomingMessage, socket: Duplex): Response {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  // With a body before it the connection is a stream of node's own, not a socket, and does all that is asked of one.
  response.assignSocket(socket as Socket);
  response.on("finish", () => finish(socket));
  return response;
}

class WharfApiServer implements ApiServer {
  readonly #dispatch: Dispatch;
  readonly #servers = new Set<Server | TlsServer>();
  readonly #sockets = new Set<Socket>();
  readonly #turns = new Turns();
  readonly #closing = new AbortController();

  constructor(options: ApiServerOptions) {
    this.#dispatch = dispatcher(options, this.#closing.signal);
  }

  createServer(): Server {
    return this.#equip(createHttpServer(this.#options()));
  }

  async createTlsServer(options: TlsOptions): Promise<TlsServer> {
    const { createServer } = await import("node:https");
    // Its sockets end both halves at the end of one otherwise, and with it the output for clients without input.
    const half: Pick<ServerOpts, "allowHalfOpen"> = { allowHalfOpen: true };
    return this.#equip(createServer({ ...this.#options(), ...half, ...options }));
  }

  async close(graceMs = 3_000): Promise<void> {
    this.#closing.abort();
    const stopped = [...this.#servers].map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const server of this.#servers) server.closeIdleConnections();
    const stop = new AbortController();
    await Promise.race([
      Promise.all([...stopped, this.#idle(stop.signal)]),
      sleep(graceMs, undefined, { signal: stop.signal, ref: false }),
    ]);
    stop.abort();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(stopped);
  }

  /** Every connection is over, upgraded ones included (node:http forgets those). */
  async #idle(signal: AbortSignal): Promise<void> {
    while (this.#sockets.size > 0 && !signal.aborted) await sleep(20);
  }

  #options(): ServerOptions {
    return { ...HTTP_OPTIONS, shouldUpgradeCallback: (request) => this.#dispatch.isHijack(request) };
  }

  #equip<S extends Server | TlsServer>(server: S): S {
    // A client may say that it has said all, and still wants its answer (`nc -N`).
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on("request", (request, response) => {
      this.#turns.begun(request.socket, response);
      void this.#dispatch.serve(request, response, undefined);
    });
    server.on("upgrade", (request, socket, head) => {
      // Nobody else listens from here on, and an error without a listener would end this process.
      socket.on("error", () => undefined);
      this.#turns.after(request.socket, () => {
        void this.#dispatch.serve(request, responseFor(request, socket), { socket, head });
      });
    });
    server.on("clientError", onClientError);
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      // Every request of a pipeline wants to know when the client goes.
      socket.setMaxListeners(0);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
    return server;
  }
}

export const createApiServer = (options: ApiServerOptions): ApiServer => new WharfApiServer(options);
