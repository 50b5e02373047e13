import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type AnyRoute,
  type KindOf,
  type ResultOf,
  type RouteId,
  type Routes,
  routes,
} from "../routes/index.ts";
import { API_VERSION } from "../routes/versions.ts";
import { type ClientArgs, encodeTarget, hasBody } from "./encode.ts";
import { connectionError, errorFrom } from "./failure.ts";
import { readJson, readLines } from "./read.ts";

/** Certificates for a TLS connection, as PEM; without `ca` the system's authorities are trusted. */
export interface ClientTls {
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export type ClientTarget =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly tls?: ClientTls };

export type ClientOptions = ClientTarget & {
  /** API version to speak, "1.50" by default. */
  readonly version?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
};

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

type IdOf<K> = { [Id in RouteId]: KindOf<Routes[Id]> extends K ? Id : never }[RouteId];
type CallId = IdOf<"json" | "empty" | "text" | "deferred">;
type DeferredId = IdOf<"deferred">;
type LinesId = IdOf<"lines" | "live">;
type BytesId = IdOf<"bytes">;
type HijackId = IdOf<"hijack">;

/** A connection that has become a byte pipe. `socket.end()` closes the process's stdin, output goes on. */
export interface Hijacked {
  readonly socket: Duplex;
  /** Output comes in frames (read them with FrameReader), not raw. */
  readonly multiplexed: boolean;
}

/** The engine's API, typed by the route table. Every method throws ApiError when the engine refuses. */
export interface Client {
  /** One answer, whole. */
  call<Id extends CallId>(id: Id, ...args: Params<Id>): Promise<ResultOf<Routes[Id]>>;
  /** Resolves when the engine has begun to answer; `ready` when it is done (see ContainerWait). */
  defer<Id extends DeferredId>(
    id: Id,
    ...args: Params<Id>
  ): Promise<{ readonly ready: Promise<ResultOf<Routes[Id]>> }>;
  /** JSON documents as they come. Error lines of a progress stream are yielded, not thrown. */
  lines<Id extends LinesId>(id: Id, ...args: Params<Id>): Promise<AsyncIterable<ResultOf<Routes[Id]>>>;
  /** Raw bytes as they come. */
  stream<Id extends BytesId>(id: Id, ...args: Params<Id>): Promise<IncomingMessage>;
  /** Undefined when there is nothing to attach to (a detached exec). */
  hijack<Id extends HijackId>(id: Id, ...args: Params<Id>): Promise<Hijacked | undefined>;
  /** Lets go of idle connections. */
  close(): void;
}

type Params<Id extends RouteId> =
  Record<never, never> extends ClientArgs<Routes[Id]>
    ? [args?: ClientArgs<Routes[Id]>, options?: CallOptions]
    : [args: ClientArgs<Routes[Id]>, options?: CallOptions];

type Values = Readonly<Record<string, unknown>>;

class HttpClient implements Client {
  readonly #options: ClientOptions;
  #agent: Agent | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  async call<Id extends CallId>(
    id: Id,
    args: Values = {},
    options: CallOptions = {},
  ): Promise<ResultOf<Routes[Id]>> {
    const response = await this.#send(routes[id], args, options);
    const kind = routes[id].answer.kind;
    if (kind === "empty" || response.statusCode === 304) response.resume();
    return (kind === "empty" ? undefined : await readJson(response, kind === "text")) as ResultOf<Routes[Id]>;
  }

  async defer<Id extends DeferredId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    const response = await this.#send(routes[id], args, options);
    const ready = readJson(response, false) as Promise<ResultOf<Routes[Id]>>;
    // Whoever only wants the first half must not be ended by the second.
    ready.catch(() => undefined);
    return { ready };
  }

  async lines<Id extends LinesId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    return readLines(await this.#send(routes[id], args, options)) as AsyncIterable<ResultOf<Routes[Id]>>;
  }

  stream<Id extends BytesId>(id: Id, args: Values = {}, options: CallOptions = {}): Promise<IncomingMessage> {
    return this.#send(routes[id], args, options);
  }

  async hijack<Id extends HijackId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    const headers = { ...options.headers, Connection: "Upgrade", Upgrade: "tcp" };
    const request = await this.#open(routes[id], args, { ...options, headers }, false);
    const { promise, resolve, reject } = Promise.withResolvers<Hijacked | undefined>();
    request.on("upgrade", (response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      const type = response.headers["content-type"] ?? "";
      resolve({ socket, multiplexed: type.includes("multiplexed") });
    });
    request.on("response", (response) => {
      if ((response.statusCode ?? 500) >= 400) errorFrom(response).then(reject, reject);
      else resolve(void response.resume());
    });
    request.on("error", (error) => reject(connectionError(error, this.#options)));
    return promise;
  }

  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #send(route: AnyRoute, args: Values, options: CallOptions): Promise<IncomingMessage> {
    const request = await this.#open(route, args, options, true);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request.on("response", resolve);
    request.on("error", (error) => reject(connectionError(error, this.#options)));
    const response = await promise;
    if ((response.statusCode ?? 500) >= 400) throw await errorFrom(response);
    return response;
  }

  async #open(route: AnyRoute, args: Values, options: CallOptions, pooled: boolean): Promise<ClientRequest> {
    const { path, json } = encodeTarget(route, args);
    const body = json === undefined ? undefined : Buffer.from(json);
    const connect = await this.#connection(pooled);
    const request = connect.request({
      ...connect.options,
      method: route.method,
      path: `/v${this.#options.version ?? API_VERSION}${path}`,
      headers: {
        Host: "wharf",
        ...this.#options.headers,
        ...(body ? { "Content-Type": "application/json", "Content-Length": body.length } : {}),
        ...(route.body.kind === "bytes" ? { "Content-Type": route.body.mediaType } : {}),
        ...options.headers,
      },
      signal: options.signal,
    });
    if (hasBody(route, args)) this.#upload(request, args["body"] as AsyncIterable<Uint8Array>);
    else request.end(body);
    return request;
  }

  /** The answer may come before the upload's end; a failed upload shows as an error of the request. */
  #upload(request: ClientRequest, body: AsyncIterable<Uint8Array>): void {
    pipeline(body, request).catch((error: Error) => request.destroy(error));
  }

  async #connection(pooled: boolean): Promise<{ request: typeof httpRequest; options: RequestOptions }> {
    const target = this.#options;
    if ("socketPath" in target)
      return { request: httpRequest, options: { socketPath: target.socketPath, ...this.#pool(pooled) } };
    const { host, port, tls } = target;
    if (!tls) return { request: httpRequest, options: { host, port, ...this.#pool(pooled) } };
    const https = await import("node:https");
    // TLS connections are not pooled: the command line makes one call, and node's pool would keep the keys.
    return {
      request: https.request as typeof httpRequest,
      options: { host, port, ...tls, agent: false } as RequestOptions,
    };
  }

  #pool(pooled: boolean): RequestOptions {
    if (!pooled) return { agent: false, allowHalfOpen: true } as RequestOptions;
    this.#agent ??= new Agent({ keepAlive: true });
    return { agent: this.#agent };
  }
}

export const createClient = (options: ClientOptions): Client => new HttpClient(options) as Client;
