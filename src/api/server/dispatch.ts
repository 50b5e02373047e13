import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  type EngineError,
  invalidParameter,
  kindOf,
  messageOf,
  notFound,
  notImplemented,
  unavailable,
} from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { type AnyRoute, type RouteId, routes, type UnservedRoute, unservedRoutes } from "../routes/index.ts";
import type { AnswerKind } from "../routes/route.ts";
import { API_VERSION } from "../routes/versions.ts";
import { downgrade } from "../schema/versions/index.ts";
import { readBody } from "./body.ts";
import type { ByteReply, HijackReply, TextReply } from "./call.ts";
import { handlerOf } from "./handlers/index.ts";
import { RAW_STREAM, serveHijack, streamMediaType, takeSocket } from "./hijack.ts";
import type { Engine } from "./ports.ts";
import { watchForGoing } from "./presence.ts";
import {
  sendBytes,
  sendDeferred,
  sendEmpty,
  sendError,
  sendJson,
  sendLines,
  sendRows,
  sendStreamError,
  sendText,
} from "./respond.ts";
import { type Match, Router } from "./router.ts";
import { readOnAfterAnswer } from "./upload.ts";
import { expectsPlainErrors, negotiate, splitVersion } from "./version.ts";

/** A connection that node:http has already let go of. */
export interface Upgraded {
  readonly socket: Duplex;
  readonly head: Uint8Array;
}

export interface Dispatch {
  serve(request: IncomingMessage, response: ServerResponse, upgraded: Upgraded | undefined): Promise<void>;
  /** Whether an `Upgrade` header means anything on this path; elsewhere it is ignored, as HTTP allows. */
  isHijack(request: IncomingMessage): boolean;
}

interface Served {
  readonly id: RouteId;
  readonly method: string;
  readonly path: string;
  readonly also?: string;
  readonly route: AnyRoute;
}
type Entry = Served | UnservedRoute;

const table: readonly Entry[] = [
  ...unservedRoutes,
  ...Object.entries(routes).map(([id, route]): Served => {
    const { method, path, also } = route as AnyRoute;
    return { id: id as RouteId, method, path, ...(also !== undefined && { also }), route };
  }),
];

function refusalOf({ method, path, why, absent, inactive }: UnservedRoute): EngineError {
  if (inactive) return unavailable(why);
  return absent ? notFound(why) : notImplemented(`${method} ${path} is not available: ${why}`);
}

interface Target {
  readonly version: string;
  readonly match: Match<Entry> | undefined;
  readonly query: URLSearchParams;
}

function locate(router: Router<Entry>, request: IncomingMessage): Target {
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  const { version, rest } = splitVersion(path);
  let decoded: string;
  try {
    decoded = decodeURIComponent(rest);
  } catch (cause) {
    throw invalidParameter("malformed percent-encoding in the request path", cause);
  }
  const parameters = new URLSearchParams(query.join("?"));
  // The kernel and every C program end a text there.
  if (decoded.includes("\0") || [...parameters.values()].some((value) => value.includes("\0")))
    throw invalidParameter("the request's path or query has a NUL character in it");
  return { version, match: router.match(request.method ?? "GET", decoded), query: parameters };
}

function readArgs(route: AnyRoute, match: Match<Entry>, query: URLSearchParams): Record<string, unknown> {
  const args: Record<string, unknown> = { ...match.params };
  for (const [name, parameter] of Object.entries(route.query))
    args[name] = parameter.parse(query.getAll(name), name);
  return args;
}

/** Answers that can last for ever: closing the server ends them, while short calls may finish. */
const STREAMS: ReadonlySet<AnswerKind> = new Set([
  "deferred",
  "bytes",
  "lines",
  "live",
  "hijack",
  "websocket",
]);

/** Answers that take the connection over. */
const CONNECTIONS: ReadonlySet<AnswerKind> = new Set(["hijack", "websocket"]);

/**
 * Fires when the connection ends before the answer does. With `silence`, the answer may have nothing to send for long,
 * and the end of what the client says has to be looked into: it may have gone.
 */
function goneSignal(response: ServerResponse, socket: Duplex, silence: boolean): AbortSignal {
  const gone = new AbortController();
  const leave = () => {
    if (!response.writableFinished) gone.abort();
  };
  const quiet = () => (isLocal(socket) ? watchForGoing(socket) : leave());
  response.once("close", leave);
  socket.once("close", leave);
  if (silence && socket.readableEnded) quiet();
  else if (silence) socket.once("end", quiet);
  response.once("finish", () => socket.off("close", leave).off("end", quiet));
  return gone.signal;
}

/** Of a TCP connection nothing tells a client that only listens from one that has gone: as with Docker, it has gone. */
const isLocal = (socket: Duplex): boolean => (socket as Partial<Socket>).remoteAddress === undefined;

/** The headers of every answer. */
type Identity = Readonly<Record<string, string>>;
const identityOf = (version: string): Identity => ({
  "Api-Version": API_VERSION,
  "Docker-Experimental": "false",
  Ostype: "linux",
  Server: `Wharf/${version} (linux)`,
});

interface Exchange {
  readonly identity: Identity;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upgraded: Upgraded | undefined;
  readonly signal: AbortSignal;
  readonly minor: number;
  readonly hasUntaken: DispatchOptions["hasUntaken"];
}

async function hijack(exchange: Exchange, reply: HijackReply): Promise<void> {
  const { request, response, upgraded, signal, minor, identity: headers, hasUntaken } = exchange;
  if (upgraded) response.detachSocket(upgraded.socket as Socket);
  const socket = upgraded?.socket ?? takeSocket(request, response);
  const head = {
    // Some ask by this header alone, which node:http takes for an ordinary request.
    upgrade: upgraded !== undefined || request.headers.upgrade !== undefined,
    mediaType: streamMediaType(reply.multiplexed, minor),
    headers,
  };
  const connection = { socket, first: upgraded?.head ?? new Uint8Array(), hasUntaken };
  await serveHijack(connection, head, reply, signal);
}

async function webSocket(exchange: Exchange, reply: HijackReply): Promise<void> {
  const { request, response, upgraded, signal } = exchange;
  if (!upgraded) throw invalidParameter("this endpoint speaks WebSocket only: ask for an upgrade to it");
  response.detachSocket(upgraded.socket as Socket);
  const { serveWebSocket } = await import("./websocket.ts");
  await serveWebSocket(request, upgraded.socket, upgraded.head, reply, signal);
}

const isIterable = (reply: unknown): reply is AsyncIterable<unknown> =>
  typeof reply === "object" && reply !== null && Symbol.asyncIterator in reply;

/** Each row as the client's version of the API has it: versions are told of lists as a whole. */
async function* olderRows(
  rows: AsyncIterable<unknown>,
  downgradeList: (rows: readonly unknown[]) => unknown,
): AsyncGenerator<unknown> {
  for await (const row of rows) yield* downgradeList([row]) as readonly unknown[];
}

async function answer(exchange: Exchange, { id, route }: Served, reply: unknown): Promise<void> {
  const { response, minor } = exchange;
  switch (route.answer.kind) {
    case "empty":
      return sendEmpty(response, route.success);
    case "json":
      if (isIterable(reply))
        return sendRows(
          response,
          route.success,
          olderRows(reply, (rows) => downgrade(id, minor, rows)),
        );
      return sendJson(response, route.success, downgrade(id, minor, reply));
    case "text":
      return sendText(response, route.success, reply as TextReply);
    case "deferred":
      return sendDeferred(response, route.success, (reply as { readonly ready: Promise<unknown> }).ready);
    case "bytes":
      return sendBytes(response, route.success, reply as ByteReply);
    case "lines":
      return sendLines(response, route.success, reply as AsyncIterable<unknown>, false);
    case "live":
      return sendLines(response, route.success, reply as AsyncIterable<unknown>, true);
    case "hijack":
      return reply === undefined ? sendEmpty(response, 200) : hijack(exchange, reply as HijackReply);
    case "websocket":
      return webSocket(exchange, reply as HijackReply);
  }
}

export interface DispatchOptions {
  readonly engine: Engine;
  readonly log: Logger;
  readonly version: string;
  readonly hasUntaken: (fd: number) => boolean;
}

class Dispatcher implements Dispatch {
  readonly #router = new Router<Entry>(table);
  readonly #options: DispatchOptions;
  readonly #closing: AbortSignal;
  readonly #identity: Identity;

  constructor(options: DispatchOptions, closing: AbortSignal) {
    this.#options = options;
    this.#identity = identityOf(options.version);
    this.#closing = closing;
  }

  isHijack(request: IncomingMessage): boolean {
    const served = this.#servedBy(request);
    return served !== undefined && CONNECTIONS.has(served.route.answer.kind);
  }

  #servedBy(request: IncomingMessage): Served | undefined {
    try {
      const row = locate(this.#router, request).match?.row;
      return row && "route" in row ? row : undefined;
    } catch {
      // Not ours to report: the ordinary path answers it.
      return undefined;
    }
  }

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    upgraded: Upgraded | undefined,
  ): Promise<void> {
    const begun = performance.now();
    for (const [name, value] of Object.entries(this.#identity)) response.setHeader(name, value);
    // Writing to a client that has gone: the signal tells the handler, nobody else needs to know.
    response.on("error", () => undefined);
    if (!upgraded) readOnAfterAnswer(request, response);
    try {
      await this.#route(request, response, upgraded);
    } catch (error) {
      this.#fail(request, response, error);
    }
    this.#options.log.debug("request", {
      method: request.method,
      path: request.url,
      status: response.statusCode,
      ms: Math.round(performance.now() - begun),
    });
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    upgraded: Upgraded | undefined,
  ): Promise<void> {
    if (request.method === "OPTIONS") return sendEmpty(response, 200);
    const { version, match, query } = locate(this.#router, request);
    if (!match) return sendJson(response, 404, { message: "page not found" });
    const minor = negotiate(version);
    const { row } = match;
    if (!("route" in row)) throw refusalOf(row);
    const args = readArgs(row.route, match, query);
    const body = await readBody(request, row.route.body);
    const { kind } = row.route.answer;
    const silence = STREAMS.has(kind) && !CONNECTIONS.has(kind);
    const gone = goneSignal(response, upgraded?.socket ?? request.socket, silence);
    const signal = STREAMS.has(kind) ? AbortSignal.any([gone, this.#closing]) : gone;
    const handler = await handlerOf(row.id);
    const call = { args, body, headers: request.headers, engine: this.#options.engine, signal, minor };
    const reply = await handler(call as never);
    const { hasUntaken } = this.#options;
    const exchange = { request, response, upgraded, signal, minor, identity: this.#identity, hasUntaken };
    await answer(exchange, row, reply);
  }

  /** The one place where a failure is told to the client and logged. */
  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const kind = kindOf(error);
    const fields = { method: request.method, path: request.url, error };
    if (kind === "system" && !this.#closing.aborted) this.#options.log.error("request failed", fields);
    else this.#options.log.debug(`request refused: ${messageOf(error)}`, fields);
    if (response.headersSent || !response.socket) return;
    if (this.#servedBy(request)?.route.refusal === "stream") sendStreamError(response, error, RAW_STREAM);
    else sendError(response, error, expectsPlainErrors(splitVersion(request.url ?? "").version));
  }
}

export const dispatcher = (options: DispatchOptions, closing: AbortSignal): Dispatch =>
  new Dispatcher(options, closing);
