import type { Server } from "node:http";
import type { ApiServer } from "../api/index.ts";
import type { Logger } from "../base/log.ts";
import type { Config } from "./config/config.ts";
import { type Address, bind, defaultAddresses, parseHost, passed } from "./listeners.ts";
import { tlsOptions } from "./tls.ts";

const nameOf = (address: Address): string =>
  address.kind === "unix"
    ? `unix://${address.path}`
    : address.kind === "tcp"
      ? `tcp://${address.host}:${address.port}`
      : `fd://${address.fd}`;

/** Sockets that were passed are listened on whatever else is asked for: nobody else answers there. */
function addressesOf(config: Config, descriptors: readonly number[]): readonly Address[] {
  if (!config.hosts) return defaultAddresses(config.execRoot, descriptors);
  const named = config.hosts.flatMap((host) => parseHost(host, config.tls !== undefined, descriptors));
  return named.some(({ kind }) => kind === "fd") ? named : [...passed(descriptors), ...named];
}

/** TLS where the settings ask for it, which is on tcp only. */
const serverFor = async (api: ApiServer, address: Address, tls: Config["tls"]): Promise<Server> =>
  tls && address.kind === "tcp" ? api.createTlsServer(tlsOptions(tls)) : api.createServer();

/**
 * Listens on every configured address with one API; the API's `close` ends them all. `descriptors` are sockets that the
 * service manager passed.
 */
export async function listen(
  config: Config,
  api: ApiServer,
  log: Logger,
  descriptors: readonly number[],
): Promise<readonly Address[]> {
  const bound: Address[] = [];
  for (const address of addressesOf(config, descriptors)) {
    const server = await serverFor(api, address, config.tls);
    if (!(await bind(server, address, config.group))) {
      log.info("another engine has the socket: not listening there", { address: nameOf(address) });
      continue;
    }
    bound.push(address);
    if (address.kind === "tcp" && !config.tls?.verify) {
      log.warn("listening on tcp without client certificates: whoever reaches this port is root", {
        address: nameOf(address),
      });
    }
    log.info("listening", { address: nameOf(address) });
  }
  return bound;
}
