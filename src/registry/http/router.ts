import type { ProjectAction, SystemAction } from "../access/roles.ts";
import { failure } from "./errors.ts";
import type { Exchange } from "./exchange.ts";

/** Who may use a route. */
export type AccessRule =
  /** On the repository `{name}` of the path. */
  | { readonly on: "repository"; readonly action: ProjectAction }
  /** On the project `{project}` of the path. */
  | { readonly on: "project"; readonly action: ProjectAction }
  | { readonly on: "system"; readonly action: SystemAction }
  /** Lists what the caller may see; without an account, what is public. */
  | { readonly on: "listing" }
  | { readonly on: "account" }
  | { readonly on: "nothing" };

export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** One operation of the registry. A route is served, authorised and tested from this. */
export interface Route {
  /** GET serves HEAD too. */
  readonly method: Method;
  /** "/v2/{name}/tags/list"; `{name}` and `{path}` may have slashes. */
  readonly path: string;
  readonly access: AccessRule;
  readonly handle: (exchange: Exchange) => void | Promise<void>;
}

interface Compiled {
  readonly route: Route;
  readonly pattern: RegExp;
}

const WITH_SLASHES = new Set(["name", "path"]);

function compile(path: string): RegExp {
  const source = path
    .replace(/[.*+?^$()|[\]\\]/g, "\\$&")
    .replace(/\{(\w+)\}/g, (_, parameter: string) =>
      WITH_SLASHES.has(parameter) ? `(?<${parameter}>.+)` : `(?<${parameter}>[^/]+)`,
    );
  return new RegExp(`^${source}$`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw failure("INVALID", { message: "the path is not valid percent-encoded UTF-8" });
  }
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds a request's route. Where two fit, the one that stands first in the table wins. */
export class Router {
  readonly #routes: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, pattern: compile(route.path) }));
  }

  get routes(): readonly Route[] {
    return this.#routes.map(({ route }) => route);
  }

  /** Throws NOT_FOUND, or UNSUPPORTED where the path has other methods only. */
  match(method: string, path: string): Match {
    const wanted = method === "HEAD" ? "GET" : method;
    const allowed: string[] = [];
    for (const { route, pattern } of this.#routes) {
      const found = pattern.exec(path);
      if (!found) continue;
      if (route.method === wanted) return { route, params: decodeAll(found.groups ?? {}) };
      allowed.push(...(route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
    }
    if (allowed.length > 0)
      throw failure("UNSUPPORTED", { headers: { Allow: [...new Set(allowed)].join(", ") } });
    throw failure("NOT_FOUND");
  }
}

const decodeAll = (groups: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
