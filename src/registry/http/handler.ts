import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../../base/log.ts";
import { nameOf } from "../access/identity.ts";
import { authorize, type Guard } from "./authorize.ts";
import { asRegistryErrors, errorBody, type RegistryError } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import type { Router } from "./router.ts";

export interface Observation {
  readonly exchange: Exchange;
  readonly status: number;
  readonly seconds: number;
  readonly sent: number;
  readonly received: number;
}

export interface HandlerOptions {
  readonly router: Router;
  readonly guard: Guard;
  readonly log: Logger;
  readonly trustProxy: boolean;
  readonly secure: boolean;
  /** Throws TOOMANYREQUESTS. */
  readonly admit: (address: string) => void;
  readonly observe: (observation: Observation) => void;
}

/** More than this of a refused body is not waited for. */
const DRAIN_LIMIT = 16 * 1024 * 1024;
const DRAIN_TIME = 5_000;

/** Serves requests from the route table: finds the route, asks who is there and whether they may, answers. */
export function createHandler(options: HandlerOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = new Exchange(request, response, options.trustProxy);
    const before = { sent: request.socket.bytesWritten, received: request.socket.bytesRead };
    response.once("close", () => {
      const { socket } = request;
      options.observe({
        exchange,
        status: response.headersSent ? response.statusCode : 499,
        seconds: (performance.now() - exchange.started) / 1000,
        sent: Math.max(0, socket.bytesWritten - before.sent),
        received: Math.max(0, socket.bytesRead - before.received),
      });
    });
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    void answer(options, exchange);
  };
}

async function answer(options: HandlerOptions, exchange: Exchange): Promise<void> {
  const { response } = exchange;
  response.setHeader("X-Request-Id", exchange.id);
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (exchange.path.startsWith("/v2")) response.setHeader("Docker-Distribution-API-Version", "registry/2.0");
  if (options.secure) response.setHeader("Strict-Transport-Security", "max-age=31536000");
  try {
    options.admit(exchange.address);
    const { route, params } = options.router.match(exchange.method, exchange.path);
    exchange.params = params;
    exchange.route = route.path;
    if (route.access.on !== "nothing")
      exchange.caller = await options.guard.authenticator.authenticate(exchange);
    authorize(options.guard, exchange, route);
    await route.handle(exchange);
  } catch (error) {
    refuse(options, exchange, asRegistryErrors(error));
  }
}

function refuse(
  options: HandlerOptions,
  exchange: Exchange,
  errors: readonly [RegistryError, ...RegistryError[]],
): void {
  const { response, request } = exchange;
  const [first] = errors;
  const gone = response.destroyed || request.socket.destroyed;
  if (first.status >= 500 && !gone) logFault(options.log, exchange, first);
  if (response.headersSent || gone) {
    // half an answer cannot be taken back: the client must see that it is broken
    response.destroy();
    return;
  }
  const headers = { "Content-Type": "application/json", ...first.headers };
  const unread = !request.complete && (exchange.contentLength ?? Number.POSITIVE_INFINITY) > DRAIN_LIMIT;
  const body = exchange.method === "HEAD" ? "" : errorBody(errors);
  response.writeHead(first.status, {
    ...headers,
    "Content-Length": Buffer.byteLength(errorBody(errors)),
    ...(unread ? { Connection: "close" } : {}),
  });
  response.end(body);
  if (request.complete) return;
  // read on, so that a client that sends first and reads later gets to see the answer
  request.resume();
  const timer = setTimeout(() => request.destroy(), DRAIN_TIME);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}

function logFault(log: Logger, exchange: Exchange, error: RegistryError): void {
  log.error("a request failed", {
    request: exchange.id,
    method: exchange.method,
    path: exchange.path,
    actor: nameOf(exchange.caller.identity),
    error: error.cause ?? error,
  });
}
