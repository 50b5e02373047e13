import type { PortBinding } from "../../schema/container.ts";
import type { EndpointSettings, NetworkSettings, PortSummary } from "../../schema/container-answer.ts";
import type { ContainerView, EndpointView } from "../ports.ts";

const orNull = <T>(list: readonly T[] | null | undefined): readonly T[] | null =>
  list && list.length > 0 ? list : null;

function addressConfig(config: EndpointView["request"]["IPAMConfig"]): EndpointSettings["IPAMConfig"] {
  if (!config) return null;
  return {
    ...(config.IPv4Address ? { IPv4Address: config.IPv4Address } : {}),
    ...(config.IPv6Address ? { IPv6Address: config.IPv6Address } : {}),
    ...(config.LinkLocalIPs ? { LinkLocalIPs: config.LinkLocalIPs } : {}),
  };
}

export function encodeEndpoint(endpoint: EndpointView): EndpointSettings {
  const { request } = endpoint;
  return {
    IPAMConfig: addressConfig(request.IPAMConfig),
    Links: orNull(request.Links),
    Aliases: orNull(request.Aliases),
    MacAddress: endpoint.macAddress,
    DriverOpts: request.DriverOpts ?? null,
    GwPriority: request.GwPriority ?? 0,
    NetworkID: endpoint.networkId,
    EndpointID: endpoint.endpointId,
    Gateway: endpoint.gateway,
    IPAddress: endpoint.ipv4,
    IPPrefixLen: endpoint.ipv4Prefix,
    IPv6Gateway: endpoint.gateway6,
    GlobalIPv6Address: endpoint.ipv6,
    GlobalIPv6PrefixLen: endpoint.ipv6Prefix,
    DNSNames: orNull(endpoint.dnsNames),
  };
}

export const encodeEndpoints = (view: ContainerView): Readonly<Record<string, EndpointSettings>> =>
  Object.fromEntries(
    Object.entries(view.network.endpoints).map(([name, end]) => [name, encodeEndpoint(end)]),
  );

/** Exposed ports mean something only where a container that is up has a network of its own that leads outside. */
function exposedPorts(view: ContainerView): readonly string[] {
  const up = view.state.status === "running" || view.state.status === "paused";
  const leadsOut = Object.values(view.network.endpoints).some(
    ({ gateway, gateway6 }) => gateway !== "" || gateway6 !== "",
  );
  if (!up || !leadsOut) return [];
  return Object.keys(view.config.ExposedPorts ?? {}).map(withProtocol);
}

/** Clients may leave the usual protocol out: "80" and "80/tcp" are one port. */
const withProtocol = (port: string): string => (port.includes("/") ? port : `${port}/tcp`);

/** `80/tcp` -> where it is published, null when only exposed. */
function portMap(view: ContainerView): Readonly<Record<string, readonly PortBinding[] | null>> {
  const ports: Record<string, PortBinding[] | null> = {};
  for (const key of exposedPorts(view)) ports[key] = null;
  for (const { containerPort, protocol, hostIp, hostPort } of view.network.ports) {
    const key = `${containerPort}/${protocol}`;
    ports[key] = [
      ...(ports[key] ?? []),
      { HostIp: hostIp, HostPort: hostPort === 0 ? "" : String(hostPort) },
    ];
  }
  return ports;
}

// a port's addresses stay in their order, IPv4 before IPv6: `docker compose port` shows the first
const byPort = (a: PortSummary, b: PortSummary): number =>
  a.PrivatePort - b.PrivatePort || a.Type.localeCompare(b.Type);

/** The `PORTS` column's data. */
export function encodePorts(view: ContainerView): readonly PortSummary[] {
  const rows = Object.entries(portMap(view)).flatMap(([key, bindings]): readonly PortSummary[] => {
    const [port = "", Type = "tcp"] = key.split("/");
    const PrivatePort = Number(port);
    if (bindings === null) return [{ PrivatePort, Type }];
    return bindings.map(({ HostIp, HostPort }) => ({
      ...(HostIp ? { IP: HostIp } : {}),
      PrivatePort,
      PublicPort: Number(HostPort),
      Type,
    }));
  });
  return rows.sort(byPort);
}

/** The fields before networks were many show the default bridge's endpoint. */
function legacyFields(endpoint: EndpointView | undefined) {
  return {
    EndpointID: endpoint?.endpointId ?? "",
    Gateway: endpoint?.gateway ?? "",
    GlobalIPv6Address: endpoint?.ipv6 ?? "",
    GlobalIPv6PrefixLen: endpoint?.ipv6Prefix ?? 0,
    IPAddress: endpoint?.ipv4 ?? "",
    IPPrefixLen: endpoint?.ipv4Prefix ?? 0,
    IPv6Gateway: endpoint?.gateway6 ?? "",
    MacAddress: endpoint?.macAddress ?? "",
  };
}

export function encodeNetworkSettings(view: ContainerView): NetworkSettings {
  return {
    Bridge: "",
    SandboxID: view.network.sandboxId,
    SandboxKey: view.network.sandboxKey,
    Ports: portMap(view),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...legacyFields(view.network.endpoints["bridge"]),
    Networks: encodeEndpoints(view),
  };
}
