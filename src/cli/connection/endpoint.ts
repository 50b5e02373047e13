import { invalidParameter } from "../../base/errors.ts";

/** Certificates as PEM, and whether the engine's own is checked. */
export interface EndpointTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify: boolean;
}

/** Where an engine listens. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: EndpointTls }
  /** Through the system's ssh; `target` is what it is given, with flags. */
  | { readonly kind: "ssh"; readonly url: string };

export const DEFAULT_SOCKET = "/run/wharf/wharf.sock";
export const DEFAULT_HOST = `unix://${DEFAULT_SOCKET}`;

export function parseEndpoint(host: string, tls?: EndpointTls): Endpoint {
  const [, scheme, rest = ""] = /^(\w+):\/\/(.*)$/.exec(host) ?? [];
  if (scheme === "unix") return { kind: "unix", path: rest || DEFAULT_SOCKET };
  if (scheme === "ssh" && URL.canParse(host) && new URL(host).hostname !== "")
    return { kind: "ssh", url: host };
  if ((scheme === "tcp" || scheme === "http" || scheme === "https") && URL.canParse(`http://${rest}`)) {
    const { hostname, port } = new URL(`http://${rest}`);
    const secure = tls ?? (scheme === "https" ? { verify: true } : undefined);
    const usual = secure ? 2376 : 2375;
    return { kind: "tcp", host: hostname, port: Number(port || usual), ...(secure ? { tls: secure } : {}) };
  }
  throw invalidParameter(`invalid bind address format: ${host}`);
}

export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === "unix") return `unix://${endpoint.path}`;
  if (endpoint.kind === "ssh") return endpoint.url;
  return `tcp://${endpoint.host}:${endpoint.port}`;
}
