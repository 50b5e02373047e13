import type { QueryParam } from "../routes/query.ts";
import type { AnyRoute, PathParams, Query, Route } from "../routes/route.ts";

type BodyArg<B> = [B] extends [undefined]
  ? unknown
  : undefined extends B
    ? { readonly body?: B }
    : B extends AsyncIterable<Uint8Array>
      ? { readonly body?: B }
      : { readonly body: B };

type QueryArgs<Q extends Query> = { readonly [K in keyof Q]?: Q[K] extends QueryParam<infer T> ? T : never };

/** What a caller gives: path parameters, any query parameters, and the body under `body`. */
export type ClientArgs<T> =
  T extends Route<infer P, infer Q, infer B, infer _K, infer _R>
    ? { readonly [K in PathParams<P>]: string } & QueryArgs<Q> & BodyArg<B>
    : never;

type Values = Readonly<Record<string, unknown>>;

/** Slashes of a name stay: the server's templates match them. */
const encodePath = (name: string): string => name.split("/").map(encodeURIComponent).join("/");

const fillPath = (path: string, args: Values): string =>
  path.replace(/\{([^}:]+)(?::[^}]+)?\}/g, (_all, name: string) => encodePath(String(args[name] ?? "")));

function encodeQuery(route: AnyRoute, args: Values): string {
  const query = new URLSearchParams();
  for (const [name, parameter] of Object.entries(route.query)) {
    if (args[name] === undefined) continue;
    for (const value of parameter.format(args[name])) query.append(name, value);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Path with query, and the JSON body if the route has one. */
export function encodeTarget(
  route: AnyRoute,
  args: Values,
): { readonly path: string; readonly json: string | undefined } {
  const json =
    route.body.kind === "json" && args["body"] !== undefined ? JSON.stringify(args["body"]) : undefined;
  return { path: `${fillPath(route.path, args)}${encodeQuery(route, args)}`, json };
}

export const hasBody = (route: AnyRoute, args: Values): boolean =>
  route.body.kind === "bytes" && args["body"] !== undefined;
