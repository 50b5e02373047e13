import { nameOf } from "../access/identity.ts";
import { checkPassword, hashPassword } from "../auth/passwords.ts";
import { sessionCookie, setSessionCookie } from "../auth/sessions.ts";
import type { User } from "../auth/users.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { Input } from "./input.ts";
import type { AdminServices } from "./services.ts";

export const userView = ({ name, email, admin, disabled, created, seen }: User) => ({
  name,
  email: email ?? null,
  admin,
  disabled,
  created,
  seen: seen ?? null,
});

/** GET: who is signed in here, and what the page needs to go on. */
function getSession({ accounts, sessions, requireAccount }: AdminServices) {
  return (exchange: Exchange): void => {
    const { identity } = exchange.caller;
    const user = identity.kind === "user" ? accounts.users.get(identity.id) : undefined;
    const session =
      exchange.caller.by === "session"
        ? sessions.find(sessionCookie(exchange.header("cookie")) ?? "")
        : undefined;
    exchange.json(200, {
      user: user ? userView(user) : null,
      identity: nameOf(identity),
      csrf: session?.csrf ?? null,
      open: identity.kind === "open",
      setup: !accounts.users.exist && !requireAccount,
    });
  };
}

function begin({ sessions, secure }: AdminServices, exchange: Exchange, user: User): void {
  const { token, session } = sessions.begin(user, exchange.address);
  const cookie = setSessionCookie(token, secure || exchange.secure);
  exchange.json(
    200,
    { user: userView(user), csrf: session.csrf },
    { "Set-Cookie": cookie, "Cache-Control": "no-store" },
  );
}

/** POST: name and password for a cookie. Only people sign in to the page. */
function signIn(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const input = await Input.of(exchange);
    const account = await services.accounts.signIn(
      input.text("name"),
      input.text("password"),
      exchange.address,
    );
    if (!("user" in account)) throw failure("DENIED", { message: "robots cannot sign in to the page" });
    services.journal.audit.record({
      actor: account.user.name,
      action: "session.begin",
      address: exchange.address,
    });
    begin(services, exchange, account.user);
  };
}

function signOut({ sessions, secure }: AdminServices) {
  return (exchange: Exchange): void => {
    const token = sessionCookie(exchange.header("cookie"));
    if (token) sessions.end(token);
    exchange.empty(204, { "Set-Cookie": setSessionCookie(undefined, secure || exchange.secure) });
  };
}

/** POST /setup: the first account, its owner the registry's administrator. */
function setUp(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { accounts, journal, metadata } = services;
    if (accounts.users.exist || services.requireAccount)
      throw failure("CONFLICT", { message: "the registry has been set up already" });
    const input = await Input.of(exchange);
    const password = input.text("password");
    checkPassword(password);
    const hash = await hashPassword(password);
    const user = metadata.database.transaction(() => {
      if (accounts.users.exist)
        throw failure("CONFLICT", { message: "the registry has been set up already" });
      const made = accounts.users.create(input.text("name"), hash, { admin: true });
      journal.record(exchange, "user.create", { reference: made.name, detail: { admin: true } });
      return made;
    });
    begin(services, exchange, user);
  };
}

/** PUT /account/password: one's own; signs out everywhere else. */
function changePassword(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { accounts, journal, metadata } = services;
    const { identity } = exchange.caller;
    if (identity.kind !== "user") throw failure("DENIED");
    const input = await Input.of(exchange);
    await accounts.signIn(identity.name, input.text("current"), exchange.address);
    const password = input.text("password");
    checkPassword(password);
    const hash = await hashPassword(password);
    metadata.database.transaction(() => {
      accounts.users.setPassword(accounts.users.named(identity.name), hash);
      journal.record(exchange, "user.password", { reference: identity.name });
    });
    if (exchange.caller.by === "session") begin(services, exchange, accounts.users.named(identity.name));
    else exchange.empty(204);
  };
}

export function sessionRoutes(services: AdminServices): readonly Route[] {
  const nobody = { on: "nothing" } as const;
  return [
    { method: "GET", path: "/api/v1/session", access: { on: "listing" }, handle: getSession(services) },
    { method: "POST", path: "/api/v1/session", access: nobody, handle: signIn(services) },
    { method: "DELETE", path: "/api/v1/session", access: { on: "listing" }, handle: signOut(services) },
    { method: "POST", path: "/api/v1/setup", access: nobody, handle: setUp(services) },
    {
      method: "PUT",
      path: "/api/v1/account/password",
      access: { on: "account" },
      handle: changePassword(services),
    },
  ];
}
