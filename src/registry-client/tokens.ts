import { forbidden, systemError, unauthorized } from "../base/errors.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { type Credentials, isAnonymous } from "./credentials.ts";
import { registryError, requestName } from "./errors.ts";
import { readWhole, type Transport, type WireAnswer } from "./transport.ts";

/** Servers that do not say how long a token lives mean a minute (distribution's token specification). */
const DEFAULT_LIFETIME = 60;
const ANSWER_LIMIT = 1024 * 1024;

interface Token {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** "repository:library/nginx:pull". */
export const repositoryScope = (path: string, actions: "pull" | "pull,push"): string =>
  `repository:${path}:${actions}`;

/** Answers a registry's challenges: basic credentials, or a bearer token of the server it names, kept per scope. */
export class Authorizer {
  readonly #transport: Transport;
  readonly #origin: URL;
  readonly #credentials: Credentials;
  readonly #tokens = new Map<string, Promise<Token>>();
  #challenges: readonly Challenge[] = [];
  /** A refresh token that the server gave for a password: what `docker login` keeps. */
  identityToken = "";

  constructor(transport: Transport, origin: URL, credentials: Credentials) {
    this.#transport = transport;
    this.#origin = origin;
    this.#credentials = credentials;
  }

  /** Takes in what a 401 asks for. False when it asks for nothing that can be answered. */
  learn(challenges: readonly Challenge[]): boolean {
    const known = challenges.filter(({ scheme }) => scheme === "bearer" || scheme === "basic");
    if (known.length > 0) this.#challenges = known;
    return known.length > 0;
  }

  /** Drops the token of a scope: it was refused. */
  forget(scopes: readonly string[]): void {
    this.#tokens.delete(scopes.join(" "));
  }

  /** The `Authorization` header for a request; undefined when nothing was asked for. */
  async header(
    request: { readonly method: string; readonly url: URL },
    scopes: readonly string[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { registryToken, username, password } = this.#credentials;
    const bearer = this.#challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer) return `Bearer ${registryToken || (await this.#token(bearer, scopes, signal))}`;
    if (this.#challenges.length === 0) return undefined;
    if (username === "" && password === "") {
      throw unauthorized(`${requestName(request.method, request.url)}: no basic auth credentials`);
    }
    return basic(username, password);
  }

  async #token(bearer: Challenge, scopes: readonly string[], signal: AbortSignal): Promise<string> {
    const key = scopes.join(" ");
    const known = await this.#tokens.get(key);
    if (known && known.until > Date.now()) return known.text;
    const fetched = this.#fetch(bearer, scopes, signal);
    this.#tokens.set(key, fetched);
    try {
      return (await fetched).text;
    } catch (error) {
      if (this.#tokens.get(key) === fetched) this.#tokens.delete(key);
      throw error;
    }
  }

  async #fetch(bearer: Challenge, scopes: readonly string[], signal: AbortSignal): Promise<Token> {
    const { realm = "", service = "" } = bearer.parameters;
    const url = this.#realm(realm);
    const { identityToken } = this.#credentials;
    const answer = identityToken
      ? await this.#refresh(url, service, scopes, identityToken, signal)
      : await this.#ask(url, service, scopes, signal);
    const body = await readWhole(answer, ANSWER_LIMIT, "the answer of the token server");
    if (answer.status >= 400) {
      const challenges = parseChallenges(answer.headers["www-authenticate"]);
      const refusal = registryError(answer.status, body.toString("utf8"), challenges, undefined);
      const method = identityToken ? "POST" : "GET";
      if (answer.status !== 401) throw refusal;
      throw unauthorized(`${requestName(method, url)}: ${refusal.message}`, refusal);
    }
    return this.#read(body);
  }

  /** The token server may be another host, but a password never goes there in plain text when the registry has TLS. */
  #realm(realm: string): URL {
    const url = URL.parse(realm);
    if (!url || !/^https?:$/.test(url.protocol))
      throw systemError(`the registry names no valid token server: "${realm}"`);
    if (url.protocol === "http:" && this.#origin.protocol === "https:" && !isAnonymous(this.#credentials))
      throw forbidden(
        `refusing to send credentials to ${url.origin}: the registry uses TLS, its token server does not`,
      );
    return url;
  }

  #ask(realm: URL, service: string, scopes: readonly string[], signal: AbortSignal): Promise<WireAnswer> {
    const { username, password } = this.#credentials;
    const url = new URL(realm);
    if (service) url.searchParams.set("service", service);
    for (const scope of scopes) url.searchParams.append("scope", scope);
    if (username) url.searchParams.set("account", username);
    if (username) url.searchParams.set("client_id", "wharf");
    if (username && scopes.length === 0) url.searchParams.set("offline_token", "true");
    const headers: Record<string, string> = username ? { Authorization: basic(username, password) } : {};
    return this.#transport.send({ method: "GET", url, headers, signal });
  }

  /** OAuth 2 (RFC 6749, section 6), as token servers of registries take it. */
  #refresh(
    url: URL,
    service: string,
    scopes: readonly string[],
    token: string,
    signal: AbortSignal,
  ): Promise<WireAnswer> {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: token,
      service,
      client_id: "wharf",
      ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
    });
    const body = Buffer.from(form.toString());
    const headers = {
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Length": String(body.length),
    };
    return this.#transport.send({ method: "POST", url, headers, body, signal });
  }

  #read(body: Buffer): Token {
    let fields: Readonly<Record<string, unknown>>;
    try {
      fields = JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
    } catch (cause) {
      throw systemError("the token server's answer is not JSON", cause);
    }
    const text = fields["token"] || fields["access_token"];
    // A line feed in a header would be an injection; node refuses it too, but later and with other words.
    if (typeof text !== "string" || !/^[\x21-\x7e]+$/.test(text))
      throw systemError("authorization server did not include a token in the response");
    const refresh = fields["refresh_token"];
    if (typeof refresh === "string") this.identityToken = refresh;
    const lifetime = Number(fields["expires_in"]);
    const seconds = Number.isFinite(lifetime) && lifetime > 0 ? lifetime : DEFAULT_LIFETIME;
    return { text, until: Date.now() + Math.max(seconds - 5, 1) * 1000 };
  }
}

const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
