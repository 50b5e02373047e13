import { ANONYMOUS, type Caller, OPEN } from "../access/identity.ts";
import type { Authenticator } from "../http/authorize.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { type Accounts, identityOf } from "./accounts.ts";
import { type Sessions, sameText, sessionCookie } from "./sessions.ts";
import { SERVICE, type Tokens } from "./tokens.ts";

export interface AuthenticatorOptions {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  /** No one gets in before there is an account. */
  readonly requireAccount: boolean;
  readonly externalUrl: string | undefined;
}

const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;
const QUIET = new Set(["GET", "HEAD"]);

/** Name and password of a Basic header. */
export function readBasic(header: string): { readonly name: string; readonly password: string } | undefined {
  const [, encoded] = /^basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return colon < 0 ? undefined : { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** Basic credentials, bearer tokens of our own, and sessions of the page. */
export class RegistryAuthenticator implements Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  async authenticate(exchange: Exchange): Promise<Caller> {
    const { accounts, requireAccount } = this.#options;
    if (!requireAccount && !accounts.users.exist) return { identity: OPEN, by: "nothing" };
    const header = exchange.header("authorization");
    if (header !== undefined && header !== "") return this.#byHeader(exchange, header);
    // the page's session is for the page's API alone: nothing a browser could be made to send reaches the images
    const cookie = exchange.path.startsWith("/api/") ? sessionCookie(exchange.header("cookie")) : undefined;
    return cookie === undefined ? { identity: ANONYMOUS, by: "nothing" } : this.#bySession(exchange, cookie);
  }

  async #byHeader(exchange: Exchange, header: string): Promise<Caller> {
    const basic = readBasic(header);
    const [, bearer] = /^bearer\s+(\S+)\s*$/i.exec(header) ?? [];
    // a token is limited to repositories: it must not open what an account could do beyond them
    const token = exchange.path.startsWith("/api/") ? undefined : bearer;
    try {
      if (basic) {
        const account = await this.#options.accounts.signIn(basic.name, basic.password, exchange.address);
        return { identity: identityOf(account), by: "basic" };
      }
      if (token !== undefined) return await this.#byToken(token);
      throw failure("UNAUTHORIZED", { message: "the Authorization header is neither Basic nor Bearer" });
    } catch (error) {
      throw withChallenge(
        error,
        this.challenge(exchange, undefined, token === undefined ? undefined : "invalid_token"),
      );
    }
  }

  async #byToken(token: string): Promise<Caller> {
    const { kind, id, version, scopes } = await this.#options.tokens.read(token);
    if (kind === "anonymous") return { identity: ANONYMOUS, scopes, by: "bearer" };
    const account = this.#options.accounts.issued(kind, id, version);
    if (!account)
      throw failure("UNAUTHORIZED", { message: "the token's account is gone, disabled or has changed" });
    return { identity: identityOf(account), scopes, by: "bearer" };
  }

  #bySession(exchange: Exchange, cookie: string): Caller {
    const session = this.#options.sessions.find(cookie);
    const account = session && this.#options.accounts.issued("user", session.user, session.version);
    if (!account) return { identity: ANONYMOUS, by: "nothing" };
    if (!QUIET.has(exchange.method) && !sameText(exchange.header("x-csrf-token") ?? "", session.csrf))
      throw failure("DENIED", { message: "the X-CSRF-Token header is missing or wrong" });
    return { identity: identityOf(account), by: "session" };
  }

  challenge(exchange: Exchange, scope?: string, error?: string): Readonly<Record<string, string>> {
    const host = exchange.header("host") ?? "";
    const own = HOST.test(host) ? `${exchange.secure ? "https" : "http"}://${host}` : "";
    const realm = `${this.#options.externalUrl ?? own}/token`;
    const parts = [
      `realm="${realm}"`,
      `service="${SERVICE}"`,
      ...(scope ? [`scope="${scope}"`] : []),
      ...(error ? [`error="${error}"`] : []),
    ];
    return { "WWW-Authenticate": `Bearer ${parts.join(",")}` };
  }
}

function withChallenge(error: unknown, headers: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "UNAUTHORIZED") return error;
  return failure("UNAUTHORIZED", { message: error.message, headers, cause: error.cause });
}
