import { isHtpasswdHash, parseHtpasswd } from "../auth/htpasswd.ts";
import { checkPassword, hashPassword } from "../auth/passwords.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { Input } from "./input.ts";
import type { AdminServices } from "./services.ts";
import { userView } from "./session-routes.ts";

function createUser({ accounts, metadata, journal }: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const input = await Input.of(exchange);
    const password = input.text("password");
    checkPassword(password);
    const hash = await hashPassword(password);
    const change = { email: input.optionalText("email"), admin: input.optionalFlag("admin") ?? false };
    const user = metadata.database.transaction(() => {
      const made = accounts.users.create(input.text("name"), hash, change);
      journal.record(exchange, "user.create", { reference: made.name, detail: { admin: made.admin } });
      return made;
    });
    exchange.json(201, userView(user));
  };
}

function changeUser({ accounts, metadata, journal }: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const user = accounts.users.named(exchange.param("user"));
    const input = await Input.of(exchange);
    const change = {
      ...(input.has("email") ? { email: input.optionalText("email") ?? "" } : {}),
      ...(input.has("admin") ? { admin: input.optionalFlag("admin") } : {}),
      ...(input.has("disabled") ? { disabled: input.optionalFlag("disabled") } : {}),
    };
    const changed = metadata.database.transaction(() => {
      journal.record(exchange, "user.change", { reference: user.name, detail: change });
      return accounts.users.update(user, change);
    });
    exchange.json(200, userView(changed));
  };
}

function resetPassword({ accounts, metadata, journal }: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const user = accounts.users.named(exchange.param("user"));
    const password = (await Input.of(exchange)).text("password");
    checkPassword(password);
    const hash = await hashPassword(password);
    metadata.database.transaction(() => {
      accounts.users.setPassword(user, hash);
      journal.record(exchange, "user.password", { reference: user.name });
    });
    exchange.empty(204);
  };
}

function deleteUser({ accounts, metadata, journal }: AdminServices) {
  return (exchange: Exchange): void => {
    const user = accounts.users.named(exchange.param("user"));
    metadata.database.transaction(() => {
      accounts.users.delete(user);
      journal.record(exchange, "user.delete", { reference: user.name });
    });
    exchange.empty(204);
  };
}

/** Takes over the accounts of an htpasswd file; who is there already stays as they are. */
function importHtpasswd({ accounts, metadata, journal }: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const entries = parseHtpasswd((await Input.of(exchange)).text("htpasswd", 200_000));
    if (!entries.every(({ hash }) => isHtpasswdHash(hash))) throw failure("INVALID");
    const made = metadata.database.transaction(() => {
      const fresh = entries.filter(({ name }) => !accounts.users.find(name));
      for (const { name, hash } of fresh) accounts.users.create(name, hash);
      journal.record(exchange, "user.import", { detail: { users: fresh.map(({ name }) => name) } });
      return fresh.map(({ name }) => name);
    });
    exchange.json(200, { created: made, skipped: entries.length - made.length });
  };
}

/** People's accounts, for the registry's administrators. */
export function userRoutes(services: AdminServices): readonly Route[] {
  const access = { on: "system", action: "users" } as const;
  const { users } = services.accounts;
  const list = (exchange: Exchange) => exchange.json(200, { items: users.list().map(userView) });
  const view = (exchange: Exchange) => exchange.json(200, userView(users.named(exchange.param("user"))));
  return [
    { method: "GET", path: "/api/v1/users", access, handle: list },
    { method: "POST", path: "/api/v1/users", access, handle: createUser(services) },
    { method: "POST", path: "/api/v1/users/import", access, handle: importHtpasswd(services) },
    { method: "GET", path: "/api/v1/users/{user}", access, handle: view },
    { method: "PATCH", path: "/api/v1/users/{user}", access, handle: changeUser(services) },
    { method: "DELETE", path: "/api/v1/users/{user}", access, handle: deleteUser(services) },
    { method: "PUT", path: "/api/v1/users/{user}/password", access, handle: resetPassword(services) },
  ];
}
