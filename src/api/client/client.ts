import type { Duplex, Readable } from "node:stream";
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
import { connectionError, errorFrom, isUnanswered } from "./failure.ts";
import { Connections } from "./http/connections.ts";
import type { Response } from "./http/exchange.ts";
import type { Head, Request } from "./http/message.ts";
import type { Whole } from "./http/pipe.ts";
import { parseJson, readLines, readText, readTextLines } from "./read.ts";

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
  /** Any other kind of connection, a new one for each request; `name` is what errors call it. */
  | { readonly dial: () => Duplex; readonly name: string }
  | { readonly host: string; readonly port: number; readonly tls?: ClientTls };

export type ClientOptions = ClientTarget & {
  /** API version to speak, "1.50" by default. */
  readonly version?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called, once, when nothing listens there at the first request, which is then sent again. */
  readonly start?: () => Promise<void>;
};

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

type IdOf<K> = { [Id in RouteId]: KindOf<Routes[Id]> extends K ? Id : never }[RouteId];
type CallId = IdOf<"json" | "empty" | "text" | "deferred">;
type JsonId = IdOf<"json">;
type DeferredId = IdOf<"deferred">;
type LinesId = IdOf<"lines" | "live">;
type BytesId = IdOf<"bytes">;
type HijackId = IdOf<"hijack">;

/** Bytes of an answer, with its headers by their names in lower case. */
export type ByteStream = Readable & { readonly headers: Readonly<Record<string, string>> };

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
  /** The same as text, one document a line: numbers keep all their digits. */
  textLines<Id extends LinesId>(id: Id, ...args: Params<Id>): Promise<AsyncIterable<string>>;
  /** Raw bytes as they come. */
  stream<Id extends BytesId>(id: Id, ...args: Params<Id>): Promise<ByteStream>;
  /** The text of a JSON answer as it came: numbers keep all their digits, fields their order. */
  text<Id extends JsonId>(id: Id, ...args: Params<Id>): Promise<string>;
  /** Headers of the answer alone, by their names in lower case. */
  headers<Id extends RouteId>(id: Id, ...args: Params<Id>): Promise<Readonly<Record<string, string>>>;
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

/** What an engine says that is older than the version it was spoken to in. */
const TOO_NEW = /client version \S+ is too new\. Maximum supported API version is (\d+\.\d+)/;

class HttpClient implements Client {
  readonly #options: ClientOptions;
  readonly #connections: Connections;
  #version: string;
  #start: ClientOptions["start"];

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#start = options.start;
    this.#connections = new Connections(options);
    this.#version = options.version ?? API_VERSION;
  }

  async call<Id extends CallId>(
    id: Id,
    args: Values = {},
    options: CallOptions = {},
  ): Promise<ResultOf<Routes[Id]>> {
    const { text } = await this.#ask(routes[id], args, options);
    const { kind } = routes[id].answer;
    return (kind === "empty" ? undefined : kind === "text" ? text : parseJson(text)) as ResultOf<Routes[Id]>;
  }

  async text<Id extends JsonId>(id: Id, args: Values = {}, options: CallOptions = {}): Promise<string> {
    return (await this.#ask(routes[id], args, options)).text;
  }

  async defer<Id extends DeferredId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    const { body } = await this.#send(routes[id], args, options);
    const ready = readText(body).then(parseJson) as Promise<ResultOf<Routes[Id]>>;
    // Whoever only wants the first half must not be ended by the second.
    ready.catch(() => undefined);
    return { ready };
  }

  async lines<Id extends LinesId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    const { body } = await this.#send(routes[id], args, options);
    return readLines(body) as AsyncIterable<ResultOf<Routes[Id]>>;
  }

  async textLines<Id extends LinesId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    return readTextLines((await this.#send(routes[id], args, options)).body);
  }

  async stream<Id extends BytesId>(
    id: Id,
    args: Values = {},
    options: CallOptions = {},
  ): Promise<ByteStream> {
    const { body, headers } = await this.#send(routes[id], args, options);
    return Object.assign(body, { headers });
  }

  async headers<Id extends RouteId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    return (await this.#ask(routes[id], args, options)).headers;
  }

  async hijack<Id extends HijackId>(id: Id, args: Values = {}, options: CallOptions = {}) {
    const headers = { ...options.headers, Connection: "Upgrade", Upgrade: "tcp" };
    const request = this.#request(routes[id], args, { ...options, headers });
    const answer = await this.#reached(() => this.#connections.upgrade(request));
    if ("socket" in answer) {
      const multiplexed = (answer.headers["content-type"] ?? "").includes("multiplexed");
      return { socket: answer.socket, multiplexed };
    }
    if (answer.status >= 400) throw errorFrom(answer.status, await readText(answer.body));
    answer.body.resume();
    return undefined;
  }

  close(): void {
    this.#connections.close();
  }

  /** An answer whose body is read as it comes. */
  #send(route: AnyRoute, args: Values, options: CallOptions): Promise<Response> {
    return this.#accepted(
      route,
      args,
      options,
      (request) => this.#connections.send(request),
      ({ body }) => readText(body),
    );
  }

  /** An answer read whole. */
  #ask(route: AnyRoute, args: Values, options: CallOptions): Promise<Whole> {
    return this.#accepted(
      route,
      args,
      options,
      (request) => this.#connections.ask(request),
      async ({ text }) => text,
    );
  }

  async #accepted<A extends Head>(
    route: AnyRoute,
    args: Values,
    options: CallOptions,
    send: (request: Request) => Promise<A>,
    textOf: (answer: A) => Promise<string>,
  ): Promise<A> {
    // A stream is read once: whether somebody listens is known before.
    if (this.#start && hasBody(route, args)) await this.call("SystemPing");
    const answer = await this.#reached(() => send(this.#request(route, args, options)));
    if (answer.status < 400) return answer;
    const error = errorFrom(answer.status, await textOf(answer));
    if (!this.#stepsBack(error.message) || hasBody(route, args)) throw error;
    return this.#accepted(route, args, options, send, textOf);
  }

  async #reached<T>(send: () => Promise<T>): Promise<T> {
    try {
      const answer = await send();
      // Who stops an engine that a client of it sees does not want it started again.
      this.#start = undefined;
      return answer;
    } catch (error) {
      const start = this.#start;
      if (!start || !isUnanswered(error)) throw connectionError(error as Error, this.#options);
      this.#start = undefined;
      await start();
      return this.#reached(send);
    }
  }

  /** Speaks the version of an older engine from here on; asking first would cost every command a round trip. */
  #stepsBack(message: string): boolean {
    const version = this.#options.version === undefined ? TOO_NEW.exec(message)?.[1] : undefined;
    if (version === undefined || version === this.#version) return false;
    this.#version = version;
    return true;
  }

  #request(route: AnyRoute, args: Values, options: CallOptions): Request {
    const { path, json } = encodeTarget(route, args);
    const type =
      json !== undefined
        ? "application/json"
        : route.body.kind === "bytes"
          ? route.body.mediaType
          : undefined;
    const uploads = hasBody(route, args) ? (args["body"] as AsyncIterable<Uint8Array>) : undefined;
    return {
      method: route.method,
      path: `/v${this.#version}${path}`,
      headers: {
        Host: "wharf",
        ...this.#options.headers,
        ...(type === undefined ? {} : { "Content-Type": type }),
        ...options.headers,
      },
      body: json === undefined ? uploads : Buffer.from(json),
      signal: options.signal,
    };
  }
}

export const createClient = (options: ClientOptions): Client => new HttpClient(options) as Client;
