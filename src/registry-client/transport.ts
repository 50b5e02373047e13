import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { cancelled, EngineError, systemError } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { readCertificates } from "./certificates.ts";
import { type Endpoint, isLoopback } from "./endpoints.ts";
import { type ConnectionError, connectionError } from "./errors.ts";
import type { RegistrySettings } from "./settings.ts";

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
  readonly signal: AbortSignal;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where the answer came from, redirects followed. */
  readonly url: URL;
  readonly body: IncomingMessage;
}

export type TransportSettings = Pick<RegistrySettings, "certificateFolders" | "proxy" | "idleTimeout">;

/** Connections to one registry and to the hosts it points to. Certificates are read when first needed. */
export class Transport {
  readonly #endpoint: Endpoint;
  readonly #settings: TransportSettings;
  readonly #agents = new Map<string, Promise<Agent>>();

  constructor(endpoint: Endpoint, settings: TransportSettings) {
    this.#endpoint = endpoint;
    this.#settings = settings;
  }

  /** One exchange, no redirects. Settles with the headers; the body is the caller's to read. Throws ConnectionError. */
  async send(request: WireRequest): Promise<WireAnswer> {
    const agent = await this.#agentOf(request.url);
    if (request.signal.aborted) throw cancelled("the request was cancelled", request.signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>();
    const { method, url, signal, body } = request;
    const headers = { "User-Agent": `wharf/${VERSION}`, ...request.headers };
    const wire = modules()[url.protocol === "https:" ? "https" : "http"].request(
      url,
      { method, headers, agent, signal },
      (answer) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, url, body: answer }),
    );
    wire.setTimeout(this.#settings.idleTimeout, () => wire.destroy(this.#timeout(method, url)));
    // A source that fails takes the request down with it, which then only says that the connection ended.
    let sourceError: unknown;
    if (body !== undefined && !(body instanceof Uint8Array))
      body.once("error", (error) => {
        sourceError = error;
      });
    wire.on("error", (failure) => {
      const error = sourceError ?? failure;
      if (signal.aborted) reject(cancelled("the request was cancelled", error));
      else reject(error instanceof EngineError ? error : connectionError(method, url, error));
    });
    sendBody(wire, body);
    return promise;
  }

  async close(): Promise<void> {
    for (const agent of await Promise.allSettled(this.#agents.values()))
      if (agent.status === "fulfilled") agent.value.destroy();
  }

  #timeout(method: string, url: URL): ConnectionError {
    const seconds = this.#settings.idleTimeout / 1000;
    return connectionError(method, url, new Error(`i/o timeout: nothing came for ${seconds} seconds`));
  }

  #agentOf(url: URL): Promise<Agent> {
    const known = this.#agents.get(url.origin);
    if (known) return known;
    const made = this.#makeAgent(url);
    this.#agents.set(url.origin, made);
    return made;
  }

  async #makeAgent(url: URL): Promise<Agent> {
    const { proxy, certificateFolders } = this.#settings;
    const proxyEnv = isLoopback(url.host)
      ? undefined
      : { HTTP_PROXY: proxy.http, HTTPS_PROXY: proxy.https, NO_PROXY: proxy.none };
    const options = { keepAlive: true, maxSockets: 16, proxyEnv };
    if (url.protocol === "http:") return new (modules().http.Agent)(options);
    const own = await readCertificates(certificateFolders, url.host);
    const isOwnHost = url.origin === new URL(this.#endpoint.url).origin;
    return new (modules().https.Agent)({
      ...options,
      ca: [...systemAuthorities(), ...own.ca],
      cert: own.cert,
      key: own.key,
      rejectUnauthorized: this.#endpoint.verified || !isOwnHost,
    });
  }
}

function sendBody(wire: ClientRequest, body: WireRequest["body"]): void {
  if (body === undefined || body instanceof Uint8Array) wire.end(body);
  // A failing source destroys the request, whose own error is the one that is reported.
  else pipeline(body, wire, () => undefined);
}

/** What this machine trusts, else what Node brings. */
function systemAuthorities(): readonly string[] {
  const { tls } = modules();
  const system = tls.getCACertificates("system");
  return system.length > 0 ? system : tls.getCACertificates("bundled");
}

/** Loaded by the first request: an import would cost every start of the engine tens of milliseconds. */
function modules() {
  return {
    http: process.getBuiltinModule("node:http"),
    https: process.getBuiltinModule("node:https"),
    tls: process.getBuiltinModule("node:tls"),
  };
}

/** The whole body of an answer. Throws systemError when it is larger than `limit` bytes. */
export async function readWhole(answer: WireAnswer, limit: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw systemError(`${what} is too large: at most ${limit} bytes are read`);
      chunks.push(chunk);
    }
  } catch (error) {
    answer.body.destroy();
    throw error instanceof Error && "code" in error ? connectionError("GET", answer.url, error) : error;
  }
  return Buffer.concat(chunks);
}

/** Reads an answer's body away, so that its connection can be used again; a long one is cut off instead. */
export async function drain(answer: WireAnswer): Promise<void> {
  try {
    await readWhole(answer, 64 * 1024, "the answer");
  } catch {
    // Nobody wants this body: the connection is given up, which is all that follows.
    answer.body.destroy();
  }
}
