import { invalidParameter } from "../../base/errors.ts";

/** Where an engine listens. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export const DEFAULT_SOCKET = "/run/wharf/wharf.sock";

/** The engine to talk to: what `-H` says, else WHARF_HOST, else DOCKER_HOST, else the default socket. */
export function chooseEndpoint(flag: string | undefined, env: NodeJS.ProcessEnv): Endpoint {
  const host = flag || env["WHARF_HOST"] || env["DOCKER_HOST"];
  return host ? parseEndpoint(host) : { kind: "unix", path: DEFAULT_SOCKET };
}

export function parseEndpoint(host: string): Endpoint {
  const [, scheme, rest = ""] = /^(\w+):\/\/(.*)$/.exec(host) ?? [];
  if (scheme === "unix" && rest.startsWith("/")) return { kind: "unix", path: rest };
  if (scheme === "tcp" && URL.canParse(`http://${rest}`)) {
    const { hostname, port } = new URL(`http://${rest}`);
    return { kind: "tcp", host: hostname, port: Number(port || 2375) };
  }
  throw invalidParameter(`cannot use the host "${host}"; write unix:///path/to/socket or tcp://address:port`);
}

export const formatEndpoint = (endpoint: Endpoint): string =>
  endpoint.kind === "unix" ? `unix://${endpoint.path}` : `tcp://${endpoint.host}:${endpoint.port}`;
