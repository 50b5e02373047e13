import { randomUUID } from "node:crypto";
import type { Database } from "../../store/index.ts";
import type { Scope } from "../access/identity.ts";
import { failure } from "../http/errors.ts";
import { text } from "../metadata/rows.ts";

const ALGORITHM = "ES256";
/** Who is named as issuer and audience: a token of another service is none of ours. */
export const SERVICE = "wharf-registry";
export const ACCESS_SECONDS = 300;
const REFRESH_SECONDS = 90 * 24 * 3600;
const REMEMBERED = 10_000;

/** What a token says. */
export interface TokenClaims {
  /** "anonymous", or the kind of account. */
  readonly kind: "anonymous" | "user" | "robot";
  readonly id: number;
  readonly version: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

type Use = "access" | "refresh";
type Jose = typeof import("jose");

interface Keys {
  readonly jose: Jose;
  readonly id: string;
  readonly sign: CryptoKey;
  readonly verify: CryptoKey;
}

/** Signs and reads the registry's own tokens (Docker "Token Authentication Specification", JWT). */
export class Tokens {
  readonly #database: Database;
  #keys: Promise<Keys> | undefined;
  readonly #read = new Map<string, { readonly claims: TokenClaims; readonly expires: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  async issue(claims: TokenClaims, use: Use = "access"): Promise<string> {
    const { jose, id, sign } = await this.#load();
    const { kind, id: account, version, name, scopes } = claims;
    return new jose.SignJWT({ use, kind, account, version, access: scopes })
      .setProtectedHeader({ alg: ALGORITHM, kid: id, typ: "JWT" })
      .setIssuer(SERVICE)
      .setAudience(SERVICE)
      .setSubject(name)
      .setJti(randomUUID())
      .setIssuedAt()
      .setNotBefore("0s")
      .setExpirationTime(`${use === "access" ? ACCESS_SECONDS : REFRESH_SECONDS}s`)
      .sign(sign);
  }

  /** Throws UNAUTHORIZED for a token that is forged, expired, for something else, or no token. */
  async read(token: string, use: Use = "access"): Promise<TokenClaims> {
    const known = this.#read.get(`${use} ${token}`);
    if (known && known.expires > Date.now()) return known.claims;
    const { jose, verify } = await this.#load();
    try {
      const options = {
        algorithms: [ALGORITHM],
        issuer: SERVICE,
        audience: SERVICE,
        requiredClaims: ["exp", "sub"],
      };
      const { payload } = await jose.jwtVerify(token, verify, options);
      if (payload["use"] !== use) throw new Error(`it is no ${use} token`);
      const claims: TokenClaims = {
        kind: payload["kind"] as TokenClaims["kind"],
        id: Number(payload["account"]),
        version: Number(payload["version"]),
        name: payload.sub ?? "",
        scopes: payload["access"] as readonly Scope[],
      };
      this.#remember(`${use} ${token}`, claims, (payload.exp ?? 0) * 1000);
      return claims;
    } catch (cause) {
      throw failure("UNAUTHORIZED", { message: "the token is not valid", cause });
    }
  }

  #remember(token: string, claims: TokenClaims, expires: number): void {
    this.#read.set(token, { claims, expires });
    const [oldest] = this.#read.keys();
    if (this.#read.size > REMEMBERED && oldest !== undefined) this.#read.delete(oldest);
  }

  #load(): Promise<Keys> {
    this.#keys ??= this.#loadKeys();
    return this.#keys;
  }

  async #loadKeys(): Promise<Keys> {
    const jose = await import("jose");
    const row =
      this.#database.prepare("SELECT id, jwk FROM keys ORDER BY created DESC LIMIT 1").get() ??
      (await this.#makeKey(jose));
    const { d: _private, ...open } = JSON.parse(text(row, "jwk")) as import("jose").JWK;
    const sign = (await jose.importJWK(JSON.parse(text(row, "jwk")), ALGORITHM)) as CryptoKey;
    const verify = (await jose.importJWK(open, ALGORITHM)) as CryptoKey;
    return { jose, id: text(row, "id"), sign, verify };
  }

  async #makeKey(jose: Jose) {
    const { privateKey } = await jose.generateKeyPair(ALGORITHM, { extractable: true });
    const jwk = await jose.exportJWK(privateKey);
    const id = await jose.calculateJwkThumbprint(jwk);
    this.#database
      .prepare("INSERT INTO keys (id, jwk, created) VALUES (?, ?, ?)")
      .run(id, JSON.stringify(jwk), Date.now());
    return { id, jwk: JSON.stringify(jwk) };
  }
}
