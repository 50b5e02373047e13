import { type Client, type ClientOptions, createClient } from "../../api/client/index.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { dialSsh } from "./ssh.ts";

export type { Client };

/** What is sent with every request besides it, and what to do when nothing listens. */
export type ConnectOptions = Pick<ClientOptions, "version" | "headers" | "start">;

/** A client of the engine at an endpoint. Nothing is sent before the first call. */
export function connect(endpoint: Endpoint, options: ConnectOptions = {}): Client {
  if (endpoint.kind === "unix") return createClient({ ...options, socketPath: endpoint.path });
  if (endpoint.kind === "ssh")
    return createClient({ ...options, dial: () => dialSsh(endpoint.url), name: formatEndpoint(endpoint) });
  const { host, port, tls } = endpoint;
  if (tls === undefined) return createClient({ ...options, host, port });
  const { ca, cert, key, verify } = tls;
  return createClient({ ...options, host, port, tls: { ca, cert, key, rejectUnauthorized: verify } });
}
