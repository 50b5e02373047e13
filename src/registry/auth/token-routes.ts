import type { Access } from "../access/access.ts";
import { ANONYMOUS, type Identity, OPEN, type Scope } from "../access/identity.ts";
import type { ProjectAction } from "../access/roles.ts";
import { isRepositoryName } from "../distribution/names.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { type Account, type Accounts, identityOf, versionOf } from "./accounts.ts";
import { readBasic } from "./authenticator.ts";
import { ACCESS_SECONDS, SERVICE, type TokenClaims, type Tokens } from "./tokens.ts";

export interface TokenServices {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly access: Access;
  readonly requireAccount: boolean;
}

const FORM_LIMIT = 64 * 1024;
const SCOPES_LIMIT = 100;
const RIGHTS = ["pull", "push", "delete"] as const satisfies readonly ProjectAction[];

/** Reads "repository:team/app:pull,push" and "registry:catalog:*"; the name may have colons (a port). */
export function parseScope(text: string): Scope | undefined {
  const first = text.indexOf(":");
  const last = text.lastIndexOf(":");
  if (first <= 0 || last <= first) return undefined;
  // a class in brackets ("repository(plugin)") is allowed and says nothing to us
  const type = text.slice(0, first).replace(/\([^)]*\)$/, "");
  return {
    type,
    name: text.slice(first + 1, last),
    actions: text
      .slice(last + 1)
      .split(",")
      .filter(Boolean),
  };
}

/** Of what was asked for, what this account may. */
function granted(access: Access, identity: Identity, asked: readonly Scope[]): readonly Scope[] {
  return asked.flatMap(({ type, name, actions }) => {
    if (type === "registry" && name === "catalog") return [{ type, name, actions }];
    if (type !== "repository" || !isRepositoryName(name)) return [];
    const wanted = actions.includes("*") ? RIGHTS : RIGHTS.filter((right) => actions.includes(right));
    const caller = { identity, by: "basic" } as const;
    const rights = wanted.filter((right) => access.mayOnRepository(caller, name, right));
    return rights.length > 0 ? [{ type, name, actions: rights }] : [];
  });
}

const readScopes = (values: readonly string[]): readonly Scope[] =>
  values
    .flatMap((value) => value.split(" "))
    .slice(0, SCOPES_LIMIT)
    .flatMap((text) => parseScope(text) ?? []);

function claimsOf(account: Account | undefined, scopes: readonly Scope[]): TokenClaims {
  if (!account) return { kind: "anonymous", id: 0, version: 0, name: "anonymous", scopes };
  const kind = "user" in account ? "user" : "robot";
  const { id, name } = "user" in account ? account.user : account.robot;
  return { kind, id, version: versionOf(account), name, scopes };
}

async function answer(
  { tokens, access, accounts, requireAccount }: TokenServices,
  exchange: Exchange,
  account: Account | undefined,
  asked: readonly Scope[],
  offline: boolean,
): Promise<void> {
  const nobody = !requireAccount && !accounts.users.exist ? OPEN : ANONYMOUS;
  const scopes = granted(access, account ? identityOf(account) : nobody, asked);
  const token = await tokens.issue(claimsOf(account, scopes));
  const refresh =
    offline && account ? { refresh_token: await tokens.issue(claimsOf(account, []), "refresh") } : {};
  const times = { expires_in: ACCESS_SECONDS, issued_at: new Date().toISOString() };
  const scope = scopes.map(({ type, name, actions }) => `${type}:${name}:${actions.join(",")}`).join(" ");
  exchange.json(
    200,
    { token, access_token: token, scope, ...times, ...refresh },
    { "Cache-Control": "no-store" },
  );
}

const wrong = (message: string) =>
  failure("UNAUTHORIZED", { message, headers: { "WWW-Authenticate": `Basic realm="${SERVICE}"` } });

async function signInByHeader({ accounts }: TokenServices, exchange: Exchange): Promise<Account | undefined> {
  const header = exchange.header("authorization");
  if (!header) return undefined;
  const basic = readBasic(header);
  if (!basic) throw wrong("expected Basic credentials");
  return accounts.signIn(basic.name, basic.password, exchange.address);
}

/** GET: Basic credentials, or none for what is public. */
function getToken(services: TokenServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { query } = exchange;
    const account = await signInByHeader(services, exchange);
    const offline = query.get("offline_token") === "true";
    await answer(services, exchange, account, readScopes(query.getAll("scope")), offline);
  };
}

/** POST: the OAuth 2 form (grant_type password or refresh_token). */
function postToken(services: TokenServices) {
  return async (exchange: Exchange): Promise<void> => {
    const form = new URLSearchParams((await exchange.readBody(FORM_LIMIT)).toString("utf8"));
    const account = await byGrant(services, exchange, form);
    const offline = form.get("access_type") === "offline" || form.get("grant_type") === "refresh_token";
    await answer(services, exchange, account, readScopes(form.getAll("scope")), offline);
  };
}

async function byGrant(
  { accounts, tokens }: TokenServices,
  exchange: Exchange,
  form: URLSearchParams,
): Promise<Account> {
  const grant = form.get("grant_type");
  if (grant === "password")
    return accounts.signIn(form.get("username") ?? "", form.get("password") ?? "", exchange.address);
  if (grant === "refresh_token") {
    const { kind, id, version } = await tokens.read(form.get("refresh_token") ?? "", "refresh");
    const account = kind === "anonymous" ? undefined : accounts.issued(kind, id, version);
    if (!account) throw wrong("the refresh token's account is gone, disabled or has changed");
    return account;
  }
  throw failure("INVALID", { message: "grant_type must be password or refresh_token" });
}

/** Docker's token server ("Token Authentication Specification" and its OAuth 2 form). */
export function tokenRoutes(services: TokenServices): readonly Route[] {
  return [
    { method: "GET", path: "/token", access: { on: "nothing" }, handle: getToken(services) },
    { method: "POST", path: "/token", access: { on: "nothing" }, handle: postToken(services) },
  ];
}
