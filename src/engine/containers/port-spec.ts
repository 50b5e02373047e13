import { isIP } from "node:net";
import { invalidParameter } from "../../base/errors.ts";
import type { PortRequest, SandboxRequest } from "../../network/index.ts";
import type { ContainerConfig, HostConfig, HostPort } from "./documents.ts";

const PROTOCOLS = ["tcp", "udp", "sctp"] as const;
type Protocol = (typeof PROTOCOLS)[number];

function portNumber(text: string, whole: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number <= 65535) return number;
  throw invalidParameter(`invalid port specification: "${whole}"`);
}

/** "80/tcp" or "80". */
export function parsePort(text: string): { readonly port: number; readonly protocol: Protocol } {
  const [number = "", name = "tcp", ...rest] = text.split("/");
  const protocol = PROTOCOLS.find((known) => known === name.toLowerCase());
  const port = portNumber(number, text);
  if (!protocol || rest.length > 0 || port === 0)
    throw invalidParameter(`invalid port specification: "${text}"`);
  return { port, protocol };
}

/** "", "8080" or "8000-8010": first and last. */
function hostRange(text: string): readonly [number, number] {
  if (text === "") return [0, 0];
  const [first = "", last = first, ...rest] = text.split("-");
  const range = [portNumber(first, text), portNumber(last, text)] as const;
  if (rest.length > 0 || range[0] > range[1]) throw invalidParameter(`invalid port specification: "${text}"`);
  return range;
}

function request(port: string, { HostIp = "", HostPort: hostPort = "" }: HostPort): PortRequest {
  const { port: containerPort, protocol } = parsePort(port);
  const hostIp = HostIp.replace(/^\[(.*)\]$/, "$1");
  if (hostIp !== "" && isIP(hostIp) === 0)
    throw invalidParameter(`invalid IP address in port binding: "${HostIp}"`);
  const [first, last] = hostRange(hostPort);
  return { hostIp, hostPort: first, hostPortEnd: last, containerPort, protocol };
}

/** An image may name a range among its exposed ports ("7000-7010/tcp"), which Docker never opens either. */
const withoutRanges = (ports: readonly string[]): readonly string[] =>
  ports.filter((text) => /^\d+(\/\w+)?$/.test(text));

/** Ports with their protocols: "80" and "80/tcp" are one. */
const wholeNames = (ports: readonly string[]): Set<string> =>
  new Set(ports.map(parsePort).map(({ port, protocol }) => `${port}/${protocol}`));

/**
 * Every binding asked for, and any free port for the exposed ones that have none: all of them with PublishAllPorts, else
 * those that are named with an empty list.
 */
export function portRequests(config: ContainerConfig, host: HostConfig): readonly PortRequest[] {
  const bindings = Object.entries(host.PortBindings ?? {});
  const asked = bindings.flatMap(([port, list]) => (list ?? []).map((binding) => request(port, binding)));
  const bound = new Set(asked.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`));
  const exposed = wholeNames(withoutRanges(Object.keys(config.ExposedPorts ?? {})));
  const wanted = host.PublishAllPorts
    ? exposed
    : exposed.intersection(wholeNames(Object.keys(host.PortBindings ?? {})));
  return [...asked, ...[...wanted.difference(bound)].map((port) => request(port, {}))];
}

/** Ports of the container that others may know of: exposed or published ones. */
export function exposedPorts(config: ContainerConfig, host: HostConfig): SandboxRequest["exposed"] {
  const texts = [...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(host.PortBindings ?? {})];
  return [...wholeNames(withoutRanges(texts))].map(parsePort);
}
