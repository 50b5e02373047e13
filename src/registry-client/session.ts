import type { Readable } from "node:stream";
import { forbidden, systemError } from "../base/errors.ts";
import { parseChallenges } from "./challenge.ts";
import { ANONYMOUS, type Credentials } from "./credentials.ts";
import type { Endpoint } from "./endpoints.ts";
import { registryError } from "./errors.ts";
import { Authorizer } from "./tokens.ts";
import { drain, readWhole, Transport, type TransportSettings, type WireAnswer } from "./transport.ts";

export interface SessionRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Path below the endpoint ("/v2/..."), or a whole address that the registry gave. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | (() => Readable);
  /** Access the request needs, for token servers. */
  readonly scopes: readonly string[];
  readonly signal: AbortSignal;
  /** Statuses that are no failure; the default is every 2xx. */
  readonly accept?: readonly number[];
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const REDIRECT_LIMIT = 5;
const ERROR_LIMIT = 64 * 1024;

/** A conversation with one endpoint: authorization, redirects, refusals. Close it when the operation is over. */
export class Session implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #origin: URL;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;

  constructor(endpoint: Endpoint, credentials: Credentials, settings: TransportSettings) {
    this.endpoint = endpoint;
    this.#origin = new URL(endpoint.url);
    this.#transport = new Transport(endpoint, settings);
    this.#authorizer = new Authorizer(
      this.#transport,
      this.#origin,
      endpoint.mirror ? ANONYMOUS : credentials,
    );
  }

  /** What a token server gave for the password, after a login. */
  get identityToken(): string {
    return this.#authorizer.identityToken;
  }

  /** Asks whether there is a registry at all, and what it wants to be convinced with. */
  async ping(signal: AbortSignal): Promise<void> {
    const url = this.address("/v2/");
    const answer = await this.#transport.send({ method: "GET", url, headers: {}, signal });
    if (answer.status === 401) {
      this.#authorizer.learn(parseChallenges(answer.headers["www-authenticate"]));
      return drain(answer);
    }
    if (answer.status !== 200) throw await refusalOf(answer);
    await drain(answer);
  }

  /** Sends a request with what the registry wants, and once more when its token had expired. Throws RegistryError. */
  async send(request: SessionRequest): Promise<WireAnswer> {
    const first = await this.#follow(request);
    if (first.status !== 401) return this.#checked(first, request);
    const challenges = parseChallenges(first.headers["www-authenticate"]);
    const isHopeless = challenges.some(({ parameters }) => parameters["error"] === "insufficient_scope");
    if (isHopeless || !this.#authorizer.learn(challenges)) throw await refusalOf(first);
    await drain(first);
    this.#authorizer.forget(request.scopes);
    return this.#checked(await this.#follow(request), request);
  }

  /** Resolves what the registry calls an address. A registry with TLS cannot point to plain HTTP. */
  address(text: string | URL, base: URL = this.#origin): URL {
    const isPath = typeof text === "string" && text.startsWith("/v2/") && base === this.#origin;
    const url = isPath ? new URL(`${this.endpoint.url}${text}`) : URL.parse(text, base);
    if (!url || !/^https?:$/.test(url.protocol))
      throw systemError(`the registry gave an invalid address: "${String(text)}"`);
    if (url.protocol === "http:" && base.protocol === "https:")
      throw forbidden(`refusing to go from ${base.origin} to ${url.origin}: plain HTTP after TLS`);
    return url;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #follow(request: SessionRequest): Promise<WireAnswer> {
    const { method, body, signal } = request;
    let url = this.address(request.url);
    for (let hop = 0; hop <= REDIRECT_LIMIT; hop++) {
      const headers = { ...request.headers, ...(await this.#authorization(url, request)) };
      const content = typeof body === "function" ? body() : body;
      const answer = await this.#transport.send({ method, url, headers, body: content, signal });
      const { location } = answer.headers;
      const isRead = method === "GET" || method === "HEAD";
      if (!REDIRECTS.has(answer.status) || !location || !isRead) return answer;
      await drain(answer);
      url = this.address(location, url);
    }
    throw systemError(
      `${method} ${this.address(request.url).href}: stopped after ${REDIRECT_LIMIT} redirects`,
    );
  }

  /** Only the registry itself gets the credentials: a storage server it redirects to has no business with them. */
  async #authorization(url: URL, request: SessionRequest): Promise<Readonly<Record<string, string>>> {
    if (url.origin !== this.#origin.origin) return {};
    const header = await this.#authorizer.header(
      { method: request.method, url },
      request.scopes,
      request.signal,
    );
    return header === undefined ? {} : { Authorization: header };
  }

  async #checked(answer: WireAnswer, { accept }: SessionRequest): Promise<WireAnswer> {
    const { status } = answer;
    if (accept ? accept.includes(status) : status >= 200 && status < 300) return answer;
    throw await refusalOf(answer);
  }
}

async function refusalOf(answer: WireAnswer): Promise<Error> {
  const challenges = parseChallenges(answer.headers["www-authenticate"]);
  let text = "";
  try {
    text = (await readWhole(answer, ERROR_LIMIT, "the error")).toString("utf8");
  } catch {
    // A refusal that cannot be read whole is still one: its status says enough.
    answer.body.destroy();
  }
  return registryError(answer.status, text, challenges, answer.headers["retry-after"]);
}
