import { isIP } from "node:net";
import { invalidParameter } from "../../base/errors.ts";
import type { HostPort } from "../containers/documents.ts";

/** "80/tcp" and where it is to be reachable: one entry of HostConfig.PortBindings. */
export interface PortWish {
  readonly port: string;
  readonly binding: HostPort;
}

const LONGEST_RANGE = 65535;

/** "8000-8003" -> [8000, 8003]; undefined for what is no range of ports. */
function range(text: string): readonly [number, number] | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first >= 1 && first <= last && last <= LONGEST_RANGE ? [first, last] : undefined;
}

/** "[::1]:8080:80/tcp" -> its parts; an IPv6 address stands in brackets. */
function split(text: string): { ip: string; host: string; container: string; protocol: string } | undefined {
  const match = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)??(?:([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(text);
  if (!match) return undefined;
  const [, six, four, host = "", container = "", protocol = "tcp"] = match;
  return { ip: six ?? four ?? "", host, container, protocol: protocol.toLowerCase() };
}

/**
 * Reads what `docker run -p` takes: `[[ip:][hostPort]:]containerPort[/protocol]`, ports may be ranges. A range of host
 * ports for one container port leaves the choice. Throws invalidParameter in Docker's words.
 */
export function parsePublish(text: string): readonly PortWish[] {
  const parts = split(text);
  const container = parts && range(parts.container);
  if (!parts || !container) throw invalidParameter(`invalid containerPort: ${text}`);
  const { ip, host, protocol } = parts;
  if (ip !== "" && isIP(ip) === 0) throw invalidParameter(`invalid IP address: ${ip}`);
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw invalidParameter(`invalid proto: ${protocol}`);
  const hosts = host === "" ? undefined : range(host);
  if (host !== "" && !hosts) throw invalidParameter(`invalid hostPort: ${host}`);
  const count = container[1] - container[0] + 1;
  const hostCount = hosts ? hosts[1] - hosts[0] + 1 : count;
  if (hostCount !== count && count !== 1)
    throw invalidParameter(
      `invalid ranges specified for container and host Ports: ${parts.container} and ${host}`,
    );
  return Array.from({ length: count }, (_, index) => {
    const own = hosts && (count === 1 ? host : String(hosts[0] + index));
    return { port: `${container[0] + index}/${protocol}`, binding: { HostIp: ip, HostPort: own ?? "" } };
  });
}
