import type { Access } from "../access/access.ts";
import { type Caller, mayInSystem, nameOf } from "../access/identity.ts";
import type { ProjectAction } from "../access/roles.ts";
import { isRepositoryName, projectOf } from "../distribution/names.ts";
import type { Journal } from "../journal/journal.ts";
import type { Metadata } from "../metadata/metadata.ts";
import { failure, type RegistryError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Route } from "./router.ts";

/** Finds out who is asking. */
export interface Authenticator {
  /** Throws UNAUTHORIZED for credentials that are wrong, TOOMANYREQUESTS for too many of those. */
  authenticate(exchange: Exchange): Promise<Caller>;
  /** The `WWW-Authenticate` that tells a client how to come back. */
  challenge(exchange: Exchange, scope?: string, error?: string): Readonly<Record<string, string>>;
}

export interface Guard {
  readonly authenticator: Authenticator;
  readonly access: Access;
  readonly metadata: Metadata;
  readonly journal: Journal;
}

const SCOPE: Partial<Record<ProjectAction, string>> = {
  pull: "pull",
  push: "pull,push",
  retag: "pull,push",
  delete: "delete",
};

const isApi = (exchange: Exchange): boolean => exchange.path.startsWith("/api/");

/** Lets the request through to the route's handler, or throws what the client is told instead. */
export function authorize(guard: Guard, exchange: Exchange, { access: rule }: Route): void {
  const { identity } = exchange.caller;
  switch (rule.on) {
    case "nothing":
    case "listing":
      return;
    case "account":
      if (identity.kind === "anonymous" && exchange.caller.by !== "bearer")
        throw unauthorized(guard, exchange);
      return;
    case "system":
      if (mayInSystem(identity)) return;
      throw refused(guard, exchange, undefined);
    case "project":
      authorizeProject(guard, exchange, rule.action);
      return;
    case "repository":
      authorizeRepository(guard, exchange, rule.action);
  }
}

function authorizeRepository(guard: Guard, exchange: Exchange, action: ProjectAction): void {
  const name = exchange.param("name");
  if (!isRepositoryName(name)) throw failure("NAME_INVALID", { detail: { name: name.slice(0, 255) } });
  const { caller } = exchange;
  if (guard.access.mayOnRepository(caller, name, action)) return;
  if (isApi(exchange)) {
    authorizeProject(guard, exchange, action, projectOf(name));
    return;
  }
  const scope = `repository:${name}:${SCOPE[action] ?? "pull"}`;
  if (caller.by === "bearer") throw unauthorized(guard, exchange, scope, "insufficient_scope");
  throw refused(guard, exchange, scope);
}

/** A project that somebody must not see does not exist for them. */
function authorizeProject(
  guard: Guard,
  exchange: Exchange,
  action: ProjectAction,
  name = exchange.param("project"),
): void {
  const { identity } = exchange.caller;
  const project = guard.metadata.projects.find(name);
  if (guard.access.may(identity, project, action)) {
    if (project || identity.kind === "open") return;
    throw failure("NOT_FOUND", { message: `there is no project ${name}` });
  }
  if (identity.kind === "anonymous") throw unauthorized(guard, exchange);
  if (!guard.access.may(identity, project, "project:read")) {
    recordRefusal(guard, exchange);
    throw failure("NOT_FOUND", { message: `there is no project ${name}` });
  }
  throw refused(guard, exchange, undefined);
}

function unauthorized(guard: Guard, exchange: Exchange, scope?: string, error?: string): RegistryError {
  const headers = isApi(exchange)
    ? { "WWW-Authenticate": 'Session realm="registry"' }
    : guard.authenticator.challenge(exchange, scope, error);
  return failure("UNAUTHORIZED", { headers });
}

function refused(guard: Guard, exchange: Exchange, scope: string | undefined): RegistryError {
  if (exchange.caller.identity.kind === "anonymous") return unauthorized(guard, exchange, scope);
  recordRefusal(guard, exchange);
  return failure("DENIED");
}

function recordRefusal({ journal }: Guard, exchange: Exchange): void {
  const repository = exchange.param("name") || undefined;
  journal.recordSoon({
    actor: nameOf(exchange.caller.identity),
    address: exchange.address,
    action: `${exchange.method} ${exchange.route}`,
    project: repository ? projectOf(repository) : exchange.param("project") || undefined,
    repository,
    reference: exchange.params["reference"],
    outcome: "denied",
  });
}
