import { type Client, createClient } from "../../api/client/index.ts";
import type { Endpoint } from "./endpoint.ts";

export type { Client };

/** A client of the engine at an endpoint. Nothing is sent before the first call. */
export function connect(endpoint: Endpoint): Client {
  if (endpoint.kind === "unix") return createClient({ socketPath: endpoint.path });
  return createClient({ host: endpoint.host, port: endpoint.port });
}
