import type { NetworkPath, PathBy, PathEndpoint, PathLink, PathPort } from "../../api/schema/network-path.ts";

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

const address = (ip: string, port: number): string =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

const DOWN = ["    │", "    ▼"];

/** "eth0   #2, other end #12   172.17.0.2/16   02:42:ac:11:00:02   mtu 1500" */
function linkLine(link: PathLink, what: string): string {
  const { Name, Index, PeerIndex, MacAddress, Mtu, Up, Addresses } = link;
  const ends = PeerIndex === 0 ? `#${Index}` : `#${Index}, other end #${PeerIndex}`;
  const parts = [Name, ends, what, ...Addresses, MacAddress, `mtu ${Mtu}`, ...(Up ? [] : ["DOWN"])];
  return `  ${parts.filter((part) => part !== "").join("   ")}`;
}

/** Bridge, the host's end of the pair, the namespace's border, the container's end. */
export function drawEndpoint(endpoint: PathEndpoint, sandboxKey: string): readonly string[] {
  const { Bridge, Host, Container } = endpoint;
  return [
    ...(Bridge ? [linkLine(Bridge, "bridge"), "    │"] : []),
    ...(Host ? [linkLine(Host, "veth")] : []),
    ...(Container ? [`    ╎   namespace ${sandboxKey}`, linkLine(Container, "")] : []),
  ];
}

/** Rules from the host's port on, each with what has passed it. */
function drawRules({ Rules }: PathPort): readonly string[] {
  return Rules.flatMap(({ Rule, Packets, Bytes }) => [
    `  ${Rule}`,
    `      ${count(Packets, "packet")}, ${count(Bytes, "byte")}`,
  ]);
}

const BY: Readonly<Record<PathBy, string>> = {
  kernel: "the kernel rewrites",
  engine: "the engine's own process passes on",
  none: "nothing passes on",
};

function portWords({ HostIp, HostPort, Port, Target, By, Loopback }: PathPort): readonly string[] {
  const protocol = Port.split("/")[1] ?? "";
  if (HostPort === 0) return [`${Port}: reached by routing to ${Target}; the host has no port for it.`];
  const lines = [`${Port}: what comes to ${address(HostIp, HostPort)} (${protocol}) ${BY[By]} to ${Target}.`];
  if (By === "kernel" && Loopback === "engine")
    lines.push(`Over the host's loopback ${BY.engine}, and the container sees the bridge as the caller.`);
  if (By === "engine") lines.push("The container sees the bridge's address as the caller.");
  return lines;
}

function drawPort(port: PathPort, via: PathEndpoint | undefined, sandboxKey: string): readonly string[] {
  const start =
    port.HostPort === 0
      ? `  caller, to ${port.Target}`
      : `  caller, to ${address(port.HostIp, port.HostPort)}`;
  const engine = port.By === "engine" ? ["  wharfd (listens on the host's port)", ...DOWN] : [];
  return [
    ...portWords(port),
    "",
    start,
    ...DOWN,
    ...engine,
    ...(port.Rules.length > 0 ? [...drawRules(port), ...DOWN] : []),
    ...(via ? drawEndpoint(via, sandboxKey) : []),
    "",
  ];
}

function outwardWords(endpoint: PathEndpoint): string {
  const { Network, Driver, Gateway, GatewayIPv6, DefaultRoute } = endpoint;
  const gateways = [Gateway, GatewayIPv6].filter((gateway) => gateway !== "");
  if (gateways.length === 0) return `Network ${Network} (${Driver}) leads to its own containers alone.`;
  const by = gateways.join(" and ");
  return DefaultRoute
    ? `Network ${Network} (${Driver}) is the way out: default route by ${by}.`
    : `Network ${Network} (${Driver}) has a gateway, ${by}, that is not the default route.`;
}

/** The way of a container's packets in words and as a drawing: first its networks, then each of its ports. */
export function drawPath(name: string, { SandboxKey, Firewall, Endpoints, Ports }: NetworkPath): string {
  const backend = Firewall === "none" ? "no firewall rules (--iptables=false)" : `rules in ${Firewall}`;
  const where = SandboxKey === "" ? "the host's own network" : `namespace ${SandboxKey}`;
  const via = Endpoints.find(({ DefaultRoute }) => DefaultRoute) ?? Endpoints[0];
  const lines = [
    `${name}: ${where}, ${backend}`,
    "",
    ...Endpoints.flatMap((endpoint) => [outwardWords(endpoint), ...drawEndpoint(endpoint, SandboxKey), ""]),
    ...(Ports.length === 0 ? ["No port is published."] : []),
    ...Ports.flatMap((port) => drawPort(port, via, SandboxKey)),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
