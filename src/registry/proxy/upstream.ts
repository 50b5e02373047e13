import { failure } from "../http/errors.ts";
import { fetchNamed } from "../http/outgoing.ts";

export interface UpstreamSettings {
  readonly upstream: string;
  readonly username?: string;
  readonly password?: string;
}

/** Headers must come within this; a body may take as long as it moves. */
const ANSWER_TIME = 30_000;
const TOKEN_MARGIN = 10_000;
const TOKENS_KEPT = 1_000;

/** A client of the registry that a pull-through project stands for. */
export class Upstream {
  readonly #settings: UpstreamSettings;
  readonly #tokens = new Map<string, { readonly header: string; readonly until: number }>();

  constructor(settings: UpstreamSettings) {
    this.#settings = settings;
  }

  /** The repository's name there: without the project, and with Docker Hub's "library/". */
  static nameOf(upstream: string, project: string, name: string): string {
    const rest = name.startsWith(`${project}/`) ? name.slice(project.length + 1) : name;
    const { hostname } = new URL(upstream);
    return /(^|\.)docker\.io$/.test(hostname) && !rest.includes("/") ? `library/${rest}` : rest;
  }

  /** Throws UNAVAILABLE where upstream cannot be reached. The body of the answer must be read or cancelled. */
  async ask(method: "GET" | "HEAD", name: string, path: string, accept?: string): Promise<Response> {
    const known = this.#tokens.get(name);
    const header = known && known.until > Date.now() ? known.header : undefined;
    const first = await this.#send(method, name, path, accept, header);
    if (first.status !== 401) return first;
    await first.body?.cancel();
    const proved = await this.#answerChallenge(name, first.headers.get("www-authenticate") ?? "");
    return proved === undefined ? first : this.#send(method, name, path, accept, proved);
  }

  async #send(
    method: string,
    name: string,
    path: string,
    accept: string | undefined,
    authorization: string | undefined,
  ): Promise<Response> {
    return reach(`${this.#settings.upstream}/v2/${name}/${path}`, {
      method,
      headers: {
        "User-Agent": "wharf-registry",
        // digests are of the bytes as they are stored
        "Accept-Encoding": "identity",
        ...(accept ? { Accept: accept } : {}),
        ...(authorization ? { Authorization: authorization } : {}),
      },
    });
  }

  get #basic(): string | undefined {
    const { username, password = "" } = this.#settings;
    return username === undefined
      ? undefined
      : `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  async #answerChallenge(name: string, challenge: string): Promise<string | undefined> {
    if (/^basic\b/i.test(challenge)) return this.#basic;
    const parameter = (key: string) => new RegExp(`\\b${key}="([^"]*)"`).exec(challenge)?.[1];
    const realm = parameter("realm");
    const url = realm === undefined ? null : URL.parse(realm);
    // the password goes to a server that upstream names: not in the clear where upstream itself is not
    if (!url || (url.protocol !== "https:" && !this.#settings.upstream.startsWith("http:"))) return undefined;
    url.searchParams.set("service", parameter("service") ?? "");
    url.searchParams.append("scope", `repository:${name}:pull`);
    const basic = this.#basic;
    const answer = await reach(url.href, { headers: basic ? { Authorization: basic } : {} });
    if (!answer.ok) {
      await answer.body?.cancel();
      return undefined;
    }
    const body = (await answer.json()) as { token?: string; access_token?: string; expires_in?: number };
    const token = body.token ?? body.access_token;
    if (!token) return undefined;
    this.#remember(name, `Bearer ${token}`, (body.expires_in ?? 60) * 1000);
    return `Bearer ${token}`;
  }

  #remember(name: string, header: string, lifetime: number): void {
    this.#tokens.set(name, { header, until: Date.now() + lifetime - TOKEN_MARGIN });
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > TOKENS_KEPT && oldest !== undefined) this.#tokens.delete(oldest);
  }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), ANSWER_TIME);
  try {
    return await fetchNamed(url, { ...init, signal: timeout.signal });
  } catch (cause) {
    throw failure("UNAVAILABLE", { status: 502, message: "the upstream registry cannot be reached", cause });
  } finally {
    clearTimeout(timer);
  }
}
